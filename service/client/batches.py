"""What both clients need to follow a batch: how long to wait for it, and the lines of its result."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from service.batches.shapes import BatchLine, BatchStatus
from service.client.errors import NotDoneInTime, RuthanError, plain_errors

BLOCK = 2**18
"""Bytes of a file that are sent at a time."""


class Waiting:
    """Waiting for a batch, for at most ``patience`` seconds."""

    def __init__(self, patience: float | None) -> None:
        self._deadline = None if patience is None else time.monotonic() + patience
        self._pause = 0.5

    def pause_after(self, found: BatchStatus) -> float | None:
        """Seconds until the batch is to be looked at again; ``None`` once it has ended.

        Raises :class:`NotDoneInTime`.
        """
        if found.state not in ("waiting", "running"):
            return None
        if self._deadline is not None and time.monotonic() + self._pause > self._deadline:
            worked = found.done + found.rejected
            raise NotDoneInTime(f"batch {found.id}: {worked} of {found.received} lines are done")
        pause, self._pause = self._pause, min(self._pause * 1.5, 15.0)
        return pause


class ResultLines:
    """The lines of a result that arrives in blocks; unlike ``splitlines``, split at line feeds only."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, block: bytes) -> Iterator[BatchLine]:
        """The lines that end in this block."""
        *whole, self._rest = (self._rest + block).split(b"\n")
        yield from map(BatchLine.model_validate_json, whole)

    def rest(self) -> Iterator[BatchLine]:
        """The last line, if nothing ends it."""
        if self._rest:
            yield BatchLine.model_validate_json(self._rest)


@contextmanager
def arriving(batch_id: str) -> Iterator[None]:
    """While a result arrives: an end before its time is an error that says so."""
    with plain_errors():
        try:
            yield
        except httpx.TransportError as error:
            raise RuthanError(f"the result of {batch_id} did not arrive completely: {error}") from error
