"""Dashboard figures of referrals: sent within a span, and waiting for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from service.store.database.periods import Span, within
from service.store.database.repository import Repository
from service.store.index.entries import unmarked
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import AssessmentRow, Review
from service.store.tables.referral_tables import (
    Recipient,
    ReferralEvent,
    ReferralListing,
    ReferralRow,
    ReferralStatus,
)

TAKES_DOWN = (Recipient.PLATFORM, Recipient.MINISTRY)
"""Recipients that can make a listing disappear: the platform removes it, the ministry has it blocked."""
AS_DECIDED: tuple[Any, ...] = (
    func.coalesce(CaseOutcome.product_class, Review.product_class, QueueEntry.product_class),
    func.coalesce(CaseOutcome.platform, QueueEntry.platform),
    func.coalesce(CaseOutcome.labels, QueueEntry.labels),
)
"""Class, platform and labels as the decision is counted, for queries with :func:`with_outcome`."""


@dataclass(frozen=True)
class Moved:
    """An event of a referral on one listing, ``seconds`` after the decision that it rests on.

    ``recipient`` is ``None`` if a visit found the page gone and nobody had reported it; ``campaign_id`` is
    ``None`` if the listing has no campaign.
    """

    listing_id: int
    campaign_id: int | None
    recipient: Recipient | None
    product_class: str
    platform: str
    labels: tuple[str, ...]
    seconds: int


class ReferralFigures(Repository):
    """Repository of referral figures, from the dates that people recorded."""

    def sent(self, span: Span) -> list[Moved]:
        """Listings first referred within the span, by the day that the sender recorded.

        A letter about several listings counts once for each.
        """
        with self.database.reading() as session:
            return first_events(session, span, ReferralStatus.SENT, tuple(Recipient))

    def unanswered(self) -> int:
        """The number of referrals that ask for a takedown, were sent, and have no answer yet."""
        query = (
            select(func.count())
            .select_from(ReferralRow)
            .where(
                ReferralRow.status.in_((ReferralStatus.SENT.value, ReferralStatus.ACKNOWLEDGED.value)),
                ReferralRow.recipient.in_([recipient.value for recipient in TAKES_DOWN]),
            )
        )
        with self.database.reading() as session:
            return session.scalar(query) or 0


def first_events(
    session: Session, span: Span, status: ReferralStatus, recipients: Sequence[Recipient]
) -> list[Moved]:
    """Events of this status within the span, each the first of its referral, in order of time.

    There is one entry for each listing of the referral.
    """
    other = aliased(ReferralEvent)
    first = (
        select(other.id)
        .where(
            other.referral_id == ReferralEvent.referral_id,
            # Keeps SQLite off the index of statuses: a referral's own few events are faster to scan.
            func.coalesce(other.status, "") == status.value,
        )
        .order_by(other.happened_at, other.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            ReferralListing.listing_id,
            ReferralRow.recipient,
            QueueEntry.campaign_id,
            *AS_DECIDED,
            ReferralEvent.happened_at,
            Review.created_at,
        )
        .select_from(ReferralEvent)
        .join(ReferralRow, ReferralRow.id == ReferralEvent.referral_id)
        .join(ReferralListing, ReferralListing.referral_id == ReferralRow.id)
        .join(Review, Review.id == ReferralListing.review_id)
        .outerjoin(QueueEntry, QueueEntry.listing_id == ReferralListing.listing_id)
        .where(
            ReferralEvent.status == status.value,
            *within(ReferralEvent.happened_at, span),
            ReferralRow.recipient.in_([recipient.value for recipient in recipients]),
            ReferralEvent.id == first,
            ReferralListing.removed_at.is_(None),
        )
        .order_by(ReferralEvent.happened_at, ReferralEvent.id, ReferralListing.id)
    )
    rows: Any = session.execute(with_outcome(query))
    return [moved(Recipient(row[1]), row[0], *row[2:]) for row in rows]


def with_outcome(query: Select[Any]) -> Select[Any]:
    """Join the outcome of the text that the query's review is about; a withdrawn decision has none."""
    return query.outerjoin(AssessmentRow, AssessmentRow.id == Review.assessment_id).outerjoin(
        CaseOutcome,
        and_(
            CaseOutcome.listing_id == Review.listing_id,
            CaseOutcome.text_sha256 == AssessmentRow.listing_text_sha256,
        ),
    )


def moved(
    recipient: Recipient | None,
    listing_id: int,
    campaign_id: int | None,
    product_class: str | None,
    platform: str | None,
    labels: str | None,
    at: datetime,
    decided: datetime,
) -> Moved:
    """Build a :class:`Moved` from columns of a query and the times of the event and of the decision."""
    # People record days, so an answer on the day of the decision may seem to precede it.
    seconds = max(0, round((at - decided).total_seconds()))
    return Moved(
        listing_id,
        campaign_id,
        recipient,
        product_class or "",
        platform or "",
        unmarked(labels or ""),
        seconds,
    )
