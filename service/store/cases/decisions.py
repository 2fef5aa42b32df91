"""Decisions that bind a platform: takedowns and reinstatements.

Nothing is stored for this: reviews are append-only, and whether one binds the platform depends only on it and
on earlier reviews. The feed is therefore a query, in the order of the reviews.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from labels.taxonomy import Verdict
from service.store.appeals.tables import Appeal
from service.store.database.repository import Repository
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review
from service.store.tenants.read_scope import ReadScope

TAKES_DOWN = (Verdict.PROHIBITED.value, Verdict.NEEDS_PERMIT.value)
REINSTATES = (Verdict.CLEAR.value, Verdict.NOT_AN_AD.value, WITHDRAWN)

# Each review refreshes its case, for which making these conditions would take longer than running them.
_made_once = lru_cache(maxsize=16)


@dataclass(frozen=True)
class Decided:
    """A review that binds the platform, with its listing and assessment.

    ``replaces`` is the number of the earlier adverse review of the same listing that this one replaces or
    withdraws; ``None`` for the first.
    """

    review: Review
    assessment: AssessmentRow
    listing: Listing
    replaces: int | None
    spread: bool = False
    """Whether a standing order made it, without anybody reading the text."""
    appeal: int | None = None
    """The number of the appeal that the review answers."""


class DecisionRepository(Repository):
    """Repository of the decision feed."""

    def after(
        self,
        position: int = 0,
        reach: ReadScope | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> list[Decided]:
        """The decisions after the review numbered ``position``, oldest first.

        ``reach`` narrows to the listings that a key may read, ``since`` to decisions from that time on.
        Reviews are numbered in the order of their commits (``ReviewRepository.record``), so a later
        commit never appears before a position that a client has already received.
        """
        query = _feed().where(Review.id > position).limit(limit)
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
                    appeal,
                )
                for review, row, listing, earlier, spread, appeal in session.execute(query)
            ]

    def of_review(self, review_id: int) -> Decided:
        """The decision of an existing review, with its context; ``replaces`` is not looked up."""
        query = (
            select(Review, AssessmentRow, Listing)
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .join(Listing, Review.listing_id == Listing.id)
            .where(Review.id == review_id)
        )
        with self.database.reading() as session:
            review, row, listing = session.execute(query).one()
        return Decided(review, row, listing, None)

    def newest(self, reach: ReadScope | None = None, before: datetime | None = None) -> int:
        """The position of the newest decision in the feed, 0 if there is none.

        A feed from here contains only new decisions; with ``before``, all decisions made from that time on.
        Reviews missing from the feed leave no visible gap: a position reveals nothing about withheld
        decisions.
        """
        previous = aliased(Review)
        query = (
            select(Review.id)
            .join(Listing, Review.listing_id == Listing.id)
            .outerjoin(previous, previous.id == _before())
            .outerjoin(Appeal, Appeal.review_id == _before(lasting=True))
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


# The courier runs this often for each webhook, and building the query takes longer than running it.
@cache
def _feed() -> Select[*tuple[Any, ...]]:
    """The decisions that bind the platform with what belongs to them, oldest first."""
    previous = aliased(Review)
    return (
        select(Review, AssessmentRow, Listing, previous, BulkReview.spread, Appeal.id)
        .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
        .join(Listing, Review.listing_id == Listing.id)
        .outerjoin(previous, previous.id == _before())
        .outerjoin(BulkReview, BulkReview.review_id == Review.id)
        # The contested decision stood until this review, so this review answers the appeal.
        .outerjoin(Appeal, Appeal.review_id == _before(lasting=True))
        .where(_binds(previous))
        .order_by(Review.id)
    )


@_made_once
def decides(review: type[Review]) -> ColumnElement[bool]:
    """Whether a review makes or withdraws a decision: "unsure" decides nothing, nor does its withdrawal."""
    return and_(review.decision != UNSURE, ~_takes_back_unsure(review))


def is_told(review: type[Review]) -> ColumnElement[bool]:
    """Whether a review can change what the platform goes by.

    The platform never hears of a decision that is held back, nor of its withdrawal.
    """
    return and_(decides(review), ~is_held_back(review))


def is_undone(review: type[Review], until: type[Review] | None = None) -> ColumnElement[bool]:
    """Whether a later review withdraws this decision; with ``until``, one made before that review."""
    later, next_one = aliased(Review), aliased(Review)
    after = (
        select(func.min(later.id))
        .where(later.listing_id == review.listing_id, later.id > review.id, ~is_slip(later))
        .correlate(review)
        .scalar_subquery()
    )
    wanted = [next_one.id == after, next_one.decision == WITHDRAWN]
    if until is not None:
        wanted.append(next_one.id < until.id)
    return exists(select(next_one.id).where(*wanted).correlate_except(next_one))


@_made_once
def is_slip(review: type[Review]) -> ColumnElement[bool]:
    """Whether a review is an "unsure" that was withdrawn, or its withdrawal: the case is as it was before."""
    later, next_one = aliased(Review), aliased(Review)
    # An "unsure" can be withdrawn only while it is the newest review.
    after = (
        select(func.min(later.id))
        .where(later.listing_id == review.listing_id, later.id > review.id)
        .correlate(review)
        .scalar_subquery()
    )
    taken_back = select(next_one.id).where(next_one.id == after, next_one.decision == WITHDRAWN)
    is_withdrawn = exists(taken_back.correlate_except(next_one))
    return or_(and_(review.decision == UNSURE, is_withdrawn), _takes_back_unsure(review))


def slips(reviews: Iterable[Review]) -> set[int]:
    """The numbers of those of a listing's reviews, given newest first, for which :func:`is_slip` holds."""
    # An "unsure" can be withdrawn only while it is the newest review.
    return {
        number
        for later, earlier in pairwise(reviews)
        if later.decision == WITHDRAWN and earlier.decision == UNSURE
        for number in (later.id, earlier.id)
    }


def undoes_after(review: type[Review], number: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a review withdraws one that was made after the review with this number."""
    return _takes_back(review, lambda taken_back: taken_back.id > number)


@_made_once
def is_held_back(review: type[Review]) -> ColumnElement[bool]:
    """Whether a review is an adverse decision that is withheld from the platform, or withdraws one."""
    return or_(_is_withheld(review), _takes_back(review, _is_withheld))


def _is_withheld(review: type[Review]) -> ColumnElement[bool]:
    return and_(review.decision.in_(TAKES_DOWN), review.takedown.is_(False))


def _takes_back_unsure(review: type[Review]) -> ColumnElement[bool]:
    """Whether a review withdraws an "unsure": the one directly before it."""
    earlier, taken_back = aliased(Review), aliased(Review)
    before = (
        select(func.max(earlier.id))
        .where(earlier.listing_id == review.listing_id, earlier.id < review.id)
        .correlate(review)
        .scalar_subquery()
    )
    made = select(taken_back.id).where(taken_back.id == before, taken_back.decision == UNSURE)
    return and_(review.decision == WITHDRAWN, exists(made.correlate_except(taken_back)))


def _takes_back(
    review: type[Review], which: Callable[[type[Review]], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Whether a review withdraws a decision for which ``which`` holds."""
    earlier, taken_back = aliased(Review), aliased(Review)
    # Only the decision in force can be withdrawn.
    before = (
        select(func.max(earlier.id))
        .where(earlier.listing_id == review.listing_id, earlier.id < review.id, ~is_slip(earlier))
        .correlate(review)
        .scalar_subquery()
    )
    made = select(taken_back.id).where(taken_back.id == before, which(taken_back))
    found = exists(made.correlate_except(taken_back))
    return and_(review.decision == WITHDRAWN, ~_takes_back_unsure(review), found)


def _before(*, lasting: bool = False) -> ScalarSelect[int]:
    """The number of the decision that applied to the platform before this review.

    ``lasting`` leaves out decisions that were withdrawn by then, and their withdrawals: an appeal is open
    again if its answer is withdrawn.
    """
    earlier = aliased(Review)
    wanted = [earlier.listing_id == Review.listing_id, earlier.id < Review.id, is_told(earlier)]
    if lasting:
        wanted += [earlier.decision != WITHDRAWN, ~is_undone(earlier, until=Review)]
    return (
        select(earlier.id)
        .where(*wanted)
        .order_by(earlier.id.desc())
        .limit(1)
        .correlate(Review)
        .scalar_subquery()
    )


def _binds(previous: type[Review]) -> ColumnElement[bool]:
    """Whether a review is adverse, withdraws ``previous``, which was, or answers an appeal."""
    takes_back = and_(Review.decision.in_(REINSTATES), previous.decision.in_(TAKES_DOWN))
    # An appeal whose answer was withdrawn may be answered when nothing stands against the listing any more.
    return and_(is_told(Review), or_(Review.decision.in_(TAKES_DOWN), takes_back, Appeal.id.is_not(None)))
