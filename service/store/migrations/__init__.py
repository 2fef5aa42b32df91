"""Alembic's environment and schema revisions."""
