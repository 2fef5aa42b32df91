"""Notices and questions between colleagues about cases."""
