"""The audit trail: a hash chain that reveals changed and removed entries."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.columns import is_ahead, now
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.core_tables import AuditEntry

GENESIS = "0" * 64
"""Takes the place of the previous hash in the first entry."""

SAME_VIEW = timedelta(minutes=5)
"""The same page with the same data, reloaded by the same person within this time, counts as one view."""

_RECENT = 50
"""How many of an actor's newest entries are searched for the same view."""

_POSTGRES_LOCK = 5_128_211
"""Arbitrary key of the advisory lock that serializes writers of the chain."""


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to show; ``None`` and empty values do not narrow.

    ``person`` is the name of an account or an API key. ``listing`` matches the subject and the listings named
    in the detail. ``actions`` may include those of another release, and each may end in ``*``.
    """

    subject: str | None = None
    actor: str | None = None
    person: str | None = None
    listing: int | None = None
    actions: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditCheck:
    """The state of the chain.

    ``broken_at`` is the number of the first entry that does not follow from the one before, or ``None``.
    Truncation at the end leaves a valid chain: compare ``head`` with a copy stored elsewhere.
    """

    entries: int
    head: str
    broken_at: int | None


class AuditRepository(Repository):
    """Repository of audit entries."""

    def record(
        self, actor: str, action: AuditAction, subject: str = "", detail: dict[str, Any] | None = None
    ) -> int:
        """Append an entry in its own transaction and return its number."""
        with self.database.writing() as session:
            return append(session, actor, action, subject, detail).id

    def record_view(
        self, actor: str, action: AuditAction, subject: str, detail: dict[str, Any]
    ) -> int | None:
        """Append an entry for a view of personal data, before the data is shown; returns its number.

        Returns ``None`` if the trail already has the same view by the same actor within :data:`SAME_VIEW`.
        """
        recent = select(AuditEntry).where(
            AuditEntry.actor == storable(actor), is_ahead(AuditEntry.at, now() - SAME_VIEW, 2 * SAME_VIEW)
        )
        looked = (action, storable(subject), storable(detail))
        with self.database.reading() as session:
            for entry in session.scalars(recent.order_by(AuditEntry.id.desc()).limit(_RECENT)):
                if (entry.action, entry.subject, entry.detail) == looked:
                    return None
        return self.record(actor, action, subject, detail)

    def entries(self, after: int = 0, limit: int = 100) -> list[AuditEntry]:
        """Entries in order, starting after number ``after``."""
        query = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def newest(
        self, limit: int, *, subject: str | None = None, actor: str | None = None, action: str | None = None
    ) -> list[AuditEntry]:
        """The newest entries in order, narrowed by the arguments."""
        query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
        wanted = {AuditEntry.subject: subject, AuditEntry.actor: actor, AuditEntry.action: action}
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        with self.database.reading() as session:
            return list(reversed(session.scalars(query).all()))

    def search(self, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
        """The newest ``limit`` entries that match, in order."""
        found: list[AuditEntry] = []
        query = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc())
        with self.database.reading() as session:
            for entry in session.scalars(query).yield_per(500):
                if wanted.listing is None or _speaks_of(entry, wanted.listing):
                    found.append(entry)
                    if len(found) == limit:
                        break
        return found[::-1]

    def verify(self) -> AuditCheck:
        """Recompute the whole chain."""
        head, count, after = GENESIS, 0, 0
        while batch := self.entries(after, limit=500):
            for entry in batch:
                if entry.previous_hash != head or entry.hash != _hash(entry):
                    return AuditCheck(count, head, entry.id)
                head, count, after = entry.hash, count + 1, entry.id
        return AuditCheck(count, head, None)


def take_turn(session: Session) -> None:
    """Lock the trail against other writers until the caller's transaction ends.

    Acquired before a row is inserted, the lock makes row numbers follow the order of commits. On SQLite every
    writing transaction is serialized from its start.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})


def append(
    session: Session,
    actor: str,
    action: AuditAction,
    subject: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry inside the caller's transaction, so that action and entry commit or roll back together.

    Raises :class:`ValueError` for an action that :class:`AuditAction` does not list.
    """
    take_turn(session)
    last = session.scalars(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    entry = AuditEntry(
        at=now(),
        actor=storable(actor),
        action=AuditAction(action).value,
        subject=storable(subject),
        detail=storable(detail or {}),
        previous_hash=last or GENESIS,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()
    return entry


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.subject is not None:
        yield AuditEntry.subject == wanted.subject
    if wanted.actor is not None:
        yield AuditEntry.actor == wanted.actor
    if wanted.person is not None:
        yield AuditEntry.actor.in_([audit_names.reviewer(wanted.person), audit_names.key(wanted.person)])
    if wanted.since is not None:
        yield AuditEntry.at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.at < wanted.until
    if wanted.actions:
        yield or_(*(_is_action(action) for action in wanted.actions))


def _is_action(action: str) -> ColumnElement[bool]:
    if action.endswith("*"):
        return AuditEntry.action.startswith(action[:-1], autoescape=True)
    return AuditEntry.action == action


def _speaks_of(entry: AuditEntry, listing: int) -> bool:
    if entry.subject == audit_names.listing(listing) or entry.detail.get("listing") == listing:
        return True
    return listing in (entry.detail.get("listings") or ())


def _hash(entry: AuditEntry) -> str:
    at: datetime = entry.at.astimezone(UTC)
    fields = [entry.previous_hash, at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
