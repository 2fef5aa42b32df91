"""Submitted complaints."""

from typing import Literal

from pydantic import BaseModel, Field

Tie = Literal["address", "text", "ingested"]


class ComplaintKept(BaseModel):
    """The result of submitting a complaint."""

    complaint_id: int
    number: str = Field(description="what the complainant is told, such as รร 0012/2569")
    status: Literal["new", "known", "differs"] = Field(
        description="known: already stored; differs: stored earlier with other content, which is kept"
    )
    listing_id: int | None = Field(
        description="the listing it belongs to, if that is the tenant's own or the key has `read_all`"
    )
    tie: Tie | None = Field(description="how a new complaint was matched to that listing")
