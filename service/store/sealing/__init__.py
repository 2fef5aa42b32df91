"""Encrypted secrets in the database, and their re-encryption after a change of the secret key."""
