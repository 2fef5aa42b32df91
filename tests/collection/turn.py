"""In CI the first of several workers collects the tests before the others, which then find its modules compiled.

Nothing is compiled in a new checkout with new packages. Workers that start together would each compile the same
8,000 modules.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 600.0
"""Seconds after which a worker no longer waits: the first one has crashed."""


def mark_in(temporary: str) -> Path:
    """Return the file that is there once the first worker has collected.

    ``temporary`` is a worker's own temporary folder. It lies in that of the run, which pytest deletes after
    a few runs.
    """
    return Path(temporary).parent / "collected"


@contextmanager
def first_worker_first(worker: str, temporary: str | None, patience: float = PATIENCE) -> Iterator[None]:
    """Let the block of the other workers begin after that of ``gw0``, in CI."""
    if not worker or temporary is None or not os.environ.get("CI"):
        yield
        return
    collected = mark_in(temporary)
    if worker == "gw0":
        try:
            yield
        finally:
            collected.touch()
    else:
        deadline = time.monotonic() + patience
        while not collected.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield
