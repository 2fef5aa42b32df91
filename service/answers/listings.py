"""Submitted listings and what is stored of them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from labels.pictured import AnyAssessment
from labels.taxonomy import ProductClass, Verdict


class Deposited(BaseModel):
    """The result of submitting a listing."""

    id: str = Field(description="the client's id for the listing")
    listing_id: int = Field(description="its number in /v1/listings/{listing_id}")
    status: Literal["new", "unchanged", "changed"]


class DepositedMany(BaseModel):
    """The results for several listings, in input order."""

    listings: list[Deposited]


class ListingBrief(BaseModel):
    """A listing as it appears in a page of listings."""

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


class ListingPage(BaseModel):
    """A page of listings; repeat with ``cursor`` set to ``next_cursor`` until it is null."""

    listings: list[ListingBrief]
    next_cursor: str | None


class CaptureOut(BaseModel):
    """A fetched response from which a listing was extracted."""

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
    redacted_at: datetime | None = Field(description="when contacts were redacted from the text")
    captures: list[CaptureOut] = []
    assessment: AnyAssessment | None = None
