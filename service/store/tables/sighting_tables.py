"""The table of sightings: visits to a listing's page, and what they showed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.tables.core_tables import Base


class Outcome(StrEnum):
    """The result of a visit to a listing's page."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    BACK = "back"
    """Present again after it was gone."""
    UNCLEAR = "unclear"
    """The page exists, shows no listing, and does not state that it is gone (a login wall, a challenge,
    another page): a person must check."""


class Sighting(Base):
    """A visit, or a run of visits that all showed the same unchanged page."""

    __tablename__ = "sighting"
    __table_args__ = (
        Index(None, "listing_id", "id"),
        Index(None, "outcome", "at"),
        Index(None, "warc_file", "warc_record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    first_at: Mapped[datetime]
    at: Mapped[datetime]
    """The last visit of the run."""
    times: Mapped[int] = mapped_column(default=1)
    version: Mapped[int]
    """The version of the listing after the visit."""
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The fields that differ, as ``[before, after]``.

    Empty for the text, whose earlier versions are in ``listing_version``; for ``pictures``, if the files
    differ (``listing_picture``), also under the same addresses; for what was redacted; and, in earlier rows,
    for all fields but the price."""
    how: Mapped[str] = mapped_column(Text, default="")
    """Why the page counts as gone or unclear."""
    status: Mapped[int]
    content_type: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the body as received."""
    warc_file: Mapped[str] = mapped_column(Text)
    warc_record_id: Mapped[str] = mapped_column(String(200))
    """The record of the (last) visit; a ``revisit`` or ``metadata`` record for an unchanged page."""
    removed_at: Mapped[datetime | None]
    """When this evidence was given up, as in ``capture``; the record stays while another listing needs it."""
