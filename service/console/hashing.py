"""How many passwords are checked at the same time."""

import threading

turns = threading.BoundedSemaphore(2)
"""Argon2 takes 64 MiB each time: a flood of passwords must not take all memory."""
