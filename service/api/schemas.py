"""Converts the store's rows to the API's response models."""

from typing import Any

from pydantic import BaseModel

from service.answers.listings import CaptureOut, Deposited, ListingBrief, ListingFull
from service.store import Deposit
from service.store.tables.core_tables import AssessmentRow, Capture, Listing


def deposited(external_id: str, deposit: Deposit) -> Deposited:
    """Return the response for a deposit."""
    return Deposited(id=external_id, listing_id=deposit.listing_id, status=deposit.status)


def brief(row: Listing) -> ListingBrief:
    """Return the short form of a row."""
    return ListingBrief.model_validate(_fields(row, ListingBrief))


def full(row: Listing, captures: list[Capture], assessment: AssessmentRow | None) -> ListingFull:
    """Return the full form of a row."""
    fields = _fields(row, ListingFull)
    fields["captures"] = [CaptureOut.model_validate(_fields(capture, CaptureOut)) for capture in captures]
    fields["assessment"] = assessment.shape() if assessment else None
    return ListingFull.model_validate(fields)


def _fields(row: Listing | Capture, shape: type[BaseModel]) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}
    if isinstance(row, Listing):
        fields["listing_id"], fields["id"] = row.id, row.external_id
    return fields
