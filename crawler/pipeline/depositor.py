"""Deposits listings in the store, or in a spool file if the store refuses them."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from crawler.pipeline.spool import LineFile, Spooled, read_spool, write_spool
from service.store import Arrival

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

GIVE_UP_AFTER = 3
"""Consecutive failures after which the rest of a run goes straight to the spool."""


class StoreLike(Protocol):
    """What the crawler needs of the store."""

    def deposit_all(self, arrivals: Sequence[Arrival]) -> Any: ...

    def close(self) -> None: ...


class Depositor:
    """Deposits listings; none is lost if the store is locked, unreachable or full."""

    def __init__(self, open_store: Callable[[], StoreLike] | None, spool: LineFile) -> None:
        self._open = open_store
        self._store: StoreLike | None = None
        self._failures = 0
        self.spool = spool
        self.reason = ""
        """Why the last listing was refused."""

    def deposit_all(self, records: Sequence[Spooled]) -> list[bool | Exception]:
        """Deposit records; return for each whether the store took it, or else the exception.

        They are deposited in one transaction, or one by one if that fails. Refused records go to the spool;
        ``OSError`` if that fails too.
        """
        if self._open is not None and len(records) > 1 and not self._failures:
            try:
                self._store = self._store or self._open()
                self._store.deposit_all([_arrival(record) for record in records])
            except Exception as error:
                # A single record may be at fault; the others must not wait for it.
                log.info("the store did not take %d listings at once: %s", len(records), error)
            else:
                return [True] * len(records)
        answers: list[bool | Exception] = []
        for record in records:
            try:
                answers.append(self.deposit(record))
            except OSError as error:
                answers.append(error)
        return answers

    def deposit(self, record: Spooled) -> bool:
        """Deposit a record; return whether the store took it.

        If not, it is spooled; ``OSError`` if that fails.
        """
        if self._open is None:
            return True
        if self._failures < GIVE_UP_AFTER:
            try:
                self._store = self._store or self._open()
                self._store.deposit_all([_arrival(record)])
            except Exception as error:
                # Whatever the store's error, the listing must survive it.
                self._failures += 1
                self.reason = str(error) or type(error).__name__
                log.warning("the store did not take %s: %s", record.listing.id, self.reason)
            else:
                self._failures = 0
                return True
        self.spool.add(record)
        return False

    def ask(self, question: Callable[[Any], Answer]) -> Answer | None:
        """Query or change the store; ``None`` without a store, or if it fails."""
        if self._open is None or self._failures >= GIVE_UP_AFTER:
            return None
        try:
            self._store = self._store or self._open()
            return question(self._store)
        except Exception as error:
            # These queries only save work, or can be repeated at the next visit.
            log.warning("the store did not answer: %s", error)
            return None

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None


def redeposit(path: Path, store: StoreLike) -> tuple[int, list[str]]:
    """Deposit every record of a spool or ``listings.jsonl`` file.

    Returns how many the store took, and the errors of the others. A spool is reduced to the remaining
    records, and deleted once empty; a ``listings.jsonl`` is left unchanged. Raises ``OSError`` if the file
    cannot be read.
    """
    taken = 0
    problems: list[str] = []
    left: list[Spooled] = []
    damaged = False
    for number, record in read_spool(path):
        if isinstance(record, str):
            problems.append(f"line {number}: {record}")
            damaged = True
            continue
        try:
            store.deposit_all([_arrival(record)])
            taken += 1
        except Exception as error:
            problems.append(f"line {number}: {record.listing.id}: {error}")
            left.append(record)
    if path.name.startswith("spool-") and not damaged:
        write_spool(path, left)
    return taken, problems


def _arrival(record: Spooled) -> Arrival:
    return Arrival(
        record.listing,
        record.captures,
        record.source,
        record.seen,
        record.pictures,
        record.pictures_complete,
    )
