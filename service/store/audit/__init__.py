"""The audit trail: a hash chain, its actions, and the names that appear in it."""
