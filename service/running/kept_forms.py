"""Deletes expired forms that were saved when a session ended."""

import threading
import time

from service.store import Store

SWEEP_SECONDS = 60.0


class KeptFormSweep:
    """Background job of the worker, once a minute."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._swept_at = float("-inf")

    def step(self, _stop: threading.Event | None = None) -> bool:
        """Delete forms older than an hour, if due; returns ``False``, as there is never more to do."""
        if time.monotonic() - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self.store.kept_forms.drop_old()
        return False
