"""Bound on concurrent password hashing."""

import threading

turns = threading.BoundedSemaphore(2)
"""Argon2 takes 64 MiB each time: a flood of passwords must not take all memory."""
