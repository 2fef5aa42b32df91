"""The grounds of decisions and draft checks, and their wording."""
