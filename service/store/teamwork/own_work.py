"""A person's recent decisions and assigned cases, as shown to that person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.cases.assignments import Holding, holdings
from service.store.cases.decisions import is_slip
from service.store.database.repository import Repository
from service.store.second_look.blinds import as_reviews, blinds_of
from service.store.tables.blind_tables import BlindReading, BlindTask
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.case_tables import CaseClaim
from service.store.tables.core_tables import Listing, Review, Reviewer
from service.store.teamwork.notices import TITLE


@dataclass(frozen=True)
class OwnDecision:
    """A decision of one's own; ``newest`` is whether nobody reviewed the case after it.

    An "unsure" that was withdrawn does not count.
    """

    review: Review
    title: str
    newest: bool


@dataclass(frozen=True)
class OwnDecisions:
    """The latest decisions, and their total number including those not listed."""

    listed: list[OwnDecision]
    count: int


class OwnWorkRepository(Repository):
    """Repository of a person's own work. Blind readings appear in it as ordinary decisions."""

    def decided(self, viewer: Reviewer, since: datetime, limit: int = 50) -> OwnDecisions:
        """The viewer's decisions and withdrawals from ``since`` on, newest first.

        Leaves out what a standing order spread in their name.
        """
        spread = select(BulkReview.review_id).where(BulkReview.spread.is_(True))
        mine = (Review.reviewer_id == viewer.id, Review.created_at >= since, Review.id.not_in(spread))
        read = (
            select(BlindReading)
            .join(BlindTask, BlindTask.id == BlindReading.task_id)
            .where(BlindTask.reviewer_id == viewer.id, BlindReading.created_at >= since)
        )
        with self.database.reading() as session:
            reviews = session.scalars(
                select(Review).where(*mine).order_by(Review.id.desc()).limit(limit)
            ).all()
            count = session.scalar(select(func.count()).select_from(Review).where(*mine)) or 0
            readings = list(as_reviews(session.scalars(read), viewer.id))
            latest = sorted([*reviews, *readings], key=lambda row: (row.created_at, row.id), reverse=True)
            latest = latest[:limit]
            titles = _titles(session, {review.listing_id for review in latest})
            newest = _newest(session, {review.listing_id for review in reviews})
            blind = {id(reading) for reading in readings}
            listed = [
                OwnDecision(
                    review,
                    titles.get(review.listing_id, ""),
                    # A blind reader must not learn what followed their reading.
                    id(review) in blind or review.id in newest,
                )
                for review in latest
            ]
        return OwnDecisions(listed, count + len(readings))

    def held(self, viewer: Reviewer) -> list[tuple[Holding, str]]:
        """The cases assigned to the viewer, each with its title, longest held first."""
        with self.database.reading() as session:
            query = holdings().where(CaseClaim.reviewer_id == viewer.id)
            found = [Holding(*row) for row in session.execute(query)]
            found += filter(
                None, (blind.holding(viewer.id) for blind in blinds_of(session, viewer.id).values())
            )
            titles = _titles(session, {holding.listing_id for holding in found})
        found.sort(key=lambda holding: (holding.since, holding.listing_id))
        return [(holding, titles.get(holding.listing_id, "")) for holding in found]


def _titles(session: Session, listing_ids: Collection[int]) -> dict[int, str]:
    title = func.coalesce(func.nullif(Listing.title, ""), func.substr(Listing.description, 1, TITLE))
    query = select(Listing.id, title).where(Listing.id.in_(listing_ids))
    return {number: words or "" for number, words in session.execute(query)}


def _newest(session: Session, listing_ids: Collection[int]) -> set[int]:
    """The numbers of the newest review of each listing, and of the newest that is no withdrawn "unsure"."""
    query = select(func.max(Review.id)).where(Review.listing_id.in_(listing_ids)).group_by(Review.listing_id)
    return {*session.scalars(query), *session.scalars(query.where(~is_slip(Review)))}
