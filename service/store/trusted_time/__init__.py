"""Time stamps of others (RFC 3161) over the audit trail and the evidence: queued, kept and checked."""
