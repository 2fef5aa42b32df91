"""Writes files: private permissions, atomic replacement, locks. Imports no other package of the project."""
