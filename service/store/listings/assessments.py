"""Assessments: append-only."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.schema import Assessment
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.index.entries import refresh
from service.store.listings.current import point_to
from service.store.listings.repository import require
from service.store.platforms.events import queue_assessed
from service.store.tables.core_tables import AssessmentRow, Listing


@dataclass(frozen=True)
class Assessed:
    """An assessment and its input: listing number, text digest, ``pictures_key`` and offer by its record.

    Without ``offered`` nothing is known of the last.
    """

    listing_id: int
    text_sha256: str
    assessment: Assessment
    pictures_key: str = ""
    offered: bool | None = None


class AssessmentRepository(Repository):
    """Repository of assessments."""

    def record(
        self,
        listing_id: int,
        assessment: Assessment,
        text_sha256: str | None = None,
        pictures_key: str = "",
    ) -> int:
        """Append an assessment and return its number.

        ``text_sha256`` identifies the assessed text; it defaults to the listing's current text.
        ``pictures_key`` identifies the assessed pictures (``service.store.pictures.keys``). Raises
        :class:`~service.store.database.errors.UnknownListing`.
        """
        with self.database.writing() as session:
            return record_in(session, listing_id, assessment, text_sha256, pictures_key)

    def record_all(self, batch: Iterable[Assessed]) -> list[int]:
        """Append several in one transaction, all or none.

        Assessments of listings that were redacted in the meantime are skipped, because they would restore
        what was removed. So are those of texts and pictures that the same model has already assessed through
        another worker, and those of listings whose record now says otherwise on the offer. Webhooks are
        notified of texts assessed for the first time. Raises
        :class:`~service.store.database.errors.UnknownListing`.
        """
        recorded, news = [], []
        with self.database.writing() as session:
            for item in batch:
                if not _is_wanted(session, item):
                    continue
                is_news = not _is_known(session, item)
                number = record_in(
                    session, item.listing_id, item.assessment, item.text_sha256, item.pictures_key
                )
                recorded.append(number)
                if is_news:
                    news.append(number)
            queue_assessed(session, news)
        return recorded

    def get(self, assessment_id: int) -> AssessmentRow | None:
        """The assessment with this number, or ``None``."""
        with self.database.reading() as session:
            return session.get(AssessmentRow, assessment_id)

    def of_listing(self, listing_id: int, limit: int = 50) -> list[AssessmentRow]:
        """The newest assessments of a listing, newest first."""
        query = select(AssessmentRow).where(AssessmentRow.listing_id == listing_id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(AssessmentRow.id.desc()).limit(limit)))

    def many(self, assessment_ids: Iterable[int]) -> dict[int, AssessmentRow]:
        """The assessments with these numbers, by number."""
        query = select(AssessmentRow).where(AssessmentRow.id.in_(list(assessment_ids)))
        with self.database.reading() as session:
            return {row.id: row for row in session.scalars(query)}


def _is_wanted(session: Session, item: Assessed) -> bool:
    row = session.get(Listing, item.listing_id, with_for_update=True)
    if row is None:
        return True
    if row.redacted_at is not None:
        return False
    if row.text_sha256 == item.text_sha256 and row.pictures_key == item.pictures_key:
        if item.offered not in (None, row.shape().is_offer_by_record):
            return False
        if row.assessed_by is None:
            return True  # also if there is one that assumed otherwise on the offer
    return not _is_there(session, item)


def _is_there(session: Session, item: Assessed) -> bool:
    same = select(AssessmentRow.id).where(
        AssessmentRow.listing_id == item.listing_id,
        AssessmentRow.listing_text_sha256 == item.text_sha256,
        AssessmentRow.pictures_key == item.pictures_key,
        AssessmentRow.model_id == item.assessment.model,
    )
    return session.scalar(same.limit(1)) is not None


def _is_known(session: Session, item: Assessed) -> bool:
    """Whether the text was assessed before, by any model and with whatever pictures."""
    same = select(AssessmentRow.id).where(
        AssessmentRow.listing_id == item.listing_id, AssessmentRow.listing_text_sha256 == item.text_sha256
    )
    return session.scalar(same.limit(1)) is not None


def record_in(
    session: Session,
    listing_id: int,
    assessment: Assessment,
    text_sha256: str | None,
    pictures_key: str = "",
) -> int:
    """Append an assessment inside the caller's transaction (see :meth:`AssessmentRepository.record`)."""
    listing = require(session, listing_id)
    row = AssessmentRow(
        listing_id=listing_id,
        listing_text_sha256=text_sha256 or listing.text_sha256,
        pictures_key=pictures_key,
        model_id=assessment.model,
        verdict=assessment.verdict.value,
        risk=assessment.risk,
        product_class=assessment.product_class.value,
        offer=assessment.offer,
        content=storable(assessment.model_dump(mode="json")),
    )
    session.add(row)
    session.flush()
    # The text may have changed while the model read it: then store the result, but not as the current one.
    if row.listing_text_sha256 == listing.text_sha256:
        point_to(listing, row)
        refresh(session, listing)
    return row.id
