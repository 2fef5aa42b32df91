"""Limit on concurrent uploads in this process."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class TooManyUploads(Exception):
    """The limit on uploads is reached; ``of_key``: whether it is the limit per key."""

    def __init__(self, most: int, of_key: bool) -> None:
        super().__init__(f"{most} uploads are already in progress")
        self.most, self.of_key = most, of_key


class Uploads:
    """Counter of the uploads in progress; thread-safe.

    Args:
        most: limit for all keys together.
        most_of_key: limit for each key.
    """

    def __init__(self, most: int, most_of_key: int) -> None:
        self._most, self._most_of_key = most, most_of_key
        self._lock = threading.Lock()
        self._by_key: Counter[str] = Counter()

    @contextmanager
    def one_more(self, key: str) -> Iterator[None]:
        """Count an upload of a key while the block runs. Raises :class:`TooManyUploads`."""
        with self._lock:
            if self._by_key[key] >= self._most_of_key:
                raise TooManyUploads(self._most_of_key, of_key=True)
            if self._by_key.total() >= self._most:
                raise TooManyUploads(self._most, of_key=False)
            self._by_key[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._by_key[key] -= 1
                if not self._by_key[key]:
                    del self._by_key[key]
