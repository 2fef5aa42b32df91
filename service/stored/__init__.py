"""Stored pages for safe viewing: decoded correctly, with nothing that runs or loads."""
