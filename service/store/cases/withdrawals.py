"""Withdrawal of decisions, including those that a standing order spread from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labels.pictured import claim_key
from service.store.appeals.answering import may_answer, open_appeal, record_answer
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.cases.decisions import is_slip
from service.store.cases.review_numbers import next_number
from service.store.database.columns import now
from service.store.index.entries import refresh, settle_earlier
from service.store.listings.repository import require
from service.store.referrals.following import follow
from service.store.tables.campaign_tables import BulkDecision, BulkReview
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Review, Reviewer


@dataclass(frozen=True)
class EndedOrder:
    """A standing order that a review ended.

    Holds its owner, its original review, and the number of spread decisions that were withdrawn.
    """

    reviewer_id: int
    origin: Review
    taken_back: int


def newest_of(session: Session, listing_id: int) -> int:
    """The number of a listing's newest review, 0 if there is none."""
    query = select(Review.id).where(Review.listing_id == listing_id).order_by(Review.id.desc()).limit(1)
    return session.scalar(query) or 0


def standing_of(session: Session, listing_id: int) -> int:
    """The number of a listing's newest review that is no withdrawn "unsure", 0 if there is none."""
    query = select(func.max(Review.id)).where(Review.listing_id == listing_id, ~is_slip(Review))
    return session.scalar(query) or 0


def is_in_force(session: Session, review: Review) -> bool:
    """Whether nothing came after a review, or after a decision nothing but an "unsure" that was withdrawn."""
    # A withdrawal directly after an "unsure" is always taken for that of the "unsure".
    newest = newest_of if review.decision in (UNSURE, WITHDRAWN) else standing_of
    return newest(session, review.listing_id) == review.id


def withdrawal(session: Session, taken_back: Review, reviewer: Reviewer, detail: Mapping[str, Any]) -> Review:
    """Append the review that withdraws ``taken_back``, and its audit entry.

    The caller holds the lock (``audit.take_turn``) and has checked that it is in force.
    """
    appeal = open_appeal(session, taken_back.listing_id)
    row = Review(
        id=next_number(session),
        listing_id=taken_back.listing_id,
        assessment_id=taken_back.assessment_id,
        reviewer_id=reviewer.id,
        decision=WITHDRAWN,
    )
    session.add(row)
    listing = require(session, row.listing_id)
    refresh(session, listing)
    text = session.get_one(AssessmentRow, taken_back.assessment_id).listing_text_sha256
    if text != listing.text_sha256:
        settle_earlier(session, listing, text)
    append(
        session,
        audit_names.reviewer(reviewer.name),
        AuditAction.REVIEW_WITHDRAW,
        audit_names.listing(row.listing_id),
        {"review": row.id, "taken_back": taken_back.id, "decision": taken_back.decision, **detail},
    )
    record_answer(session, appeal, row, reviewer)
    follow(session, row, reviewer)
    return row


def end_what_followed(session: Session, review: Review, reviewer: Reviewer) -> list[EndedOrder]:
    """End standing orders whose decision ``review`` overturns or withdraws, and undo what they spread.

    A decision is overturned when a later review of the same text decides otherwise, or no longer confirms all
    the words that it confirmed.
    """
    orders = session.execute(
        select(BulkDecision, Review, AssessmentRow.listing_text_sha256)
        .join(Review, Review.id == BulkDecision.origin_review_id)
        .join(AssessmentRow, AssessmentRow.id == Review.assessment_id)
        .where(
            Review.listing_id == review.listing_id,
            Review.id < review.id,
            BulkDecision.spread.is_(True),
            BulkDecision.ended_at.is_(None),
        )
    ).all()
    if not orders:
        return []
    text = session.get_one(AssessmentRow, review.assessment_id).listing_text_sha256
    ended = []
    for bulk, origin, origin_text in orders:
        if text == origin_text and not _bears_out(review, origin):
            taken_back = end(session, bulk, reviewer, {"because_of": review.id})
            ended.append(EndedOrder(bulk.reviewer_id, origin, len(taken_back)))
    return ended


def end(session: Session, bulk: BulkDecision, reviewer: Reviewer, detail: Mapping[str, Any]) -> list[Review]:
    """End a standing order and withdraw what it spread, unless decided since; returns the withdrawals.

    Contested decisions are left to another reviewer if ``reviewer`` may not answer the appeal.
    """
    bulk.ended_at = bulk.ended_at or now()
    session.flush()
    taken_back = []
    detail = {"bulk": bulk.id, "origin": bulk.origin_review_id, "spread": True, **detail}
    for review in standing(session, bulk, spread=True):
        appeal = open_appeal(session, review.listing_id)
        if appeal is not None and not may_answer(session, appeal, reviewer):
            continue
        row = withdrawal(session, review, reviewer, detail)
        session.add(BulkReview(review_id=row.id, bulk_id=bulk.id, spread=True))
        taken_back.append(row)
    append(
        session,
        audit_names.reviewer(reviewer.name),
        AuditAction.BULK_END,
        audit_names.campaign(bulk.campaign_id),
        {**detail, "taken_back": len(taken_back)},
    )
    return taken_back


def standing(session: Session, bulk: BulkDecision, spread: bool) -> list[Review]:
    """The reviews of a bulk decision that are still in force, by number."""
    found = session.scalars(
        select(Review)
        .join(BulkReview, BulkReview.review_id == Review.id)
        .where(BulkReview.bulk_id == bulk.id, BulkReview.spread.is_(spread), Review.decision != WITHDRAWN)
        .order_by(Review.id)
    )
    return [review for review in found if standing_of(session, review.listing_id) == review.id]


def _bears_out(review: Review, origin: Review) -> bool:
    if review.decision != origin.decision:
        return False
    return _words(origin) <= _words(review)


def _words(review: Review) -> set[tuple[Any, ...]]:
    claims = [*review.confirmed_claims, *review.added_claims]
    return {claim_key(claim) for claim in claims}
