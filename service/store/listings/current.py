"""Chooses the current assessment of a listing."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables.core_tables import AssessmentRow, Listing


def point_to(row: Listing, assessment: AssessmentRow | None) -> None:
    """Make ``assessment`` (or none) the current one in the listing's row.

    An assessment of outdated pictures is shown, but the listing stays queued for a new one.
    """
    row.assessment_id = assessment.id if assessment else None
    covers = assessment is not None and assessment.pictures_key == row.pictures_key
    row.assessed_by = assessment.model_id if assessment and covers else None
    row.verdict = assessment.verdict if assessment else None
    row.risk = assessment.risk if assessment else None
    row.product_class = assessment.product_class if assessment else None


def point_to_newest(session: Session, row: Listing) -> None:
    """Point to the newest assessment of the listing's present text, preferably of its present pictures."""
    of_text = (
        select(AssessmentRow)
        .where(AssessmentRow.listing_id == row.id, AssessmentRow.listing_text_sha256 == row.text_sha256)
        .order_by((AssessmentRow.pictures_key == row.pictures_key).desc(), AssessmentRow.id.desc())
    )
    point_to(row, session.scalars(of_text.limit(1)).first())
