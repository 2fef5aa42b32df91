"""The tables of public warnings and of their corrections."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.database.running_numbers import Numbered
from service.store.tables.core_tables import Base


class AlertRow(Numbered, Base):
    """A decided case as the public reads it, without personal data.

    The row holds what the public reads now; what it said before a correction stands in
    :class:`AlertCorrection`.  Rows are never deleted: a number stays taken, and a feed must be able to say
    that a warning no longer stands.
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
    """Paragraphs with a line break between them; no markup."""
    published_at: Mapped[datetime] = mapped_column(default=now)
    published_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was withdrawn, as the public reads it."""
    changed_at: Mapped[datetime] = mapped_column(default=now)
    """When it was published or, later, corrected or withdrawn."""

    @property
    def withdrawn(self) -> bool:
        """Whether it no longer stands."""
        return self.withdrawn_at is not None


class AlertCorrection(Base):
    """One correction of a warning, with what the warning said until then.  Append-only."""

    __tablename__ = "alert_correction"
    __table_args__ = (Index(None, "alert_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    title: Mapped[str] = mapped_column(Text)
    """The title before the correction; for officers, never public again."""
    text: Mapped[str] = mapped_column(Text)
    """The text before it."""
    what: Mapped[str] = mapped_column(Text)
    """What was corrected, as the public reads it."""
    corrected_at: Mapped[datetime] = mapped_column(default=now)
    corrected_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
