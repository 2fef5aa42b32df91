"""The revisit schedule of listing pages, and how long pages stay up after an adverse decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from labels.taxonomy import Verdict
from service.store.cases.decisions import REINSTATES, TAKES_DOWN, is_told
from service.store.database.columns import UtcDateTime, now
from service.store.database.repository import Repository
from service.store.tables.core_tables import Listing, Review
from service.store.tables.sighting_tables import Outcome, Sighting

DAILY: Final = timedelta(days=1)
SOON: Final = timedelta(days=3)
SELDOM: Final = timedelta(days=14)
GONE: Final = timedelta(days=7)
UNCLEAR: Final = 3
"""Consecutive visits with an unexplained missing listing after which visits become weekly."""
HIGH_RISK: Final = 0.8
SOME_RISK: Final = 0.4
FORGOTTEN: Final = timedelta(days=90)
"""A page that has been gone this long is not visited again."""
_SLACK: Final = timedelta(hours=2)
"""Lets a nightly run that starts slightly early still find yesterday's pages due."""


@dataclass(frozen=True)
class DuePage:
    """A page that is due for a visit."""

    listing_id: int
    external_id: str
    source: str
    url: str
    """The address that identifies it, which its page may only have declared."""
    last_visit: datetime
    seller: str | None = None
    seller_url: str | None = None
    fetched_url: str | None = None
    """Where its page was fetched, if known."""


@dataclass(frozen=True)
class Takedown:
    """An adverse decision of which the platform was notified, and the state of the page since."""

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
        """Time from the decision to the visit that found the page gone.

        An upper bound: the page may have gone since the previous visit.
        """
        return None if self.gone_at is None else self.gone_at - self.decided_at


class RecrawlRepository(Repository):
    """Repository of the revisit schedule and of takedown times."""

    def due(self, limit: int = 1000, at: datetime | None = None) -> list[DuePage]:
        """Pages that are due at a time (default: now), most urgent first.

        A page is due a day after its last visit if an adverse decision stands, its verdict is prohibited or
        its risk is at least 0.8; after three days if it needs a permit or a review, its risk is at least 0.4,
        or no model has read it; after 14 days otherwise. A page that is gone is visited weekly until it has
        been gone for 90 days; one that showed no listing three times in a row without an explanation is
        visited weekly. Only listings read from HTML pages are visited; listings from a platform's API are
        updated through that API.
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
                # A visit in the future was dated by a clock that was ahead.
                or_(last.at <= rhythm, last.at > moment + _SLACK),
                or_(last.outcome != Outcome.GONE.value, last.first_at > moment - FORGOTTEN),
            )
            .order_by(urgency, last.at, Listing.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [
                DuePage(
                    row.id,
                    row.external_id,
                    row.source,
                    row.url or "",
                    visited,
                    row.seller,
                    row.seller_url,
                    row.extra.get("fetched_url"),
                )
                for row, visited in session.execute(query)
            ]

    def takedowns(self, since: datetime | None = None, listing: int | None = None) -> list[Takedown]:
        """Return the notified decisions in force (from ``since`` on; on one listing), oldest first."""
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
        if listing is not None:
            query = query.where(Review.listing_id == listing)
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
    """0 for daily visits, 1 for every three days, 2 for rare ones."""
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


_MADE, _LATER = aliased(Review), aliased(Review)


def standing_decisions(listing_ids: Any = None) -> Select[int]:
    """The first adverse review of each listing that no later one withdrew.

    The withdrawal of an "unsure", or of a decision that was held back, leaves the one before it in force.
    ``listing_ids``, a list or a query, narrows to some listings.
    """
    taken_back = (
        select(_LATER.id)
        .where(
            _LATER.listing_id == _MADE.listing_id,
            _LATER.id > _MADE.id,
            _LATER.decision.in_(REINSTATES),
            is_told(_LATER),
        )
        .exists()
    )
    query = (
        select(func.min(_MADE.id))
        .where(and_(_MADE.decision.in_(TAKES_DOWN), _MADE.takedown.is_(True)), ~taken_back)
        .group_by(_MADE.listing_id)
    )
    return query if listing_ids is None else query.where(_MADE.listing_id.in_(listing_ids))
