"""Duplicates about harm make the main complaint, with which they are answered, as urgent for the office.

Computed on reading: a complaint's own due time, which its complainant sees, does not change.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

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
    """Whether a waiting complaint, or a waiting duplicate of it, is about harm."""
    tied = select(_TIED.id).where(_TIED.duplicate_of == Complaint.id, _waits_harmed())
    return and_(Complaint.progress.in_(OPEN), or_(Complaint.harm != Harm.NONE, tied.exists()))


def harmed_duplicates(session: Session, complaint_ids: Iterable[int]) -> dict[int, list[Complaint]]:
    """Return the duplicates about harm that are answered with each of these complaints, oldest first."""
    query = select(_TIED).where(_TIED.duplicate_of.in_(list(complaint_ids)), _waits_harmed())
    found: dict[int, list[Complaint]] = {}
    for row in session.scalars(query.order_by(_TIED.id)):
        found.setdefault(row.duplicate_of or 0, []).append(row)
    return found


def is_late(moment: datetime) -> ColumnElement[bool]:
    """Whether a complaint waits that is due before ``moment``, or whose duplicate about harm is."""
    tied = select(_TIED.id).where(_TIED.duplicate_of == Complaint.id, _waits_harmed(), _TIED.due_at < moment)
    return and_(Complaint.progress.in_(OPEN), or_(Complaint.due_at < moment, tied.exists()))


def due_with(row: Complaint, harmed: Iterable[Complaint]) -> datetime | None:
    """Return the earliest due time of a complaint and of its duplicates about harm."""
    return min((each.due_at for each in (row, *harmed) if each.due_at is not None), default=None)


def _waits_harmed() -> ColumnElement[bool]:
    answered = select(ComplaintEvent.id).where(
        ComplaintEvent.complaint_id == _TIED.id, ComplaintEvent.kind == ComplaintEventKind.ANSWER
    )
    closed_unanswered = and_(_TIED.progress == Progress.CLOSED, ~answered.exists())
    return and_(_TIED.harm != Harm.NONE, or_(_TIED.progress.in_(OPEN), closed_unanswered))
