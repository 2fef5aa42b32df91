"""The review queue: which listings wait for a person, the riskiest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import defer

from labels.schema import Assessment
from labels.taxonomy import Platform, ProductClass, Verdict
from service.store.models import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review, Reviewer
from service.store.repository import Repository

EXCERPT = 160
"""Characters of the description that stand in for a missing title."""


class CaseState(StrEnum):
    """How far a listing's present text has come, in the order of the queue."""

    WAITING = "waiting"
    UNSURE = UNSURE
    DECIDED = "decided"


_RANKS = tuple(CaseState)


@dataclass(frozen=True)
class QueueFilter:
    """Which listings to show; ``None`` or ``""`` does not narrow.  ``search`` is found anywhere in title,
    description, seller or URL."""

    state: CaseState | None = None
    verdict: Verdict | None = None
    product_class: ProductClass | None = None
    platform: Platform | None = None
    search: str = ""


@dataclass(frozen=True)
class QueueRow:
    """A listing in the queue.  ``listing.description`` is not loaded: use ``excerpt``."""

    listing: Listing
    excerpt: str
    assessment: Assessment
    state: CaseState
    review: Review | None
    reviewer_name: str | None


@dataclass(frozen=True)
class QueueCounts:
    """How many listings there are under the filters other than verdict and state, by both."""

    cells: dict[tuple[Verdict, CaseState], int]

    def of(self, verdict: Verdict | None = None, state: CaseState | None = None) -> int:
        """The number with this verdict and state; ``None`` adds all up."""
        return sum(
            number
            for (cell_verdict, cell_state), number in self.cells.items()
            if verdict in (None, cell_verdict) and state in (None, cell_state)
        )


# The newest review made on the listing's present text.
_newest_review = (
    select(Review.id)
    .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
    .where(Review.listing_id == Listing.id, AssessmentRow.listing_text_sha256 == Listing.text_sha256)
    .order_by(Review.id.desc())
    .limit(1)
    .correlate(Listing)
    .scalar_subquery()
)
_waits = or_(Review.id.is_(None), Review.decision == WITHDRAWN)
_rank = case((_waits, 0), (Review.decision == UNSURE, 1), else_=2)


class QueueQuestions(Repository):
    """Questions about the queue."""

    def queue(self, wanted: QueueFilter, offset: int = 0, limit: int = 50) -> list[QueueRow]:
        """Rows of the queue: undecided first, then unsure, then decided; each riskiest first.

        Only assessed listings, each with its newest assessment of its present text.
        """
        query = (
            select(
                Listing,
                func.substr(Listing.description, 1, EXCERPT),
                AssessmentRow.content,
                _rank,
                Review,
                Reviewer.display_name,
            )
            .join(AssessmentRow, AssessmentRow.id == Listing.assessment_id)
            .outerjoin(Review, Review.id == _newest_review)
            .outerjoin(Reviewer, Reviewer.id == Review.reviewer_id)
            .options(defer(Listing.description), defer(Listing.extra))
            .where(*_conditions(wanted), *_state_and_verdict(wanted))
            .order_by(_rank, Listing.risk.desc(), Listing.id.desc())
            .offset(offset)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [
                QueueRow(listing, excerpt, Assessment.model_validate(content), _RANKS[rank], review, name)
                for listing, excerpt, content, rank, review, name in session.execute(query)
            ]

    def counts(self, wanted: QueueFilter) -> QueueCounts:
        """Numbers for the tabs; the filter's own verdict and state are ignored."""
        query = (
            _assessed(select(Listing.verdict, _rank, func.count()))
            .where(*_conditions(wanted))
            .group_by(Listing.verdict, _rank)
        )
        with self.database.reading() as session:
            return QueueCounts(
                {(Verdict(verdict), _RANKS[rank]): n for verdict, rank, n in session.execute(query)}
            )

    def waiting(self) -> int:
        """How many listings have no review of their present text, or one that was taken back."""
        query = _assessed(select(func.count())).where(Listing.assessment_id.is_not(None), _waits)
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def undecided(self, after: int = 0, limit: int = 500) -> list[tuple[Listing, Assessment]]:
        """Assessed listings whose present text waits or left a reviewer unsure, by their number.

        ``after`` is the number of the last listing of the page before; each comes with its newest assessment.
        Redacted listings are left out: their text is not the one that was assessed.
        """
        query = (
            select(Listing, AssessmentRow.content)
            .join(AssessmentRow, AssessmentRow.id == Listing.assessment_id)
            .outerjoin(Review, Review.id == _newest_review)
            .where(
                _rank != _RANKS.index(CaseState.DECIDED),
                Listing.id > after,
                Listing.redacted_at.is_(None),
            )
            .order_by(Listing.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [
                (listing, Assessment.model_validate(content)) for listing, content in session.execute(query)
            ]

    def next_waiting(self, wanted: QueueFilter, after: Listing) -> int | None:
        """The number of the undecided listing that follows ``after`` in the queue, else of the first one.

        ``None`` when no other listing waits under this filter, whose state is ignored.
        """
        query = _assessed(select(Listing.id)).where(*_conditions(wanted), _waits, Listing.id != after.id)
        if wanted.verdict is not None:
            query = query.where(Listing.verdict == wanted.verdict.value)
        query = query.order_by(Listing.risk.desc(), Listing.id.desc()).limit(1)
        with self.database.reading() as session:
            if after.risk is not None:
                later = or_(
                    Listing.risk < after.risk, and_(Listing.risk == after.risk, Listing.id < after.id)
                )
                found: int | None = session.scalar(query.where(later))
                if found is not None:
                    return found
            first: int | None = session.scalar(query)
            return first


def _assessed(query: Select[Any]) -> Select[Any]:
    return query.select_from(Listing).outerjoin(Review, Review.id == _newest_review)


def _conditions(wanted: QueueFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Listing.assessment_id.is_not(None)]
    if wanted.product_class is not None:
        found.append(Listing.product_class == wanted.product_class.value)
    if wanted.platform is not None:
        found.append(Listing.platform == wanted.platform.value)
    for word in wanted.search.split():
        columns = (Listing.title, Listing.description, Listing.seller, Listing.url)
        found.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found


def _state_and_verdict(wanted: QueueFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.verdict is not None:
        found.append(Listing.verdict == wanted.verdict.value)
    if wanted.state is not None:
        found.append(_rank == _RANKS.index(wanted.state))
    return found
