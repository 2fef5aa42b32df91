"""In CI the first of several workers collects the tests before the others, which then find its modules compiled.

Nothing is compiled in a new checkout with new packages. Workers that start together would each compile the same
8,000 modules.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 600.0
"""Seconds after which a worker no longer waits: the first one has crashed."""


def folder_of(run: str) -> Path:
    """Return the folder that is there once the first worker of a run has collected."""
    return Path(tempfile.gettempdir()) / f"collected-{run}"


@contextmanager
def first_worker_first(worker: str, run: str, patience: float = PATIENCE) -> Iterator[None]:
    """Let the block of the other workers begin after that of ``gw0``, in CI."""
    collected = folder_of(run)
    if not run or not os.environ.get("CI"):
        yield
    elif worker == "gw0":
        try:
            yield
        finally:
            collected.mkdir()
    else:
        deadline = time.monotonic() + patience
        while not collected.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield
