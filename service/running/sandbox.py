"""The sandbox: a separate database in which integrators try the API."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.inference_pool.assessor import Assessor
from service.running.indexing import index_some
from service.running.worker import WorkerReport, assess
from service.settings import Settings
from service.store import Store, open_store

AT_ONCE = 4
"""Listings of the sandbox assessed before real ones get their turn again."""


@dataclass(frozen=True)
class Sandbox:
    """The open store of the sandbox, and its settings."""

    store: Store
    settings: Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Sandbox | None]:
    """Open the sandbox of these settings, if they have one, while the block runs.

    Raises :class:`~service.store.StoreError`.
    """
    own = settings.for_sandbox()
    if own is None:
        yield None
        return
    with open_store(own.database.url, own.database.busy_timeout_seconds) as store:
        yield Sandbox(store, own)


class SandboxWork:
    """The sandbox's background work, done in small steps between the real work."""

    def __init__(self, store: Store, assessor: Assessor, batches: Callable[[threading.Event], bool]) -> None:
        self._store, self._assessor, self._batches = store, assessor, batches
        self._report = WorkerReport()

    def step(self, stop: threading.Event) -> bool:
        """Do one step of work; returns whether there was any.  Raises :class:`~service.store.StoreError`."""
        indexed = index_some(self._store)
        exclude = self._report.failed
        with self._store.reservations.reserve(self._assessor.model_id, AT_ONCE, exclude=exclude) as found:
            if found:
                assess(self._store, self._assessor, found, self._report, stop)
        return self._batches(stop) or bool(found) or bool(indexed)
