"""The repository of reviews."""

from collections.abc import Collection

from sqlalchemy import func, select

from service.store.cases.decisions import is_slip
from service.store.cases.queue import QueueQuestions
from service.store.cases.reviews import BY_HAND, Decision, PastReview, Trace, keep, take_back
from service.store.cases.withdrawals import is_in_force
from service.store.tables.core_tables import AssessmentRow, Listing, Review, Reviewer


class ReviewRepository(QueueQuestions):
    """Repository of reviews."""

    def record(
        self,
        assessment_id: int,
        reviewer_id: int,
        made: Decision,
        last_seen_review: int | None = None,
        trace: Trace = BY_HAND,
    ) -> Review:
        """Append a review and its audit entry in one transaction.

        ``last_seen_review`` is the number of the newest review of this listing that the reviewer saw, 0 for
        none; ``None`` skips that check.

        Raises :class:`ReviewRefused`, :class:`CaseChanged` if the assessment is no longer current or a newer
        review exists, :class:`CaseHeld` if somebody else works on the case, and :class:`ContestedByAppeal` if
        an appeal contests this reviewer's decision. Deciding a case ends its assignment.
        """
        with self.database.writing() as session:
            return keep(session, assessment_id, reviewer_id, made, last_seen_review, trace)

    def withdraw(self, review_id: int, reviewer_id: int) -> Review:
        """Withdraw a review: the case waits again, and a platform that was notified is notified again.

        After an "unsure", it is as before. The withdrawal is itself a review. Only the reviewer who decided
        may withdraw, and only while nobody reviewed the listing afterwards, other than by an "unsure" that
        was withdrawn. Raises :class:`ReviewRefused`,
        :class:`CaseChanged` if somebody did, and :class:`ContestedByAppeal` while an appeal contests it.
        """
        with self.database.writing() as session:
            return take_back(session, review_id, reviewer_id)

    def get(self, review_id: int) -> Review | None:
        """The review with this number, or ``None``."""
        with self.database.reading() as session:
            return session.get(Review, review_id)

    def own(self, review_ids: Collection[int], reviewer_id: int) -> list[Review]:
        """The reviews of this reviewer among those with these numbers, by number."""
        if not review_ids:
            return []
        query = select(Review).where(Review.id.in_(review_ids), Review.reviewer_id == reviewer_id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(Review.id)))

    def own_in_force(self, review_ids: Collection[int], reviewer_id: int) -> list[Review]:
        """Those of :meth:`own` that are still in force; withdrawals are reviews too."""
        found = self.own(review_ids, reviewer_id)
        if not found:
            return []
        with self.database.reading() as session:
            return [review for review in found if is_in_force(session, review)]

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
        """The newest review of each text of each listing, including earlier texts, oldest first.

        Each comes with its assessment; ``Listing.text`` may be a later text.
        """
        newest = (
            select(func.max(Review.id))
            .join(AssessmentRow, Review.assessment_id == AssessmentRow.id)
            .where(~is_slip(Review))
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
