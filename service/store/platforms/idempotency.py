"""Idempotent requests: each ``Idempotency-Key`` is processed once, and retries get the same answer.

A request reserves its key before it does anything, and its answer is stored in the transaction that does the
work. A concurrent retry finds the reservation, and one after a crash finds either the answer or an expired
reservation.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.tables.api_tables import IdempotencyRecord

KEPT_FOR: Final = timedelta(hours=48)
LEASE: Final = timedelta(seconds=60)
"""Lifetime of a reservation: longer than any request takes, lock waits included."""

T = TypeVar("T")
Then = Callable[[Session, T], None]
"""A callback with a result, run in the transaction that made it."""


def nothing(_session: Session, _result: object) -> None:
    """A :data:`Then` that does nothing."""


class KeyReused(ValueError):
    """The same key came with another request."""


class InFlight(Exception):
    """The same request is in progress; retry after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"the same request is in progress: retry in {seconds} s")
        self.seconds = seconds


class Superseded(Exception):
    """The reservation expired and another attempt replaced it: nothing may be stored."""


@dataclass(frozen=True)
class Reserved:
    """The reservation of a key by one request."""

    id: int
    token: str


class IdempotencyRepository(Repository):
    """Repository of reservations and stored answers, by API key and idempotency key."""

    def recall(self, api_key_id: int, key: str, request_sha256: str) -> dict[str, Any] | None:
        """The stored answer, or ``None``. Raises :class:`KeyReused` for another request."""
        query = select(IdempotencyRecord).where(*_stored(api_key_id, key))
        with self.database.reading() as session:
            row = session.scalars(query).first()
        _same(row, request_sha256)
        return None if row is None or row.token is not None else row.answer

    def holds(self, api_key_id: int, key: str) -> bool:
        """Whether an answer is stored under a key, to whatever request."""
        answered = IdempotencyRecord.token.is_(None)
        query = select(IdempotencyRecord.id).where(*_stored(api_key_id, key), answered)
        with self.database.reading() as session:
            return session.scalars(query).first() is not None

    def reserve(self, api_key_id: int, key: str, request_sha256: str) -> dict[str, Any] | Reserved:
        """Reserve a key for a request, or return the stored answer.

        Raises :class:`KeyReused` for another request, :class:`InFlight` while the same one is in progress.
        Deletes answers older than two days.
        """
        try:
            return self._reserve(api_key_id, key, request_sha256)
        except IntegrityError:
            # PostgreSQL: another process reserved the key between our lookup and our insert.
            return self._reserve(api_key_id, key, request_sha256)

    def release(self, reserved: Reserved) -> None:
        """Release a key under which nothing was done."""
        with self.database.writing() as session:
            session.execute(delete(IdempotencyRecord).where(*_ours(reserved)))

    def _reserve(self, api_key_id: int, key: str, request_sha256: str) -> dict[str, Any] | Reserved:
        token = secrets.token_hex(16)
        with self.database.writing() as session:
            row = _row(session, api_key_id, key)
            _same(row, request_sha256)
            moment = now()  # after any wait for locks
            if row is None:
                row = IdempotencyRecord(
                    api_key_id=api_key_id,
                    key=key,
                    request_sha256=request_sha256,
                    answer={},
                    created_at=moment,
                )
                session.add(row)
            elif row.token is None or row.reserved_until is None:
                return row.answer
            # A reservation that seems to hold much longer was made before the clock was turned back.
            elif moment < row.reserved_until <= moment + 2 * LEASE:
                waited = LEASE - (row.reserved_until - moment)
                raise InFlight(max(1, ceil(waited.total_seconds())))
            row.token, row.reserved_until = token, moment + LEASE
            session.flush()
            return Reserved(row.id, token)


def settle(session: Session, reserved: Reserved, answer: dict[str, Any]) -> None:
    """Store the answer of a reserved request in the transaction that processed it.

    Raises :class:`Superseded`, which must roll back the transaction.
    """
    kept = session.execute(
        update(IdempotencyRecord)
        .where(*_ours(reserved))
        .values(answer=answer, token=None, reserved_until=None, created_at=now())
        .returning(IdempotencyRecord.id)
    ).first()
    if kept is None:
        raise Superseded


def keep_in(session: Session, api_key_id: int, key: str, request_sha256: str, answer: dict[str, Any]) -> bool:
    """Store an answer without a reservation, in the caller's transaction; whether the key was free."""
    if _row(session, api_key_id, key) is not None:
        return False
    session.add(
        IdempotencyRecord(api_key_id=api_key_id, key=key, request_sha256=request_sha256, answer=answer)
    )
    session.flush()
    return True


def _row(session: Session, api_key_id: int, key: str) -> IdempotencyRecord | None:
    """The row of a key, locked; expired rows are deleted."""
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now() - KEPT_FOR))
    query = select(IdempotencyRecord).where(
        IdempotencyRecord.api_key_id == api_key_id, IdempotencyRecord.key == key
    )
    return session.scalars(query.with_for_update()).first()


def _stored(api_key_id: int, key: str) -> list[ColumnElement[bool]]:
    """The conditions for the row of a key that has not expired."""
    return [
        IdempotencyRecord.api_key_id == api_key_id,
        IdempotencyRecord.key == key,
        IdempotencyRecord.created_at >= now() - KEPT_FOR,
    ]


def _same(row: IdempotencyRecord | None, request_sha256: str) -> None:
    if row is not None and row.request_sha256 != request_sha256:
        raise KeyReused("this Idempotency-Key was used before for another request: use a new key")


def _ours(reserved: Reserved) -> tuple[Any, Any]:
    return IdempotencyRecord.id == reserved.id, IdempotencyRecord.token == reserved.token
