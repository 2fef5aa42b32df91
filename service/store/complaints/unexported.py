"""Which complaints the next file for their agency holds."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from service.store.tables.complaint_tables import (
    OPEN,
    ClosingReason,
    Complaint,
    ComplaintEvent,
    ComplaintEventKind,
    ExportedComplaint,
)

_UNFOUNDED = (ClosingReason.NO_VIOLATION, ClosingReason.TOO_LITTLE)
_MAIN = aliased(Complaint)


def was_exported() -> ColumnElement[bool]:
    """Whether a file for an agency held the complaint."""
    return (
        select(ExportedComplaint.complaint_id).where(ExportedComplaint.complaint_id == Complaint.id).exists()
    )


def waits_for_export() -> ColumnElement[bool]:
    """Whether the complaint was in no file yet, or its complainant added something after the last one.

    Not if nothing, or too little, was found: for it, or for the one with which it was answered.
    """
    # By the entries' ids, as the clocks of two servers may differ.
    newest = select(func.max(ExportedComplaint.newest_event)).where(
        ExportedComplaint.complaint_id == ComplaintEvent.complaint_id
    )
    # Not one query for each complaint: few have additions.
    news = select(ComplaintEvent.complaint_id).where(
        ComplaintEvent.kind == ComplaintEventKind.ADDED,
        ComplaintEvent.id > newest.correlate(ComplaintEvent).scalar_subquery(),
    )
    main = select(_MAIN.id).where(_MAIN.id == Complaint.duplicate_of, _MAIN.closed_for.in_(_UNFOUNDED))
    reason = func.coalesce(Complaint.closed_for, "")
    unfounded = and_(Complaint.progress.not_in(OPEN), or_(reason.in_(_UNFOUNDED), main.exists()))
    return and_(~unfounded, or_(~was_exported(), Complaint.id.in_(news)))


def keep_reason(session: Session, complaint_ids: Sequence[int]) -> None:
    """Keep the reason of unfounded complaints about to be deleted with their answered duplicates."""
    main = select(_MAIN.closed_for).where(_MAIN.id == Complaint.duplicate_of).correlate(Complaint)
    unfounded = select(_MAIN.id).where(_MAIN.id.in_(complaint_ids), _MAIN.closed_for.in_(_UNFOUNDED))
    session.execute(
        update(Complaint)
        .where(Complaint.duplicate_of.in_(unfounded), Complaint.progress.not_in(OPEN))
        .values(closed_for=main.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
