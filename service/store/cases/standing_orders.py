"""Standing orders: a campaign's decision that is applied to listings that join later."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.law.facts import Fact
from labels.schema import Assessment, Span
from labels.taxonomy import ProductClass, Verdict
from service.store.accounts.policy import decides_cases
from service.store.appeals.answering import open_appeal
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.assignments import holder_of
from service.store.cases.law_choices import for_copies
from service.store.cases.reviews import Consequences, Decision, Trace, keep
from service.store.cases.withdrawals import newest_of
from service.store.tables.campaign_tables import BulkDecision, BulkReview, CampaignMember
from service.store.tables.core_tables import WITHDRAWN, AssessmentRow, Listing, Referral, Review, Reviewer

_STANDING = (BulkDecision.spread.is_(True), BulkDecision.ended_at.is_(None))


@dataclass(frozen=True)
class Choice:
    """The claims of an assessment that a decision on another text confirms, rejects and adds."""

    confirmed: tuple[int, ...] = ()
    rejected: tuple[int, ...] = ()
    added: tuple[Span, ...] = ()


Follow = Callable[[dict[str, Any], str, Assessment], Choice | None]
"""Maps a standing order's basis, a text and its assessment to the claims to decide on, if it applies."""


def follow_orders(session: Session, member: CampaignMember, listing: Listing, follow: Follow) -> int | None:
    """Decide a listing that joined by the newest standing order that covers it; returns the review number.

    No order applies to a listing that a person has decided (whatever the text) or is working on, one with a
    contested decision, one that the reviewer was offered and left out, or a text in which ``follow`` does not
    find what the order requires. Unless its result is "prohibited", none applies to a listing with pictures
    that the assessment is not about.
    """
    if member.campaign_id is None or not _untouched(session, listing.id):
        return None
    if holder_of(session, listing.id) is not None or open_appeal(session, listing.id) is not None:
        return None
    for bulk in active(session, member.campaign_id):
        origin = session.get(Review, bulk.origin_review_id)
        reviewer = session.get(Reviewer, bulk.reviewer_id)
        if origin is None or reviewer is None or not decides_cases(reviewer):
            continue
        if member.id <= bulk.after_member or listing.id in bulk.declined:
            continue
        assessment = session.get_one(AssessmentRow, listing.assessment_id)
        if bulk.decision != Verdict.PROHIBITED and assessment.pictures_key != listing.pictures_key:
            continue
        choice = follow(bulk.basis, listing.text, assessment.shape())
        if choice is not None:
            return _spread(session, bulk, origin, reviewer, listing, assessment, choice)
    return None


def active(session: Session, campaign_id: int) -> Iterable[BulkDecision]:
    """The active standing orders of a campaign, newest first."""
    query = select(BulkDecision).where(BulkDecision.campaign_id == campaign_id, *_STANDING)
    return session.scalars(query.order_by(BulkDecision.id.desc())).all()


def has_orders(session: Session) -> bool:
    """Whether any campaign has an active standing order."""
    return session.scalar(select(BulkDecision.id).where(*_STANDING).limit(1)) is not None


def unread(rejected: Sequence[Mapping[str, Any]], assessment: Assessment) -> tuple[int, ...]:
    """Findings of a copy that nobody read: on numbers, in pictures, and on goods rejected in the original."""
    wrong = {finding["code"] for finding in rejected}
    return tuple(
        index
        for index, row in enumerate(assessment.findings)
        if row.code in wrong
        or row.code.startswith(("number_", "permit_"))
        # Goods that the text names have a place in it.
        or (row.code.startswith("barred_") and row.start is None)
    )


def made_again(review: Review, choice: Choice, assessment: Assessment) -> Decision:
    """The decision of a review, applied to the text of another assessment with the claims of ``choice``."""
    choices, proposed = for_copies(review.law_choices, review.law_proposed)
    return Decision(
        review.decision,
        choice.confirmed,
        choice.rejected,
        choice.added,
        ProductClass(review.product_class) if review.product_class else None,
        Consequences(review.takedown, frozenset(Referral(value) for value in review.referrals)),
        review.note,
        rejected_findings=unread(review.rejected_findings, assessment),
        stated_facts=tuple(Fact(fact) for fact in review.stated_facts),
        law_choices=choices,
        law_proposed=tuple(proposed),
    )


def _spread(
    session: Session,
    bulk: BulkDecision,
    origin: Review,
    reviewer: Reviewer,
    listing: Listing,
    assessment: AssessmentRow,
    choice: Choice,
) -> int:
    detail = {
        "bulk": bulk.id,
        "origin": origin.id,
        "spread": True,
        "order_of": audit_names.reviewer(reviewer.name),
    }
    review = keep(
        session,
        assessment.id,
        reviewer.id,
        made_again(origin, choice, assessment.shape()),
        newest_of(session, listing.id),
        Trace(AuditAction.REVIEW_SPREAD, audit_names.WORKER, detail),
    )
    session.add(BulkReview(review_id=review.id, bulk_id=bulk.id, spread=True))
    session.flush()
    return review.id


def _untouched(session: Session, listing_id: int) -> bool:
    """Whether every review of the listing was spread to it and stands."""
    by_hand = (
        select(Review.id)
        .outerjoin(BulkReview, BulkReview.review_id == Review.id)
        .where(
            Review.listing_id == listing_id,
            (BulkReview.review_id.is_(None)) | BulkReview.spread.is_(False) | (Review.decision == WITHDRAWN),
        )
        .limit(1)
    )
    return session.scalar(by_hand) is None
