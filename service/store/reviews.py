"""Reviews: what people decided, and what still waits for a decision.

A decision stands for the text it was made on: a newer model that reads the same text again does not reopen
the case, a changed text does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labels.taxonomy import Verdict
from service.store.audit import append, take_turn
from service.store.errors import StoreError
from service.store.json_text import storable
from service.store.listings import require
from service.store.models import UNSURE, AssessmentRow, Listing, Review, Reviewer
from service.store.queue import QueueQuestions

DECISIONS: tuple[str, ...] = (
    Verdict.PROHIBITED.value,
    Verdict.NEEDS_PERMIT.value,
    Verdict.CLEAR.value,
    Verdict.NOT_AN_AD.value,
    UNSURE,
)
"""What a reviewer may decide, in the order of the keys 1 to 5."""

MAX_NOTE = 4000
"""Characters of a note."""


class ReviewRefused(StoreError, ValueError):
    """A review that cannot be kept as it is: an unknown decision or claim, or a note too long."""


class CaseChanged(ReviewRefused):
    """The listing has another assessment now, or somebody else reviewed it after the page was opened."""


@dataclass(frozen=True)
class PastReview:
    """A review with what a reader of the history needs beside it.

    ``current_text`` is whether it was made on the text that the listing has now.
    """

    review: Review
    reviewer_name: str
    current_text: bool


class ReviewRepository(QueueQuestions):
    """The queue and the reviews."""

    def record_review(
        self,
        assessment_id: int,
        reviewer_id: int,
        decision: str,
        *,
        confirmed: Iterable[int] = (),
        rejected: Iterable[int] = (),
        note: str = "",
        last_seen_review: int | None = None,
    ) -> Review:
        """Append a review and its audit entry, both or neither.

        ``confirmed`` and ``rejected`` are indexes into the assessment's claims, ``decision`` is one of
        :data:`DECISIONS`.  ``last_seen_review`` is the number of the newest review of this listing that the
        reviewer saw, 0 for none; ``None`` skips that check.  Raises :class:`ReviewRefused`, and
        :class:`CaseChanged` if the assessment is no longer the listing's current one or a newer review came
        in between.
        """
        right, wrong = sorted(set(confirmed)), sorted(set(rejected))
        if decision not in DECISIONS:
            raise ReviewRefused(f"{decision!r} is no decision: give one of {', '.join(DECISIONS)}")
        if len(note) > MAX_NOTE:
            raise ReviewRefused(f"the note has {len(note):,} characters: shorten it to {MAX_NOTE:,}")
        if both := set(right) & set(wrong):
            raise ReviewRefused(f"claims {sorted(both)} are both confirmed and rejected: choose one")
        with self.database.writing() as session:
            # Before the row takes its number: whoever pages through decisions relies on numbers that never
            # appear behind one already seen.
            take_turn(session)
            assessment = session.get(AssessmentRow, assessment_id)
            if assessment is None:
                raise ReviewRefused(f"there is no assessment {assessment_id} in this database")
            listing = require(session, assessment.listing_id)
            _check_current(session, listing, assessment, last_seen_review)
            reviewer = session.get(Reviewer, reviewer_id)
            if reviewer is None or reviewer.disabled_at is not None:
                raise ReviewRefused(f"there is no open reviewer account {reviewer_id}")
            claims: list[dict[str, Any]] = assessment.content.get("claims", [])
            row = Review(
                listing_id=listing.id,
                assessment_id=assessment.id,
                reviewer_id=reviewer.id,
                decision=decision,
                confirmed_claims=_picked(claims, right),
                rejected_claims=_picked(claims, wrong),
                note=storable(note.strip()),
            )
            session.add(row)
            session.flush()
            append(
                session,
                f"reviewer:{reviewer.name}",
                "review.record",
                f"listing:{listing.id}",
                {
                    "review": row.id,
                    "assessment": assessment.id,
                    "decision": decision,
                    "confirmed": right,
                    "rejected": wrong,
                },
            )
        return row

    def get(self, review_id: int) -> Review | None:
        """The review with this number, or ``None``."""
        with self.database.reading() as session:
            return session.get(Review, review_id)

    def history(self, listing_id: int) -> list[PastReview]:
        """Every review of a listing, newest first."""
        query = (
            select(Review, Reviewer.display_name, AssessmentRow.listing_text_sha256, Listing.text_sha256)
            .join(Reviewer, Review.reviewer_id == Reviewer.id)
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .join(Listing, Review.listing_id == Listing.id)
            .where(Review.listing_id == listing_id)
            .order_by(Review.id.desc())
        )
        with self.database.reading() as session:
            return [
                PastReview(review, name, read == present)
                for review, name, read, present in session.execute(query)
            ]

    def newest_of_each_text(self) -> list[tuple[Review, AssessmentRow, Listing]]:
        """The newest review of every text of every listing, earlier texts too, oldest review first.

        Each with the assessment that it speaks about; ``Listing.text`` may be a later text.
        """
        newest = (
            select(func.max(Review.id))
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .group_by(Review.listing_id, AssessmentRow.listing_text_sha256)
        )
        query = (
            select(Review, AssessmentRow, Listing)
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .join(Listing, Review.listing_id == Listing.id)
            .where(Review.id.in_(newest))
            .order_by(Review.id)
        )
        with self.database.reading() as session:
            return [(review, row, listing) for review, row, listing in session.execute(query)]


def _check_current(
    session: Session, listing: Listing, assessment: AssessmentRow, last_seen_review: int | None
) -> None:
    if listing.assessment_id != assessment.id:
        raise CaseChanged(
            f"listing {listing.id} has a newer text or assessment: open the case again and decide on that"
        )
    if last_seen_review is None:
        return
    newest = session.scalar(
        select(Review.id).where(Review.listing_id == listing.id).order_by(Review.id.desc()).limit(1)
    )
    if (newest or 0) > last_seen_review:
        raise CaseChanged(
            f"somebody reviewed listing {listing.id} while it was open here: open the case again and look"
        )


def _picked(claims: Sequence[dict[str, Any]], indexes: Iterable[int]) -> list[dict[str, Any]]:
    picked = []
    for index in indexes:
        if not 0 <= index < len(claims):
            raise ReviewRefused(f"the assessment has {len(claims)} claims, none numbered {index}")
        picked.append({name: claims[index][name] for name in ("start", "end", "label", "text")})
    return picked
