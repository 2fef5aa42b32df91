"""Reads the pictures of listings and keeps what was read."""
