"""Decisions that bind a platform: takedowns and reinstatements.

Nothing is stored for this: the reviews are append-only, and whether one of them speaks to the platform
depends on it and on the reviews before it alone.  So the feed is a query, in the order of the reviews.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, or_, select
from sqlalchemy.orm import aliased

from labels.taxonomy import Verdict
from service.store.database.repository import Repository
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review
from service.store.tenants.reach import Reach

TAKES_DOWN = (Verdict.PROHIBITED.value, Verdict.NEEDS_PERMIT.value)
REINSTATES = (Verdict.CLEAR.value, Verdict.NOT_AN_AD.value, WITHDRAWN)


@dataclass(frozen=True)
class Decided:
    """A review that binds the platform, with what it speaks about.

    ``replaces`` is the number of the earlier review of the same listing, made against it, that this one
    replaces or takes back; ``None`` for the first.
    """

    review: Review
    assessment: AssessmentRow
    listing: Listing
    replaces: int | None
    spread: bool = False
    """Whether a reviewer's standing order made it, without anybody reading the text."""


class DecisionRepository(Repository):
    """The feed of decisions."""

    def after(
        self, position: int = 0, reach: Reach | None = None, since: datetime | None = None, limit: int = 50
    ) -> list[Decided]:
        """The decisions that follow the review numbered ``position``, oldest first.

        ``reach`` narrows to the listings that a key may read, ``since`` to decisions from then on.  Reviews
        are numbered in the order of their commits (``ReviewRepository.record_review``): one that is
        committed later never appears before a position that was given out.
        """
        previous = aliased(Review)
        query = (
            select(Review, AssessmentRow, Listing, previous, BulkReview.spread)
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .join(Listing, Review.listing_id == Listing.id)
            .outerjoin(previous, previous.id == _standing_before())
            .outerjoin(BulkReview, BulkReview.review_id == Review.id)
            .where(Review.id > position, _binds(previous))
            .order_by(Review.id)
            .limit(limit)
        )
        if since is not None:
            query = query.where(Review.created_at >= since)
        with self.database.reading() as session:
            if reach is not None:
                query = query.where(reach.covers(session, Listing.source))
            return [
                Decided(
                    review,
                    row,
                    listing,
                    earlier.id if earlier and earlier.decision in TAKES_DOWN else None,
                    bool(spread),
                )
                for review, row, listing, earlier, spread in session.execute(query)
            ]

    def of_review(self, review_id: int) -> Decided:
        """The decision of a review that exists, with what it speaks about; ``replaces`` is not looked up."""
        query = (
            select(Review, AssessmentRow, Listing)
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .join(Listing, Review.listing_id == Listing.id)
            .where(Review.id == review_id)
        )
        with self.database.reading() as session:
            review, row, listing = session.execute(query).one()
        return Decided(review, row, listing, None)

    def newest(self, reach: Reach | None = None, before: datetime | None = None) -> int:
        """The position of the newest decision in the feed, 0 where there is none.

        A feed from here on has only new ones; with ``before``, every one made from that moment on.  What is
        not in the feed leaves no gap behind: a position tells nothing of decisions that were held back.
        """
        previous = aliased(Review)
        query = (
            select(Review.id)
            .join(Listing, Review.listing_id == Listing.id)
            .outerjoin(previous, previous.id == _standing_before())
            .where(_binds(previous))
            .order_by(Review.id.desc())
            .limit(1)
        )
        if before is not None:
            query = query.where(Review.created_at < before)
        with self.database.reading() as session:
            if reach is not None:
                query = query.where(reach.covers(session, Listing.source))
            return session.scalar(query) or 0


def is_held_back(review: type[Review]) -> ColumnElement[bool]:
    """Whether a review is a decision against its listing that the platform is not told of."""
    return and_(review.decision.in_(TAKES_DOWN), review.takedown.is_(False))


def _standing_before() -> ScalarSelect[int]:
    """The number of the decision that the platform went by until this review.

    "Unsure" decides nothing, and of a decision that was held back the platform never heard.
    """
    earlier = aliased(Review)
    return (
        select(earlier.id)
        .where(
            earlier.listing_id == Review.listing_id,
            earlier.id < Review.id,
            earlier.decision != UNSURE,
            ~is_held_back(earlier),
        )
        .order_by(earlier.id.desc())
        .limit(1)
        .correlate(Review)
        .scalar_subquery()
    )


def _binds(previous: type[Review]) -> ColumnElement[bool]:
    """Whether a review is against its listing, or takes back ``previous``, which was."""
    return or_(
        and_(Review.decision.in_(TAKES_DOWN), Review.takedown.is_(True)),
        and_(Review.decision.in_(REINSTATES), previous.decision.in_(TAKES_DOWN)),
    )
