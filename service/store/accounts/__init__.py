"""Accounts, sessions and the second factor."""
