"""Locks between processes on open files. The operating system releases them when the file is closed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from filelock import lock_descriptor

from labels.files.private import open_bytes

_POLL = 0.05


class LockHeld(OSError):
    """Another process has the lock."""


def lock(file: IO[Any]) -> None:
    """Wait for the lock of an open file.  Raises ``OSError`` on a file system without locks."""
    lock_descriptor(file.fileno())


def try_lock(file: IO[Any]) -> bool:
    """Acquire the lock of an open file unless another process holds it; returns whether it was free.

    Raises ``OSError`` on a file system without locks.
    """
    return lock_descriptor(file.fileno(), blocking=False)


@contextmanager
def alone(path: Path, seconds: float | None = None) -> Iterator[None]:
    """Only one process at a time is in here; ``path`` is made for it and stays.

    Waits at most ``seconds``, or as long as it takes.  Raises :class:`LockHeld`, and other ``OSError``.
    """
    with open_bytes(path, "ab") as file:
        until = None if seconds is None else time.monotonic() + seconds
        while not try_lock(file):
            if until is not None and time.monotonic() >= until:
                raise LockHeld(f"another process holds {path}")
            time.sleep(_POLL)
        yield
