"""Pages for logging in and for accounts."""
