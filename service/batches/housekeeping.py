"""Deletes expired files of batches and leftovers of interrupted uploads."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from service.batches.folder import BatchFolder
from service.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
STRAY_SECONDS = 24 * 3600.0
"""Age from which an unchanged folder without a batch is not an upload in progress."""


class Housekeeping:
    """Periodic cleanup of the folder of batches; several workers may run it at once."""

    def __init__(
        self, store: Store, folder: BatchFolder, kept: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._folder, self._kept, self._clock = store, folder, kept, clock
        self._next = 0.0

    def when_due(self) -> None:
        """Clean up at the first call, and then every ten minutes.  Raises ``StoreError``."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        try:
            self.tidy()
        except OSError as error:
            log.error("the folder of batches cannot be cleaned up: %s", error)

    def tidy(self) -> None:
        """Delete what has expired.  A folder that cannot be deleted is retried next time."""
        for name in self._store.batches.expire(self._clock() - self._kept):
            log.info("batch %s has expired", name)
            self._drop(name)
        strays = list(self._folder.older_than(STRAY_SECONDS))
        needed = self._store.batches.with_files(strays)
        for name in strays:
            if name not in needed:
                self._drop(name)

    def _drop(self, name: str) -> None:
        try:
            self._folder.drop(name)
        except OSError as error:
            log.error("the folder of batch %s cannot be deleted: %s", name, error.strerror)
