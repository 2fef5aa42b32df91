"""Third-party time stamps (RFC 3161) of the audit trail and the evidence: queued, stored, verified."""
