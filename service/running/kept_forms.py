"""Deletes forms that were kept for somebody whose session had ended and that nobody came back for."""

import threading
import time

from service.store import Store

SWEEP_SECONDS = 60.0


class KeptFormSweep:
    """Beside the worker: once a minute."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._swept_at = float("-inf")

    def step(self, _stop: threading.Event | None = None) -> bool:
        """Delete what has lain for more than an hour, if it is time; never reason to call at once."""
        if time.monotonic() - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self.store.kept_forms.drop_old()
        return False
