"""People who log in: accounts, sessions, second factor."""
