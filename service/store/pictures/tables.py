"""The tables of pictures and of the listings that show them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Picture(Base):
    """One picture file, identified by its content.

    Seen only through a listing that shows it (``ListingPicture``): sellers share pictures, and a tenant must
    not learn from a hash what another one sent.
    """

    __tablename__ = "picture"
    __table_args__ = (Index(None, "engine", "first_seen"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Hex digest of the file, which ``PictureFiles`` keeps under this name."""
    media_type: Mapped[str] = mapped_column(String(40))
    """By the file's first bytes, whatever its sender said."""
    width: Mapped[int]
    height: Mapped[int]
    """In pixels, as the file's header says."""
    bytes: Mapped[int]
    warc_file: Mapped[str | None] = mapped_column(Text)
    warc_record_id: Mapped[str | None] = mapped_column(String(200))
    """The record of the crawl that first fetched it; ``None`` for a picture that was sent."""
    first_seen: Mapped[datetime] = mapped_column(default=now)
    reading: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """The lines read: ``{"text", "box", "confidence"}`` each (``labels.pictured.PictureLine``)."""
    engine: Mapped[str | None] = mapped_column(String(200))
    """What read it, or failed to, with its version; ``None`` if nothing has tried."""
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    """Code of the reason why it was not read (``inference.pictures.errors``)."""


class ListingPicture(Base):
    """A listing shows a picture, from when to when."""

    __tablename__ = "listing_picture"
    __table_args__ = (Index(None, "sha256"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256"), primary_key=True)
    url: Mapped[str | None] = mapped_column(Text)
    """Where it was last fetched from; ``None`` for a picture that was sent."""
    position: Mapped[int]
    """Its place among the listing's pictures, from 0."""
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)
    gone_at: Mapped[datetime | None]
    """When the listing was first seen without it; ``None`` while it is shown."""
