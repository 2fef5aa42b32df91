"""Polling a batch and splitting its result into lines, for both clients."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from service.batches.shapes import BatchLine, BatchStatus
from service.client.errors import NotDoneInTime, RuthanError, plain_errors

BLOCK = 2**18
"""Bytes of a file sent at a time."""


class Waiting:
    """Polls a batch for at most ``patience`` seconds."""

    @plain_errors()
    def __init__(self, patience: float | None) -> None:
        self._deadline = None if patience is None else time.monotonic() + patience
        self._pause = 0.5

    def pause_after(self, found: BatchStatus) -> float | None:
        """Seconds until the next poll; ``None`` once the batch has ended.

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
    """Splits a result that arrives in blocks into lines; unlike ``splitlines``, at line feeds only."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, block: bytes) -> Iterator[BatchLine]:
        """Return the lines that end in this block."""
        *whole, self._rest = (self._rest + block).split(b"\n")
        yield from map(BatchLine.model_validate_json, whole)

    def rest(self) -> Iterator[BatchLine]:
        """Return the last line if it has no line feed."""
        if self._rest:
            yield BatchLine.model_validate_json(self._rest)


@contextmanager
def arriving(batch_id: str) -> Iterator[None]:
    """Turn a truncated result into an error that says so."""
    with plain_errors():
        try:
            yield
        except httpx.TransportError as error:
            raise RuthanError(f"the result of {batch_id} did not arrive completely: {error}") from error
