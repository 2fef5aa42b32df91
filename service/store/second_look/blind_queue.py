"""Entries of blind cases, merged into their reader's queue at their position.

The queue's query walks an index of the real entries; blind entries are merged in separately, so that the
query can use the index.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from service.store.database.columns import now
from service.store.index.entries import urgency_in
from service.store.index.finding import Assigned, QueueFilter, conditions
from service.store.second_look.blinds import Blind, in_readers_eyes
from service.store.tables.case_tables import QueueEntry


def apart_from(blinds: Mapping[int, Blind]) -> list[ColumnElement[bool]]:
    """Conditions that exclude the blind cases from a query of entries."""
    return [QueueEntry.listing_id.not_in(list(blinds))] if blinds else []


def entries_of(
    session: Session, wanted: QueueFilter, is_sqlite: bool, blinds: Mapping[int, Blind]
) -> list[QueueEntry]:
    """The blind cases under a filter, each as its reader sees it."""
    # Questions about a case are hidden from its blind reader, and so are appeals, which tell its decision.
    if not blinds or wanted.assigned is Assigned.ASKED or wanted.appealed:
        return []
    plain = replace(
        wanted,
        state=None,
        assigned=None,
        decision=None,
        decider=None,
        decided_since=None,
        decided_before=None,
    )
    query = select(QueueEntry).where(
        *conditions(session, plain, is_sqlite),
        QueueEntry.listing_id.in_(list(blinds)),
        QueueEntry.urgency >= 0,
    )
    at = now()
    found = []
    for entry in session.scalars(query):
        blind = blinds[entry.listing_id]
        held = blind.since is not None and blind.until is not None and blind.until > at
        fits = wanted.assigned is None or held is (wanted.assigned is not Assigned.NOBODY)
        if fits and wanted.state in (None, blind.state) and wanted.accepts(blind.review):
            found.append(in_readers_eyes(entry, blinds, urgency_in(blind.state, entry.complaints)))
    return found
