"""Tables of public warnings and their corrections."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.database.running_numbers import Numbered
from service.store.tables.core_tables import Base


class AlertRow(Numbered, Base):
    """A decided case as published, without personal data.

    The row holds the current text; earlier texts are in :class:`AlertCorrection`. Rows are never deleted: a
    number stays assigned, and feeds must be able to report that a warning no longer stands.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        Index(None, "listing_id"),
        Index(None, "changed_at", "id"),
        Index(None, "product_class", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    """The decision that it rests on."""
    product_class: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    """Paragraphs separated by line breaks; no markup."""
    published_at: Mapped[datetime] = mapped_column(default=now)
    published_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Public reason of the withdrawal."""
    changed_at: Mapped[datetime] = mapped_column(default=now)
    """When it was published or, later, corrected or withdrawn."""

    @property
    def withdrawn(self) -> bool:
        """Whether it was withdrawn."""
        return self.withdrawn_at is not None


class AlertCorrection(Base):
    """A correction of a warning, with the text it replaced. Append-only."""

    __tablename__ = "alert_correction"
    __table_args__ = (Index(None, "alert_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    title: Mapped[str] = mapped_column(Text)
    """The title before the correction; internal, never published again."""
    text: Mapped[str] = mapped_column(Text)
    """The text before the correction."""
    what: Mapped[str] = mapped_column(Text)
    """Public description of what was corrected."""
    corrected_at: Mapped[datetime] = mapped_column(default=now)
    corrected_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))


class AlertPicture(Base):
    """A picture of the advertisement in a warning, as the public sees it."""

    __tablename__ = "alert_picture"
    __table_args__ = (Index(None, "alert_id", "sha256"),)

    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """From 0."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Hex digest of ``content`` as published, under which the public page asks for it."""
    picture: Mapped[str] = mapped_column(String(64))
    """Hex digest of the stored picture from which it was made."""
    blurred: Mapped[bool]
    """Whether everything but the marked words is blurred."""
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The numbered words: ``{"text", "reading", "label"}`` each; early ones have no reading."""
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The JPEG as published, whatever becomes of the stored picture; empty once it was taken back or the
    warning was withdrawn."""
