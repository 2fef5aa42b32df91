"""Secrets that lie sealed in the database, and what a new secret key means for them."""
