"""Schemas of the API's answers."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from labels.schema import Assessment
from labels.taxonomy import ProductClass, Verdict
from service.decisions.draft_check import DraftCheck
from service.store import Deposit
from service.store.tables.core_tables import AssessmentRow, Capture, Listing


class Assessments(BaseModel):
    """The answer of ``POST /v1/classify``: one assessment per listing, in input order."""

    assessments: list[Assessment]


class DraftChecks(BaseModel):
    """The answer of ``POST /v1/check``: one check per draft, in input order."""

    checks: list[DraftCheck]


class Deposited(BaseModel):
    """The result of submitting a listing."""

    id: str = Field(description="the client's id of the listing")
    listing_id: int = Field(description="the number to read it by: /v1/listings/{listing_id}")
    status: Literal["new", "unchanged", "changed"]

    @classmethod
    def of(cls, external_id: str, deposit: Deposit) -> Self:
        """Return the answer for a deposit."""
        return cls(id=external_id, listing_id=deposit.listing_id, status=deposit.status)


class DepositedMany(BaseModel):
    """The answer for several listings, in input order."""

    listings: list[Deposited]


class ListingBrief(BaseModel):
    """A listing in a page of listings."""

    id: str
    listing_id: int
    source: str
    platform: str | None
    url: str | None
    title: str | None
    seller: str | None
    version: int
    first_seen: datetime
    last_seen: datetime
    verdict: Verdict | None = Field(description="null until the current text is assessed")
    risk: float | None
    product_class: ProductClass | None

    @classmethod
    def of(cls, row: Listing) -> Self:
        """Return the summary of a row."""
        return cls.model_validate(_fields(row, cls))


class ListingPage(BaseModel):
    """A page of listings; repeat with ``cursor`` set to ``next_cursor`` until it is null."""

    listings: list[ListingBrief]
    next_cursor: str | None


class CaptureOut(BaseModel):
    """A fetched response that a listing was extracted from."""

    version: int
    url: str
    status: int
    captured_at: datetime
    sha256: str
    warc_file: str
    warc_record_id: str
    content_type: str
    removed_at: datetime | None = Field(description="when the evidence was deleted")


class ListingFull(ListingBrief):
    """A listing with its text, its evidence and its newest assessment."""

    description: str
    text: str = Field(description="the assessed text; every offset of the assessment points into it")
    price: str | None
    currency: str | None
    seller_url: str | None
    images: list[str]
    extra: dict[str, Any]
    captured_at: datetime | None
    redacted_at: datetime | None = Field(description="when contacts were removed from the text")
    captures: list[CaptureOut] = []
    assessment: Assessment | None = None

    @classmethod
    def build(cls, row: Listing, captures: list[Capture], assessment: AssessmentRow | None) -> Self:
        """Return the full listing of a row."""
        fields = _fields(row, cls)
        fields["captures"] = [CaptureOut.model_validate(_fields(capture, CaptureOut)) for capture in captures]
        fields["assessment"] = assessment.shape() if assessment else None
        return cls.model_validate(fields)


def _fields(row: Listing | Capture, shape: type[BaseModel]) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}
    if isinstance(row, Listing):
        fields["listing_id"], fields["id"] = row.id, row.external_id
    return fields
