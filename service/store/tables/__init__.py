"""SQLAlchemy table definitions."""
