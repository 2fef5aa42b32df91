"""Asking time stamp authorities, and what waits for them."""
