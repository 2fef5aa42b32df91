"""Tables of pictures and of the listings that show them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Picture(Base):
    """A picture file, identified by its content.

    Accessible only through a listing that shows it (``ListingPicture``): sellers share pictures, and a tenant
    must not learn from a hash what another tenant sent.
    """

    __tablename__ = "picture"
    __table_args__ = (Index(None, "engine", "first_seen"), Index(None, "compared_at", "first_seen"))

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Hex digest of the file, under which ``PictureFiles`` stores it."""
    media_type: Mapped[str] = mapped_column(String(40))
    """Detected from the file's first bytes, whatever its sender declared."""
    width: Mapped[int]
    height: Mapped[int]
    """In pixels, from the file's header."""
    bytes: Mapped[int]
    warc_file: Mapped[str | None] = mapped_column(Text)
    warc_record_id: Mapped[str | None] = mapped_column(String(200))
    """Record of the crawl that first fetched it; ``None`` for a picture that was sent."""
    first_seen: Mapped[datetime] = mapped_column(default=now)
    reading: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """The lines read: ``{"text", "box", "confidence"}`` each (``labels.pictured.PictureLine``)."""
    engine: Mapped[str | None] = mapped_column(String(200))
    """Engine, with its version, that read it or failed to; ``None`` if none has tried."""
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    """Code of the reason why it could not be read (``inference.pictures.errors``)."""
    compared_at: Mapped[datetime | None]
    """When it was compared with pictures of listings decided against; ``None`` if that is due."""


class ListingPicture(Base):
    """A picture shown by a listing, from when to when."""

    __tablename__ = "listing_picture"
    __table_args__ = (Index(None, "sha256"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256"), primary_key=True)
    url: Mapped[str | None] = mapped_column(Text)
    """Address from which it was last fetched; ``None`` for a picture that was sent."""
    position: Mapped[int]
    """Its position among the listing's pictures, from 0."""
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)
    gone_at: Mapped[datetime | None]
    """When the listing was first seen without it; ``None`` while it is shown."""


class PictureBand(Base):
    """A band of a picture's coarse hash (``inference.pictures.likeness.coarse``)."""

    __tablename__ = "picture_band"
    __table_args__ = (Index(None, "place", "value"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    """From 0."""
    value: Mapped[int]


class PictureLikeness(Base):
    """A picture that shows the same as a known one, by geometry."""

    __tablename__ = "picture_likeness"
    __table_args__ = (Index(None, "known_sha256"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256", ondelete="CASCADE"), primary_key=True)
    known_sha256: Mapped[str] = mapped_column(
        ForeignKey("picture.sha256", ondelete="CASCADE"), primary_key=True
    )
    """A picture of a listing that was decided against."""
    corners: Mapped[int]
    """How many corners agree on where one lies in the other."""
    mirrored: Mapped[bool]
