"""Dashboard figures of takedowns: reported by recipients, or found by visits."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.database.periods import Span
from service.store.figures.referral_figures import (
    AS_DECIDED,
    TAKES_DOWN,
    Moved,
    ReferralFigures,
    first_events,
    moved,
    with_outcome,
)
from service.store.listings.recrawl import standing_decisions
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Review
from service.store.tables.referral_tables import ReferralEvent, ReferralListing, ReferralRow, ReferralStatus
from service.store.tables.sighting_tables import Outcome, Sighting


class TakedownFigures(ReferralFigures):
    """Repository of takedown figures."""

    def taken_down(self, span: Span) -> list[Moved]:
        """Listings known to have disappeared within the period; one entry each.

        The earlier of two dates counts: a report by the platform or the ministry, or a visit after the
        decision that found the page gone. A visit gives an upper bound, as the page may have gone since the
        previous visit.
        """
        with self.database.reading() as session:
            found = {item.listing_id: item for item in reversed(_seen_gone(session, span))}
            reported = first_events(session, span, ReferralStatus.ACTED, TAKES_DOWN)
            for item in reversed(reported):
                seen = found.get(item.listing_id)
                if seen is None or item.seconds <= seen.seconds:
                    found[item.listing_id] = item
            earlier = _seen_before(session, span, list(found)) | _reported_before(session, span, list(found))
        return [item for number, item in found.items() if number not in earlier]


def _seen_gone(session: Session, span: Span) -> list[Moved]:
    """Visits that found the page gone, oldest first."""
    query = (
        select(
            Sighting.listing_id,
            QueueEntry.campaign_id,
            *AS_DECIDED,
            Sighting.first_at,
            Review.created_at,
        )
        .join(Review, Review.listing_id == Sighting.listing_id)
        .join(QueueEntry, QueueEntry.listing_id == Sighting.listing_id)
        .where(
            Sighting.outcome == Outcome.GONE.value,
            # A run's last visit is never before its first, so this bound allows the index of outcomes.
            Sighting.at >= span.since,
            Sighting.first_at >= span.since,
            Sighting.first_at < span.before,
            Review.id.in_(standing_decisions()),
            Review.created_at <= Sighting.first_at,
        )
        .order_by(Sighting.first_at, Sighting.id)
    )
    rows: Any = session.execute(with_outcome(query))
    return [moved(None, *row) for row in rows]


def _seen_before(session: Session, span: Span, listing_ids: list[int]) -> set[int]:
    query = (
        select(Sighting.listing_id)
        .join(Review, Review.listing_id == Sighting.listing_id)
        .where(
            Sighting.listing_id.in_(listing_ids),
            Sighting.outcome == Outcome.GONE.value,
            Sighting.first_at < span.since,
            Review.id.in_(standing_decisions()),
            Review.created_at <= Sighting.first_at,
        )
    )
    return set(session.scalars(query))


def _reported_before(session: Session, span: Span, listing_ids: list[int]) -> set[int]:
    query = (
        select(ReferralListing.listing_id)
        .join(ReferralRow, ReferralRow.id == ReferralListing.referral_id)
        .join(ReferralEvent, ReferralEvent.referral_id == ReferralRow.id)
        .where(
            ReferralListing.listing_id.in_(listing_ids),
            ReferralListing.removed_at.is_(None),
            ReferralRow.recipient.in_([recipient.value for recipient in TAKES_DOWN]),
            func.coalesce(ReferralEvent.status, "") == ReferralStatus.ACTED.value,
            ReferralEvent.happened_at < span.since,
        )
    )
    return set(session.scalars(query))
