"""Keeping ``queue_entry`` in step with listings, assessments and reviews."""

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.store.case_models import QueueEntry
from service.store.complaint_tables import Complaint
from service.store.json_text import storable
from service.store.models import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review

SELLER_LENGTH = 200
UNREAD = -1
"""Urgency of a listing whose present text has no assessment."""


class CaseState(StrEnum):
    """How far a listing's present text has come, in the order of the queue."""

    WAITING = "waiting"
    UNSURE = UNSURE
    DECIDED = "decided"


URGENCY: dict[CaseState, int] = {CaseState.WAITING: 2, CaseState.UNSURE: 1, CaseState.DECIDED: 0}
COMPLAINED = 3
"""Urgency of a waiting case that somebody complained of: it goes before those that merely wait."""
STATES: dict[int, CaseState] = {urgency: state for state, urgency in URGENCY.items()} | {
    COMPLAINED: CaseState.WAITING
}


def in_state(urgency: ColumnElement[int], state: CaseState) -> ColumnElement[bool]:
    """Whether an urgency is one of this state."""
    least = URGENCY[state]
    return urgency >= least if state is CaseState.WAITING else urgency == least


def urgency_in(state: CaseState, complaints: int) -> int:
    """The urgency of a case in this state, with so many complaints about it."""
    return COMPLAINED if state is CaseState.WAITING and complaints else URGENCY[state]


def seller_key(name: str | None) -> str:
    """A seller's name as it is compared: without case and without doubled spaces; empty for none."""
    return " ".join(str(storable(name or "")).casefold().split())[:SELLER_LENGTH]


def marked(values: Iterable[str]) -> str:
    """``|a|b|``: each value once, sorted, to be found with :func:`mark`."""
    unique = sorted(set(values))
    return f"|{'|'.join(unique)}|" if unique else ""


def mark(value: str) -> str:
    """What :func:`marked` holds for one value."""
    return f"|{value}|"


def reach_of(extra: dict[str, Any]) -> float:
    """The reach that a listing carries, 0 where it carries none that can be read."""
    try:
        value = float(extra.get("reach") or 0)
    except (TypeError, ValueError):
        return 0.0
    return value if math.isfinite(value) and value > 0 else 0.0


def refresh(session: Session, listing: Listing) -> None:
    """Write the listing's entry anew, inside the caller's transaction.

    Whoever changes a listing, its newest assessment or its reviews calls this before committing.
    """
    session.flush()
    row = session.get(AssessmentRow, listing.assessment_id) if listing.assessment_id else None
    review = _newest_review(session, listing) if row is not None else None
    about = select(func.count()).select_from(Complaint).where(Complaint.listing_id == listing.id)
    complaints = session.scalar(about) or 0
    values = values_of(listing, row.content if row is not None else None, review, complaints)
    entry = session.get(QueueEntry, listing.id)
    if entry is None:
        entry = QueueEntry(listing_id=listing.id)
        session.add(entry)
    for name, value in values.items():
        setattr(entry, name, value)
    session.flush()


def values_of(
    listing: Listing, content: dict[str, Any] | None, review: Review | None, complaints: int = 0
) -> dict[str, Any]:
    """The columns of a listing's entry but its number.

    ``content`` is that of the newest assessment of its present text, ``review`` the newest review of it.
    """
    found = content or {}
    return {
        "urgency": UNREAD if content is None else urgency_in(state_of(review), complaints),
        "complaints": complaints,
        "risk": listing.risk,
        "verdict": listing.verdict,
        "product_class": listing.product_class,
        "platform": listing.platform,
        "source": listing.source,
        "seller": seller_key(listing.seller),
        "received_at": listing.first_seen,
        "reach": reach_of(listing.extra),
        "labels": marked(claim["label"] for claim in found.get("claims", ())),
        "licences": marked(check["status"] for check in found.get("licences", ())),
        "review_id": review.id if review else None,
    }


def state_of(review: Review | None) -> CaseState:
    """The state of a case by the newest review of its present text."""
    if review is None or review.decision == WITHDRAWN:
        return CaseState.WAITING
    return CaseState.UNSURE if review.decision == UNSURE else CaseState.DECIDED


def _newest_review(session: Session, listing: Listing) -> Review | None:
    return session.scalars(
        select(Review)
        .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
        .where(Review.listing_id == listing.id, AssessmentRow.listing_text_sha256 == listing.text_sha256)
        .order_by(Review.id.desc())
        .limit(1)
    ).first()
