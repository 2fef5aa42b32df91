"""Updates of draft letters after a new decision: rebased on a renewed one, reduced by an overturned one."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.cases.decisions import TAKES_DOWN, decides
from service.store.database.columns import now
from service.store.referrals.covered import still_covered
from service.store.referrals.history import add_event
from service.store.referrals.steps import Step
from service.store.tables.core_tables import Review, Reviewer
from service.store.tables.referral_tables import ReferralListing, ReferralRow, ReferralStatus
from service.text.referral_texts import FOLLOWED, FOLLOWED_ONE, REMOVED


def follow(session: Session, review: Review, reviewer: Reviewer) -> None:
    """Update the drafts that rest on the decision before ``review``.

    With the same outcome, they now rest on ``review``. With another outcome, or a withdrawal, a draft about
    several listings loses this one; a draft about only this listing is unchanged and cannot be sent. Sent
    letters stay bound to their decision. The caller holds the lock.
    """
    made = aliased(Review)
    query = select(made).where(made.listing_id == review.listing_id, made.id <= review.id, decides(made))
    newest = session.scalars(query.order_by(made.id.desc()).limit(2)).all()
    if len(newest) < 2 or newest[0].id != review.id:
        return
    before = newest[1]
    drafts = (
        select(ReferralRow)
        .join(ReferralListing, ReferralListing.referral_id == ReferralRow.id)
        .where(
            ReferralListing.review_id == before.id,
            ReferralListing.removed_at.is_(None),
            ReferralRow.status == ReferralStatus.DRAFT.value,
        )
    )
    for row in session.scalars(drafts.order_by(ReferralRow.id)).all():
        if review.decision in TAKES_DOWN and review.decision == before.decision:
            _carry(session, row, before, review, reviewer)
        else:
            _remove(session, row, before, review, reviewer)


def _carry(session: Session, row: ReferralRow, before: Review, review: Review, reviewer: Reviewer) -> None:
    items = still_covered(session, row.id)
    for item in items:
        if item.review_id == before.id:
            item.review_id = review.id
    note = FOLLOWED if len(items) == 1 else FOLLOWED_ONE.format(case=review.listing_id)
    _changed(session, row, items, reviewer, AuditAction.REFERRAL_FOLLOW, note, before, review)


def _remove(session: Session, row: ReferralRow, before: Review, review: Review, reviewer: Reviewer) -> None:
    items = still_covered(session, row.id)
    kept = [item for item in items if item.review_id != before.id]
    if not kept:
        return
    moment = now()
    for item in items:
        if item.review_id == before.id:
            item.removed_at = moment
    note = REMOVED.format(case=review.listing_id)
    _changed(session, row, kept, reviewer, AuditAction.REFERRAL_REMOVE, note, before, review)


def _changed(
    session: Session,
    row: ReferralRow,
    items: list[ReferralListing],
    reviewer: Reviewer,
    action: AuditAction,
    note: str,
    before: Review,
    review: Review,
) -> None:
    moment = now()
    row.listing_id, row.review_id = items[0].listing_id, items[0].review_id
    row.moved_at = moment
    # The office's own wording was written for the earlier set of listings.
    row.edited_for = None
    event = add_event(session, row, reviewer, Step(ReferralStatus.DRAFT, moment, note=note), moment)
    append(
        session,
        audit_names.reviewer(reviewer.name),
        action,
        audit_names.referral(row.id),
        {
            "number": row.number,
            "event": event.id,
            "listing": review.listing_id,
            "from": before.id,
            "review": review.id,
        },
    )
