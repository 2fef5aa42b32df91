"""The audit trail: a chain of hashes, so that a changed or removed entry shows."""

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
from service.store.database.columns import now
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.core_tables import AuditEntry

GENESIS = "0" * 64
"""Stands for the hash before the first entry."""

SAME_VIEW = timedelta(minutes=5)
"""A page loaded again so soon, by the same person and with the same data on it, is the same look at it."""

_RECENT = 50
"""Newest entries of somebody among which the same view is looked for."""

_POSTGRES_LOCK = 5_128_211
"""Any constant: the advisory lock that lets one writer at a time extend the chain."""


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to show; ``None`` and empty do not narrow.

    ``person`` is the name of an account or an API key; ``listing`` is found as the subject and among the
    listings that the detail names; of ``actions``, which may be another release's, each may end in ``*``.
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
    Entries cut off at the end leave a sound chain: compare ``head`` with one noted elsewhere earlier.
    """

    entries: int
    head: str
    broken_at: int | None


class AuditRepository(Repository):
    """Who did what, when."""

    def record(
        self, actor: str, action: AuditAction, subject: str = "", detail: dict[str, Any] | None = None
    ) -> int:
        """Append an entry in a transaction of its own and return its number."""
        with self.database.writing() as session:
            return append(session, actor, action, subject, detail).id

    def record_view(
        self, actor: str, action: AuditAction, subject: str, detail: dict[str, Any]
    ) -> int | None:
        """Append an entry for a look at personal data, before it is shown; its number.

        ``None`` where the same actor had the same look within :data:`SAME_VIEW`, which is in the trail.
        """
        recent = select(AuditEntry).where(
            AuditEntry.actor == storable(actor), AuditEntry.at > now() - SAME_VIEW
        )
        looked = (action, storable(subject), storable(detail))
        with self.database.reading() as session:
            for entry in session.scalars(recent.order_by(AuditEntry.id.desc()).limit(_RECENT)):
                if (entry.action, entry.subject, entry.detail) == looked:
                    return None
        return self.record(actor, action, subject, detail)

    def entries(self, after: int = 0, limit: int = 100) -> list[AuditEntry]:
        """Entries in order, from the one after number ``after``."""
        query = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def newest(
        self, limit: int, *, subject: str | None = None, actor: str | None = None, action: str | None = None
    ) -> list[AuditEntry]:
        """The newest entries in order, narrowed by what is given."""
        query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
        wanted = {AuditEntry.subject: subject, AuditEntry.actor: actor, AuditEntry.action: action}
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        with self.database.reading() as session:
            return list(reversed(session.scalars(query).all()))

    def search(self, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
        """The newest ``limit`` entries that fit, in order."""
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
    """Let nobody else append to the trail until the caller's transaction ends.

    Taken before a row is inserted, it makes the numbers of such rows follow the order of their commits.  On
    SQLite every writing transaction has its turn from the start.
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
    """Append an entry inside the caller's transaction: deed and trace are kept together or not at all.

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
