"""Maintenance of ``queue_entry`` and ``case_outcome`` when listings, assessments or reviews change."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from labels.guidance.severity import priority_of, severity_of
from labels.pictured import claim_labels, claim_words
from labels.taxonomy import Verdict
from service.store.appeals.answering import open_appeal
from service.store.cases.decisions import is_held_back, is_slip
from service.store.database.engine import once
from service.store.database.json_text import storable
from service.store.pictures.since import shows_new_pictures
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Listing, ListingVersion, Review

SELLER_LENGTH = 200
MOST_REACH = 1e12
"""Greater numbers are not credible as a number of people."""
UNREAD = -1
"""Urgency of a listing whose current text has no assessment."""


class CaseState(StrEnum):
    """The state of the case about a listing's current text, in queue order."""

    WAITING = "waiting"
    UNSURE = UNSURE
    DECIDED = "decided"


URGENCY: dict[CaseState, int] = {CaseState.WAITING: 2, CaseState.UNSURE: 1, CaseState.DECIDED: 0}
COMPLAINED = 3
"""Urgency of a waiting case with complaints: it precedes other waiting cases."""
STATES: dict[int, CaseState] = {urgency: state for state, urgency in URGENCY.items()} | {
    COMPLAINED: CaseState.WAITING
}


def in_state(urgency: ColumnElement[int], state: CaseState) -> ColumnElement[bool]:
    """Whether an urgency belongs to this state."""
    least = URGENCY[state]
    return urgency >= least if state is CaseState.WAITING else urgency == least


def urgency_in(state: CaseState, complaints: int) -> int:
    """The urgency of a case in this state with this number of complaints."""
    return COMPLAINED if state is CaseState.WAITING and complaints else URGENCY[state]


def seller_key(name: str | None) -> str:
    """A seller's name normalized for comparison: case-folded, single spaces; empty for none."""
    return " ".join(str(storable(name or "")).casefold().split())[:SELLER_LENGTH]


def marked(values: Iterable[str]) -> str:
    """``|a|b|``: the distinct values, sorted; search them with :func:`mark`."""
    unique = sorted(set(values))
    return f"|{'|'.join(unique)}|" if unique else ""


def unmarked(text: str | None) -> tuple[str, ...]:
    """Parse the output of :func:`marked`."""
    return tuple(filter(None, (text or "").split("|")))


def mark(value: str) -> str:
    """The substring that :func:`marked` produces for one value."""
    return f"|{value}|"


def reach_of(extra: dict[str, Any]) -> float:
    """The reach that a listing states; 0 if it is missing, unreadable or not credible."""
    stated = extra.get("reach") or 0
    try:
        value = float(stated.replace(",", "") if isinstance(stated, str) else stated)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return value if 0 < value <= MOST_REACH else 0.0


def entry_of(session: Session, listing_id: int) -> QueueEntry | None:
    """The entry of a listing."""
    return once(session, ("entry", listing_id), lambda: session.get(QueueEntry, listing_id))


def refresh(session: Session, listing: Listing) -> None:
    """Rewrite a listing's entry and the outcome of its current text, in the caller's transaction.

    Must be called before the commit of any change to a listing, its newest assessment or its reviews.
    """
    session.flush()
    row = session.get(AssessmentRow, listing.assessment_id) if listing.assessment_id else None
    review = _newest_review(session, listing, listing.text_sha256) if row is not None else None
    arrived = _arrival(session, listing)
    about = select(func.count()).select_from(Complaint).where(Complaint.listing_id == listing.id)
    complaints = session.scalar(about) or 0
    # A worker records thousands of texts that nobody has reviewed: these are not asked about their reviews.
    appeal = open_appeal(session, listing.id) if review is not None else None
    told = None
    if review is not None:
        told = _newest_review(session, listing, listing.text_sha256, ~is_held_back(Review))
    values = values_of(listing, row.content if row is not None else None, review, arrived, complaints, told)
    if appeal is not None and review is not None and review.id == appeal.review_id:
        # No reviewer has looked at the case since its decision was contested.
        values["urgency"] = urgency_in(CaseState.WAITING, complaints)
    if review is not None and _shows_more(session, listing, review):
        values["urgency"] = urgency_in(CaseState.WAITING, complaints)
    if told is not None and _shows_more(session, listing, told):
        values["told_urgency"] = URGENCY[CaseState.WAITING]
    if appeal is not None and told is not None and told.id == appeal.review_id:
        values["told_urgency"] = URGENCY[CaseState.WAITING]
    entry = session.get(QueueEntry, listing.id)
    if entry is None:
        entry = QueueEntry(listing_id=listing.id)
        session.add(entry)
    for name, value in values.items():
        setattr(entry, name, value)
    _settle(session, listing, listing.text_sha256, review)
    session.flush()


def settle_earlier(session: Session, listing: Listing, text_sha256: str) -> None:
    """Rewrite the outcome of a text that the listing had before, after its reviews changed."""
    session.flush()
    _settle(session, listing, text_sha256, _newest_review(session, listing, text_sha256))
    session.flush()


def add_entry(session: Session, listing: Listing) -> None:
    """Add the entry of a newly inserted listing, which has no assessment or review yet."""
    values = values_of(listing, None, None, listing.first_seen)
    session.add(QueueEntry(listing_id=listing.id, **values))


def values_of(
    listing: Listing,
    content: dict[str, Any] | None,
    review: Review | None,
    arrived: datetime,
    complaints: int = 0,
    told: Review | None = None,
) -> dict[str, Any]:
    """The columns of a listing's entry, without its number.

    ``content`` is that of the newest assessment of its current text, ``review`` the newest review of that
    text and ``told`` the newest that was not withheld, ``arrived`` when the text was first seen.
    """
    found = content or {}
    severity = severity_of(claim_words(found), listing.product_class)
    return {
        "urgency": UNREAD if content is None else urgency_in(state_of(review), complaints),
        "told_urgency": UNREAD if content is None else URGENCY[state_of(told)],
        "complaints": complaints,
        "risk": listing.risk,
        "severity": int(severity),
        "priority": None if listing.risk is None else priority_of(listing.risk, severity),
        "verdict": listing.verdict,
        "product_class": listing.product_class,
        "platform": listing.platform,
        "source": listing.source,
        "seller": seller_key(listing.seller),
        "received_at": listing.first_seen,
        "arrived_at": arrived,
        "reach": reach_of(listing.extra),
        "labels": marked(claim_labels(found)),
        "licences": marked(check["status"] for check in found.get("licences", ())),
        "review_id": review.id if review else None,
    }


def outcome_of(
    listing: Listing, review: Review, seen: AssessmentRow, arrived: datetime, decided: datetime
) -> dict[str, Any]:
    """The columns of the outcome of a text, without its key.

    ``seen`` is the assessment that the review is about, ``decided`` when the case was first decided.
    """
    return {
        "review_id": review.id,
        "reviewer_id": review.reviewer_id,
        "decided_at": decided,
        "seconds": max(0, round((decided - arrived).total_seconds())),
        "decision": review.decision,
        "verdict": seen.verdict,
        "product_class": review.product_class or seen.product_class,
        "platform": listing.platform,
        "labels": marked(claim_labels(seen.content)),
        "confirmed": "|".join(sorted(claim["label"] for claim in review.confirmed_claims)),
        "rejected": "|".join(sorted(claim["label"] for claim in review.rejected_claims)),
    }


def state_of(review: Review | None) -> CaseState:
    """The state of a case, given the newest review of its current text."""
    if review is None or review.decision == WITHDRAWN:
        return CaseState.WAITING
    return CaseState.UNSURE if review.decision == UNSURE else CaseState.DECIDED


def _newest_review(
    session: Session, listing: Listing, text_sha256: str, *more: ColumnElement[bool]
) -> Review | None:
    """The newest review of a text; an "unsure" that was withdrawn leaves the one before it."""
    query = (
        select(Review)
        .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
        .where(Review.listing_id == listing.id, AssessmentRow.listing_text_sha256 == text_sha256, *more)
        .order_by(Review.id.desc())
        .limit(1)
    )
    newest = session.scalars(query).first()
    if newest is None or newest.decision != WITHDRAWN:
        return newest
    return session.scalars(query.where(~is_slip(Review))).first() or newest


def _shows_more(session: Session, listing: Listing, review: Review) -> bool:
    """Whether the listing shows pictures that the decided assessment does not cover.

    Nobody looked at a listing that a standing order decided. Unless that found its text prohibited, its first
    pictures count too, and so does a later assessment that finds it prohibited.
    """
    seen = session.get_one(AssessmentRow, review.assessment_id)
    spread = select(BulkReview.review_id).where(BulkReview.review_id == review.id, BulkReview.spread)
    is_unseen = review.decision != Verdict.PROHIBITED and session.scalar(spread) is not None
    if is_unseen and listing.verdict == Verdict.PROHIBITED != seen.verdict:
        return True
    return bool(session.scalar(select(shows_new_pictures(listing.id, seen.created_at, is_unseen))))


def _settle(session: Session, listing: Listing, text_sha256: str, review: Review | None) -> None:
    outcome = session.get(CaseOutcome, (listing.id, text_sha256))
    if review is None or state_of(review) is not CaseState.DECIDED:
        if outcome is not None:
            session.delete(outcome)
        return
    if outcome is not None and outcome.review_id == review.id:
        return
    decided = outcome.decided_at if outcome is not None else _first_decided(session, listing, text_sha256)
    # The text may have been replaced, and have come back, since the case was first decided.
    arrived = _arrival(session, listing, decided)
    seen = session.get_one(AssessmentRow, review.assessment_id)
    if outcome is None:
        outcome = CaseOutcome(listing_id=listing.id, text_sha256=text_sha256)
        session.add(outcome)
    for name, value in outcome_of(listing, review, seen, arrived, decided).items():
        setattr(outcome, name, value)


def _first_decided(session: Session, listing: Listing, text_sha256: str) -> datetime:
    """When a decided text was first decided after it last waited; a withdrawn "unsure" does not count."""
    opens = Review.decision.in_((UNSURE, WITHDRAWN))
    of_text = (Review.listing_id == listing.id, AssessmentRow.listing_text_sha256 == text_sha256)
    ids = select(func.max(Review.id)).join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
    waited = session.scalar(ids.where(*of_text, opens, ~is_slip(Review))) or 0
    first = select(func.min(Review.created_at)).join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
    return session.scalars(first.where(*of_text, ~opens, Review.id > waited)).one()


def _arrival(session: Session, listing: Listing, at: datetime | None = None) -> datetime:
    """When the current text was first seen; with ``at``, the text that was current then."""
    if listing.version == 1:
        return listing.first_seen
    replaced = select(ListingVersion.replaced_at).where(ListingVersion.listing_id == listing.id)
    if at is None:
        replaced = replaced.where(ListingVersion.version == listing.version - 1)
    else:
        # Versions below 1 were never current.
        replaced = replaced.where(ListingVersion.version > 0, ListingVersion.replaced_at <= at)
    return session.scalar(replaced.order_by(ListingVersion.version.desc()).limit(1)) or listing.first_seen
