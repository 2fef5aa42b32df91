"""Batches: creating, listing, and expiring them after their retention period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.cursors import PROBLEM, pack, unpack
from service.store.database.errors import BadCursor, StoreError
from service.store.database.repository import Repository
from service.store.database.row_ids import is_row_id
from service.store.index.pages import Page
from service.store.platforms.events import queue_batch_ended
from service.store.platforms.idempotency import keep_in
from service.store.tables.api_tables import ApiKey
from service.store.tables.batch_tables import UNFINISHED, Batch, BatchChunk, BatchState

RECENT = 20
"""Number of recent chunks that the rate is measured over."""
STANDSTILL = timedelta(minutes=5)
"""Without a finished chunk for this long, no rate is reported."""


class TooManyBatches(StoreError, ValueError):
    """The tenant has reached its maximum number of unfinished batches."""


class KeyRevoked(StoreError, ValueError):
    """The API key was revoked while the file arrived."""


class KeyAlreadyUsed(Exception):
    """A request with the same ``Idempotency-Key`` was processed before."""


@dataclass(frozen=True)
class Part:
    """A range of a file: ``length`` bytes from byte ``start``, holding ``lines`` records."""

    first_line: int
    start: int
    length: int
    lines: int


@dataclass(frozen=True)
class IdempotentRequest:
    """An ``Idempotency-Key``, the digest of its request, and the answer to store."""

    key: str
    request_sha256: str
    answer: dict[str, Any]


class BatchRepository(Repository):
    """Repository of batches."""

    def create(
        self,
        key: ApiKey,
        batch: Batch,
        parts: Sequence[Part],
        most: int,
        once: IdempotentRequest | None = None,
    ) -> None:
        """Store a batch whose file is already on disk.

        Raises :class:`TooManyBatches`, :class:`KeyRevoked`, and :class:`KeyAlreadyUsed` if ``once.key`` was
        used before; then nothing is created.
        """
        try:
            with self.database.writing() as session:
                take_turn(session)  # a revocation comes before this batch, or finds it
                sender = session.get(ApiKey, key.id)
                if sender is None or sender.revoked_at is not None:
                    raise KeyRevoked(f"the key {key.name!r} is revoked")
                if once and not keep_in(session, key.id, once.key, once.request_sha256, once.answer):
                    raise KeyAlreadyUsed
                if _unfinished(session, key) >= most:
                    raise TooManyBatches(f"there are {most} unfinished batches already")
                session.add(batch)
                session.flush()
                rows = [
                    {
                        "batch_id": batch.id,
                        "number": number,
                        "first_line": part.first_line,
                        "start": part.start,
                        "length": part.length,
                        "lines": part.lines,
                        "attempts": 0,
                        "lease_until": batch.created_at,
                        "result_bytes": 0,
                    }
                    for number, part in enumerate(parts)
                ]
                session.execute(insert(BatchChunk), rows)
                detail = {"format": batch.format, "received": batch.received, "ingest": batch.ingest}
                append(
                    session,
                    audit_names.key(key.name),
                    AuditAction.BATCH_CREATE,
                    audit_names.batch(batch.name),
                    detail,
                )
        except IntegrityError as error:
            if once is None:
                raise
            # PostgreSQL: the other request committed between lookup and insert.
            raise KeyAlreadyUsed from error

    def unfinished(self, key: ApiKey) -> int:
        """The number of unfinished batches of a key's tenant."""
        with self.database.reading() as session:
            return _unfinished(session, key)

    def find(self, name: str, tenant_id: int | None) -> Batch | None:
        """The batch with this name, if it belongs to the tenant; ``None`` as tenant matches any."""
        query = select(Batch).where(Batch.name == name)
        if tenant_id is not None:
            query = query.where(_of_tenant(tenant_id))
        with self.database.reading() as session:
            return session.scalars(query).first()

    def get(self, batch_id: int) -> Batch | None:
        """Return the batch with this number, or ``None``."""
        with self.database.reading() as session:
            return session.get(Batch, batch_id)

    def page(self, tenant_id: int | None, cursor: str | None = None, limit: int = 50) -> Page[Batch]:
        """One page of a tenant's batches (with ``None``, of all tenants), newest first.

        Raises :class:`~service.store.database.errors.BadCursor`.
        """
        query = select(Batch).order_by(Batch.id.desc()).limit(limit + 1)
        if tenant_id is not None:
            query = query.where(_of_tenant(tenant_id))
        if cursor:
            (after,) = unpack(cursor, 1)
            if not isinstance(after, int) or isinstance(after, bool) or not is_row_id(after):
                raise BadCursor(PROBLEM)
            query = query.where(Batch.id < after)
        with self.database.reading() as session:
            rows = list(session.scalars(query))
        if len(rows) <= limit:
            return Page(rows, None)
        return Page(rows[:limit], pack(rows[limit - 1].id))

    def pace(self, batch: Batch, moment: datetime) -> float | None:
        """Lines per second over the newest chunks; ``None`` if there is too little data."""
        if batch.state != BatchState.RUNNING.value:
            return None
        query = (
            select(BatchChunk.finished_at, BatchChunk.lines)
            .where(BatchChunk.batch_id == batch.id, BatchChunk.finished_at.is_not(None))
            .order_by(BatchChunk.finished_at.desc(), BatchChunk.id.desc())
            .limit(RECENT)
        )
        with self.database.reading() as session:
            found = [(at, lines) for at, lines in session.execute(query) if at is not None]
        if len(found) < 2 or moment - found[0][0] > STANDSTILL:
            return None
        # Measure until now rather than until the newest chunk, so that a stall shows.
        seconds = (moment - found[-1][0]).total_seconds()
        return sum(lines for _, lines in found[:-1]) / seconds if seconds > 0 else None

    def results(self, batch: Batch) -> list[tuple[str, int]]:
        """The result files of a batch and their sizes in bytes, in the order of its lines."""
        query = select(BatchChunk.result, BatchChunk.result_bytes).where(BatchChunk.batch_id == batch.id)
        with self.database.reading() as session:
            found = session.execute(query.order_by(BatchChunk.number)).all()
        return [(name, size) for name, size in found if name is not None]

    def remove(self, batch: Batch, actor: str) -> bool:
        """Delete a batch, finished or not; returns whether it existed. The caller deletes its files."""
        with self.database.writing() as session:
            take_turn(session)  # in the order in which a revocation locks
            session.execute(delete(BatchChunk).where(BatchChunk.batch_id == batch.id))
            row = session.scalars(select(Batch).where(Batch.id == batch.id).with_for_update()).first()
            if row is None:
                return False
            detail = {"state": row.state, "done": row.done, "rejected": row.rejected}
            session.delete(row)
            append(session, actor, AuditAction.BATCH_DELETE, audit_names.batch(row.name), detail)
            return True

    def fail(self, batch_id: int, problem: str, moment: datetime) -> None:
        """Mark an unfinished batch as failed."""
        with self.database.writing() as session:
            failing = select(Batch).where(Batch.id == batch_id, Batch.state.in_(UNFINISHED))
            row = session.scalars(failing.with_for_update()).first()
            if row is not None:
                row.state, row.problem, row.finished_at = BatchState.FAILED.value, problem, moment
                queue_batch_ended(session, row)

    def lines_waiting(self) -> int:
        """The number of unprocessed lines in unfinished batches."""
        query = select(func.sum(Batch.received - Batch.done - Batch.rejected)).where(
            Batch.state.in_(UNFINISHED)
        )
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def expire(self, before: datetime) -> list[str]:
        """Expire batches that ended, or whose key was revoked, before a time; returns their names.

        Counts stay; the results can no longer be downloaded.
        """
        revoked = select(ApiKey.id).where(ApiKey.revoked_at < before)
        ended = and_(Batch.finished_at < before, Batch.state != BatchState.EXPIRED.value)
        left = and_(Batch.state.in_(UNFINISHED), Batch.api_key_id.in_(revoked))
        names: list[str] = []
        with self.database.reading() as session:
            found = session.scalars(select(Batch.id).where(or_(ended, left))).all()
        for number in found:
            with self.database.writing() as session:
                take_turn(session)
                session.execute(delete(BatchChunk).where(BatchChunk.batch_id == number))
                row = session.get(Batch, number, with_for_update=True)
                if row is None or row.state == BatchState.EXPIRED.value:
                    continue
                row.state, row.finished_at = BatchState.EXPIRED.value, row.finished_at or before
                append(session, audit_names.WORKER, AuditAction.BATCH_EXPIRE, audit_names.batch(row.name))
                names.append(row.name)
        return names

    def with_files(self, names: Iterable[str]) -> set[str]:
        """The subset of ``names`` whose files are still needed."""
        wanted = list(names)
        query = select(Batch.name).where(Batch.name.in_(wanted), Batch.state != BatchState.EXPIRED.value)
        with self.database.reading() as session:
            return set(session.scalars(query)) if wanted else set()


def _of_tenant(tenant_id: int) -> ColumnElement[bool]:
    return Batch.api_key_id.in_(select(ApiKey.id).where(ApiKey.tenant_id == tenant_id))


def _unfinished(session: Session, key: ApiKey) -> int:
    query = select(func.count()).select_from(Batch)
    return session.scalar(query.where(_of_tenant(key.tenant_id), Batch.state.in_(UNFINISHED))) or 0
