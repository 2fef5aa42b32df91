"""Which listings' pages are due for another visit, and how long pages that were decided against stay up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from labels.taxonomy import Verdict
from service.store.cases.decisions import REINSTATES, TAKES_DOWN
from service.store.database.columns import UtcDateTime, now
from service.store.database.repository import Repository
from service.store.tables.core_tables import Listing, Review
from service.store.tables.sighting_tables import Outcome, Sighting

DAILY: Final = timedelta(days=1)
SOON: Final = timedelta(days=3)
SELDOM: Final = timedelta(days=14)
GONE: Final = timedelta(days=7)
UNCLEAR: Final = 3
"""Visits in a row that show no listing and do not say why, after which the next ones are weekly."""
HIGH_RISK: Final = 0.8
SOME_RISK: Final = 0.4
FORGOTTEN: Final = timedelta(days=90)
"""A page that has been gone for so long is not visited again."""
_SLACK: Final = timedelta(hours=2)
"""A nightly run that starts a little earlier than the one before still finds yesterday's pages due."""


@dataclass(frozen=True)
class DuePage:
    """A page to visit again."""

    listing_id: int
    external_id: str
    source: str
    url: str
    last_visit: datetime
    seller: str | None = None
    seller_url: str | None = None


@dataclass(frozen=True)
class Takedown:
    """A decision against a listing that the platform was told of, and what became of the page since."""

    listing_id: int
    review_id: int
    decided_at: datetime
    gone_at: datetime | None
    """The first visit after the decision that found the page gone; ``None`` while it is up."""
    back_at: datetime | None
    """The first visit after that which found it again."""
    last_visit: datetime | None

    @property
    def took(self) -> timedelta | None:
        """From the decision to the visit that found the page gone: an upper bound, for it may have gone
        since the visit before."""
        return None if self.gone_at is None else self.gone_at - self.decided_at


class RecrawlRepository(Repository):
    """The schedule of visits, and takedown times."""

    def due(self, limit: int = 1000, at: datetime | None = None) -> list[DuePage]:
        """Pages that are due at a moment (now), the most pressing first.

        A page is due a day after its last visit when a standing decision was made against it, when its
        verdict is prohibited or its risk 0.8 or more; after three days when it needs a permit or a look, its
        risk is 0.4 or more, or no model has read it; after 14 days otherwise.  A page that was gone is looked
        for weekly until it has been gone for 90 days; one that showed no listing three times in a row without
        saying why is looked for weekly.  Only what was read from an HTML page is visited:
        what came through a platform's API is met again by that.
        """
        moment = at or now()
        newest, last = _newest_sighting(), aliased(Sighting)
        urgency = _urgency()
        rhythm = case(
            (last.outcome == Outcome.GONE.value, _when(moment - GONE + _SLACK)),
            (
                and_(last.outcome == Outcome.UNCLEAR.value, last.times >= UNCLEAR, urgency != 2),
                _when(moment - GONE + _SLACK),
            ),
            (urgency == 0, _when(moment - DAILY + _SLACK)),
            (urgency == 1, _when(moment - SOON + _SLACK)),
            else_=_when(moment - SELDOM + _SLACK),
        )
        query = (
            select(Listing, last.at)
            .join(last, last.id == newest)
            .where(
                Listing.url.like("http%"),
                last.content_type.like("%html%"),
                last.at <= rhythm,
                or_(last.outcome != Outcome.GONE.value, last.first_at > moment - FORGOTTEN),
            )
            .order_by(urgency, last.at, Listing.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [
                DuePage(
                    row.id, row.external_id, row.source, row.url or "", visited, row.seller, row.seller_url
                )
                for row, visited in session.execute(query)
            ]

    def takedowns(self, since: datetime | None = None) -> list[Takedown]:
        """The standing decisions that platforms were told of (from ``since`` on), oldest first."""
        decided = standing_decisions()
        gone = select(func.min(Sighting.first_at)).where(
            Sighting.listing_id == Review.listing_id,
            Sighting.outcome == Outcome.GONE.value,
            Sighting.first_at >= Review.created_at,
        )
        visited = select(func.max(Sighting.at)).where(Sighting.listing_id == Review.listing_id)
        query = (
            select(Review, gone.scalar_subquery(), visited.scalar_subquery())
            .where(Review.id.in_(decided))
            .order_by(Review.id)
        )
        if since is not None:
            query = query.where(Review.created_at >= since)
        with self.database.reading() as session:
            found = []
            for review, gone_at, last_visit in session.execute(query):
                back = None
                if gone_at is not None:
                    back = session.scalar(
                        select(func.min(Sighting.first_at)).where(
                            Sighting.listing_id == review.listing_id,
                            Sighting.outcome == Outcome.BACK.value,
                            Sighting.first_at > gone_at,
                        )
                    )
                found.append(
                    Takedown(review.listing_id, review.id, review.created_at, gone_at, back, last_visit)
                )
            return found


def _when(moment: datetime) -> ColumnElement[datetime]:
    return literal(moment, UtcDateTime())


def _newest_sighting() -> ColumnElement[int | None]:
    return (
        select(func.max(Sighting.id))
        .where(Sighting.listing_id == Listing.id)
        .correlate(Listing)
        .scalar_subquery()
    )


def _urgency() -> ColumnElement[int]:
    """0 to be visited daily, 1 every three days, 2 seldom."""
    standing = (
        select(Review.id).where(Review.listing_id == Listing.id, Review.id.in_(standing_decisions())).exists()
    )
    worth_a_look = (Verdict.NEEDS_PERMIT.value, Verdict.NEEDS_REVIEW.value)
    return case(
        (standing, 0),
        (or_(Listing.verdict == Verdict.PROHIBITED.value, Listing.risk >= HIGH_RISK), 0),
        (
            or_(Listing.verdict.is_(None), Listing.verdict.in_(worth_a_look), Listing.risk >= SOME_RISK),
            1,
        ),
        else_=2,
    )


def standing_decisions() -> Select[int]:
    """The first review of each listing that was made against it and that none since took back."""
    made, later = aliased(Review), aliased(Review)
    taken_back = (
        select(later.id)
        .where(later.listing_id == made.listing_id, later.id > made.id, later.decision.in_(REINSTATES))
        .exists()
    )
    return (
        select(func.min(made.id))
        .where(and_(made.decision.in_(TAKES_DOWN), made.takedown.is_(True)), ~taken_back)
        .group_by(made.listing_id)
    )
