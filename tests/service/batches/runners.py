"""Batch runners for tests: with an adjustable clock, and with a failing or slow model."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from labels.schema import Assessment, Listing
from service.batches.running import BatchRunner
from service.store import Store
from service.store.database.columns import now
from service.store.tables.batch_tables import Batch, BatchChunk

Lines = Callable[[Batch], list[dict[str, Any]]]
State = Callable[[Batch], Batch]


class Clock:
    """A clock that can be advanced."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> Any:
        return now() + self.ahead


def finish(runner: BatchRunner) -> int:
    """Process everything that is waiting; returns the number of chunks."""
    stop = threading.Event()
    chunks = 0
    while runner.step(stop):
        chunks += 1
    return chunks


class Slow:
    """A model that loses its lease to another worker while it reads."""

    model_id = "slow"

    def __init__(self, classify: Callable[[Sequence[Listing]], list[Assessment]], meanwhile: Any) -> None:
        self._classify, self._meanwhile = classify, meanwhile

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        meanwhile()
        return self._classify(listings)


class Choosy:
    """A model that fails on one of the listings."""

    model_id = "choosy"

    def __init__(self, classify: Callable[[Sequence[Listing]], list[Assessment]]) -> None:
        self._classify = classify

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        if any(listing.id == "n2" for listing in listings):
            raise ValueError("cannot read: คำลับเฉพาะ")
        return self._classify(listings)


def chunks_of(store: Store) -> list[BatchChunk]:
    with store.database.reading() as session:
        return list(session.query(BatchChunk).order_by(BatchChunk.number))
