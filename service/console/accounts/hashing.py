"""Bound on concurrent password hashing."""

import threading

turns = threading.BoundedSemaphore(2)
"""Argon2 uses 64 MiB per hash: a flood of logins must not exhaust memory."""
