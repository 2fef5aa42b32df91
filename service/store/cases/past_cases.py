"""Past cases with the model's answers and people's decisions, for evaluating another model."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from labels.taxonomy import Verdict
from service.store.database.periods import Span, within
from service.store.database.repository import Repository
from service.store.index.entries import unmarked
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import AssessmentRow, Listing, Review


@dataclass(frozen=True)
class PastCase:
    """A listing's current text with its newest assessment, ``None`` if there is none.

    ``decision`` is the decision on this text, ``None`` if there is none.
    """

    listing_id: int
    text_sha256: str
    received_at: datetime
    redacted: bool
    verdict: Verdict | None
    risk: float
    labels: tuple[str, ...]
    model: str
    decision: Verdict | None


class PastCaseRepository(Repository):
    """Repository of past cases, by the time their listing was first deposited."""

    def page(self, span: Span, after: int = 0, limit: int = 5000) -> list[PastCase]:
        """Cases received within the span whose listing number is greater than ``after``, by that number."""
        query = (
            select(
                QueueEntry.listing_id,
                Listing.text_sha256,
                QueueEntry.received_at,
                Listing.redacted_at,
                QueueEntry.verdict,
                QueueEntry.risk,
                QueueEntry.labels,
                Listing.assessed_by,
                CaseOutcome.decision,
            )
            .join(Listing, Listing.id == QueueEntry.listing_id)
            .outerjoin(
                CaseOutcome,
                and_(
                    CaseOutcome.listing_id == QueueEntry.listing_id,
                    CaseOutcome.text_sha256 == Listing.text_sha256,
                ),
            )
            .where(
                *within(QueueEntry.received_at, span),
                QueueEntry.listing_id > after,
            )
            .order_by(QueueEntry.listing_id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [_case(*row) for row in session.execute(query)]

    def count(self, span: Span) -> int:
        """The number of cases that :meth:`page` returns without a limit."""
        received = within(QueueEntry.received_at, span)
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(QueueEntry).where(*received)) or 0

    def decisions(self, numbers: Collection[int]) -> list[tuple[int, Review, AssessmentRow, AssessmentRow]]:
        """The decided ones among these listings.

        Each with its number, its decision, the assessment that was decided on, and the newest assessment of
        the current text.
        """
        read, present = aliased(AssessmentRow), aliased(AssessmentRow)
        query = (
            select(Listing.id, Review, read, present)
            .join(
                CaseOutcome,
                and_(CaseOutcome.listing_id == Listing.id, CaseOutcome.text_sha256 == Listing.text_sha256),
            )
            .join(Review, Review.id == CaseOutcome.review_id)
            .join(read, read.id == Review.assessment_id)
            .join(present, present.id == Listing.assessment_id)
            .where(Listing.id.in_(numbers))
            .order_by(Listing.id)
        )
        with self.database.reading() as session:
            return [(number, review, one, two) for number, review, one, two in session.execute(query)]

    def listings(self, numbers: Collection[int]) -> list[Listing]:
        """The listings with these numbers, in order; deleted ones are left out."""
        query = select(Listing).where(Listing.id.in_(numbers)).order_by(Listing.id)
        with self.database.reading() as session:
            return list(session.scalars(query))


def _case(
    number: int,
    digest: str,
    received: datetime,
    redacted: datetime | None,
    verdict: str | None,
    risk: float | None,
    labels: str,
    model: str | None,
    decision: str | None,
) -> PastCase:
    return PastCase(
        number,
        digest,
        received,
        redacted is not None,
        Verdict(verdict) if verdict else None,
        risk or 0.0,
        unmarked(labels),
        model or "",
        Verdict(decision) if decision else None,
    )
