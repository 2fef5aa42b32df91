"""Duplicates about harm: the complaint with which they are answered is as urgent as they are."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.complaints.due_times import due_at
from service.store.tables.complaint_tables import (
    OPEN,
    Complaint,
    ComplaintEvent,
    ComplaintEventKind,
    Harm,
    Progress,
)

_TIED = aliased(Complaint)


def is_urgent() -> ColumnElement[bool]:
    """Whether a complaint waits that is about harm, or with which such a duplicate waits."""
    tied = select(_TIED.id).where(_TIED.duplicate_of == Complaint.id, _waits_harmed())
    return and_(Complaint.progress.in_(OPEN), or_(Complaint.harm != Harm.NONE, tied.exists()))


def harmed_duplicates(session: Session, complaint_ids: Iterable[int]) -> dict[int, list[Complaint]]:
    """Return the duplicates about harm that are answered with each of these complaints, oldest first."""
    query = select(_TIED).where(_TIED.duplicate_of.in_(list(complaint_ids)), _waits_harmed())
    found: dict[int, list[Complaint]] = {}
    for row in session.scalars(query.order_by(_TIED.id)):
        found.setdefault(row.duplicate_of or 0, []).append(row)
    return found


def renew_due(session: Session, row: Complaint) -> None:
    """Recompute when a complaint must be answered: no later than the duplicates about harm."""
    session.flush()
    tied = harmed_duplicates(session, [row.id]).get(row.id, [])
    times = [due_at(each.received_at, Harm(each.harm)) for each in (row, *tied)]
    row.due_at = min(times)


def _waits_harmed() -> ColumnElement[bool]:
    answered = select(ComplaintEvent.id).where(
        ComplaintEvent.complaint_id == _TIED.id, ComplaintEvent.kind == ComplaintEventKind.ANSWER
    )
    closed_unanswered = and_(_TIED.progress == Progress.CLOSED, ~answered.exists())
    return and_(_TIED.harm != Harm.NONE, or_(_TIED.progress.in_(OPEN), closed_unanswered))
