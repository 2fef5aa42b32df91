"""Background threads."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(run: Callable[[threading.Event], None], stop: threading.Event, name: str) -> Iterator[None]:
    """Call ``run`` with ``stop`` in a thread while the block runs; then set ``stop`` and join it."""
    thread = threading.Thread(target=run, args=(stop,), name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
