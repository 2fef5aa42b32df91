"""Notices to reviewers whose decision is overturned, written in the transaction of the new review."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.cases.decisions import TAKES_DOWN, decides
from service.store.cases.withdrawals import EndedOrder
from service.store.referrals.steps import OPEN
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Review, Reviewer
from service.store.tables.referral_tables import ReferralListing, ReferralRow
from service.store.teamwork.tables import OverturnNotice


@dataclass(frozen=True)
class OverturnEffects:
    """The effects of overturning a decision.

    Attributes:
        platform: whether the platform is notified that the decision is no longer in force.
        alerts: numbers of published warnings based on the case.
        letters: numbers of open referrals based on the case.
        taken_back: spread decisions that were withdrawn with it.
    """

    platform: bool = False
    alerts: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    taken_back: int = 0

    @property
    def content(self) -> dict[str, Any]:
        """Serialize for the row."""
        return asdict(self)

    @classmethod
    def of(cls, content: dict[str, Any]) -> Self:
        """Deserialize from the row."""
        return cls(
            content["platform"], tuple(content["alerts"]), tuple(content["letters"]), content["taken_back"]
        )


def at_stake(session: Session, standing: Review) -> OverturnEffects:
    """What overturning this decision would undo."""
    alerts = session.scalars(
        select(AlertRow)
        .where(AlertRow.listing_id == standing.listing_id, AlertRow.withdrawn_at.is_(None))
        .order_by(AlertRow.id)
    )
    letters = session.scalars(
        select(ReferralRow)
        .join(ReferralListing, ReferralListing.referral_id == ReferralRow.id)
        .where(
            ReferralListing.listing_id == standing.listing_id,
            ReferralListing.removed_at.is_(None),
            ReferralRow.status.in_([status.value for status in OPEN]),
        )
        .order_by(ReferralRow.id)
    )
    return OverturnEffects(
        standing.decision in TAKES_DOWN and standing.takedown,
        tuple(row.number for row in alerts),
        tuple(row.number for row in letters),
    )


def tell_overturned(session: Session, review: Review, by: Reviewer, ended: Sequence[EndedOrder]) -> None:
    """Notify everybody but ``by`` whose decision or standing order this new review ended.

    Another verdict on the same text overturns a decision; "unsure" does not. ``ended`` are the standing
    orders that the review ended.
    """
    fallen: dict[int, tuple[Review, OverturnEffects]] = {}
    standing = _standing_before(session, review)
    if standing is not None and _overturns(review, standing):
        fallen[standing.reviewer_id] = (standing, at_stake(session, standing))
    for order in ended:
        origin, undone = fallen.get(order.reviewer_id) or (order.origin, OverturnEffects())
        number = undone.taken_back + order.taken_back
        fallen[order.reviewer_id] = (
            origin,
            OverturnEffects(undone.platform, undone.alerts, undone.letters, number),
        )
    fallen.pop(by.id, None)
    for reviewer_id, (was, undone) in sorted(fallen.items()):
        row = OverturnNotice(
            listing_id=review.listing_id,
            reviewer_id=reviewer_id,
            review_id=was.id,
            by_review_id=review.id,
            undid=undone.content,
        )
        session.add(row)
        session.flush()
        told = session.get_one(Reviewer, reviewer_id).name
        append(
            session,
            audit_names.reviewer(by.name),
            AuditAction.OVERTURN_TELL,
            audit_names.listing(review.listing_id),
            {"notice": row.id, "to": told, "overturned": was.id, "review": review.id} | undone.content,
        )


def _standing_before(session: Session, review: Review) -> Review | None:
    """The previous standing decision on the same text, if there was one."""
    text = session.get_one(AssessmentRow, review.assessment_id).listing_text_sha256
    query = (
        select(Review)
        .join(AssessmentRow, AssessmentRow.id == Review.assessment_id)
        .where(
            Review.listing_id == review.listing_id,
            Review.id < review.id,
            decides(Review),
            AssessmentRow.listing_text_sha256 == text,
        )
        .order_by(Review.id.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    return found if found is not None and found.decision != WITHDRAWN else None


def _overturns(review: Review, standing: Review) -> bool:
    return review.decision not in (UNSURE, WITHDRAWN, standing.decision)
