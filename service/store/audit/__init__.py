"""The audit trail: a chain of hashes, its actions and the names in it."""
