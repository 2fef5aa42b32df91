"""The shapes of the API's answers."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from labels.schema import Assessment
from labels.taxonomy import ProductClass, Verdict
from service.decisions.draft_check import DraftCheck
from service.store import Deposit
from service.store.tables.core_tables import AssessmentRow, Capture, Listing


class Assessments(BaseModel):
    """The answer of ``POST /v1/classify``: one assessment a listing, in their order."""

    assessments: list[Assessment]


class DraftChecks(BaseModel):
    """The answer of ``POST /v1/check``: one check a draft, in their order."""

    checks: list[DraftCheck]


class Deposited(BaseModel):
    """What became of a listing that was handed in."""

    id: str = Field(description="the id that the client gave")
    listing_id: int = Field(description="the number under which it can be read: /v1/listings/{listing_id}")
    status: Literal["new", "unchanged", "changed"]

    @classmethod
    def of(cls, external_id: str, deposit: Deposit) -> Self:
        """The answer for a deposit."""
        return cls(id=external_id, listing_id=deposit.listing_id, status=deposit.status)


class DepositedMany(BaseModel):
    """The answer for a batch, in its order."""

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
    verdict: Verdict | None = Field(description="null while the current text is not assessed")
    risk: float | None
    product_class: ProductClass | None

    @classmethod
    def of(cls, row: Listing) -> Self:
        """The brief of a row."""
        return cls.model_validate(_fields(row, cls))


class ListingPage(BaseModel):
    """A page of listings; ask again with ``cursor`` set to ``next_cursor`` until that is null."""

    listings: list[ListingBrief]
    next_cursor: str | None


class CaptureOut(BaseModel):
    """A fetched response behind a listing."""

    version: int
    url: str
    status: int
    captured_at: datetime
    sha256: str
    warc_file: str
    warc_record_id: str
    content_type: str
    removed_at: datetime | None = Field(description="when the evidence was removed from the folder")


class ListingFull(ListingBrief):
    """A listing with its text, its evidence and its newest assessment."""

    description: str
    text: str = Field(description="what was read; every offset of the assessment points into it")
    price: str | None
    currency: str | None
    seller_url: str | None
    images: list[str]
    extra: dict[str, Any]
    captured_at: datetime | None
    redacted_at: datetime | None = Field(description="when the contacts were taken out of the text")
    captures: list[CaptureOut] = []
    assessment: Assessment | None = None

    @classmethod
    def build(cls, row: Listing, captures: list[Capture], assessment: AssessmentRow | None) -> Self:
        """The whole of a row."""
        fields = _fields(row, cls)
        fields["captures"] = [CaptureOut.model_validate(_fields(capture, CaptureOut)) for capture in captures]
        fields["assessment"] = assessment.shape() if assessment else None
        return cls.model_validate(fields)


def _fields(row: Listing | Capture, shape: type[BaseModel]) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}
    if isinstance(row, Listing):
        fields["listing_id"], fields["id"] = row.id, row.external_id
    return fields
