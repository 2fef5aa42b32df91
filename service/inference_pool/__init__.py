"""Sharing one model among all requests."""
