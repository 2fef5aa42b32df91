"""Drafts that follow a decision when it is renewed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store import audit_names
from service.store.audit import append
from service.store.audit_actions import AuditAction
from service.store.columns import now
from service.store.decisions import TAKES_DOWN
from service.store.models import UNSURE, Review, Reviewer
from service.store.referral_steps import FOLLOWED, Step
from service.store.referral_tables import ReferralRow, ReferralStatus
from service.store.referrals.history import add_event


def carry_drafts(session: Session, review: Review, reviewer: Reviewer) -> None:
    """Bind to ``review`` the drafts of the decision that it renews, one with the same outcome.

    What was sent stays bound to the decision that it was sent with.  The caller holds the turn.
    """
    if review.decision not in TAKES_DOWN:
        return
    renewed = session.scalars(
        select(Review)
        .where(Review.listing_id == review.listing_id, Review.id < review.id, Review.decision != UNSURE)
        .order_by(Review.id.desc())
        .limit(1)
    ).first()
    if renewed is None or renewed.decision != review.decision:
        return
    drafts = select(ReferralRow).where(
        ReferralRow.review_id == renewed.id, ReferralRow.status == ReferralStatus.DRAFT.value
    )
    for row in session.scalars(drafts.order_by(ReferralRow.id)).all():
        moment = now()
        row.review_id, row.moved_at = review.id, moment
        step = Step(ReferralStatus.DRAFT, moment, note=FOLLOWED)
        event = add_event(session, row, reviewer, step, moment)
        append(
            session,
            audit_names.reviewer(reviewer.name),
            AuditAction.REFERRAL_FOLLOW,
            audit_names.referral(row.id),
            {"number": row.number, "event": event.id, "from": renewed.id, "review": review.id},
        )
