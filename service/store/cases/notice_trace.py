"""Audit details of a review from which the record of notices is computed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables.core_tables import UNSURE, AssessmentRow, Listing, Review


def notice_details(session: Session, listing: Listing, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the audit detail from which the record of notices is computed (``service.notice_record``).

    ``same_text``: whether the listing's text is the same as at its previous review; ``None`` for the first.
    """
    before = session.scalar(
        select(AssessmentRow.listing_text_sha256)
        .join(Review, Review.assessment_id == AssessmentRow.id)
        .where(Review.listing_id == listing.id, Review.decision != UNSURE)
        .order_by(Review.id.desc())
        .limit(1)
    )
    claims = [*columns["confirmed_claims"], *columns["added_claims"]]
    return {
        "platform": listing.platform or "",
        "labels": sorted({claim["label"] for claim in claims}),
        "same_text": None if before is None else before == listing.text_sha256,
    }
