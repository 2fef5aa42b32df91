"""The table of public warnings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import now
from service.store.models import Base
from service.store.running_numbers import Numbered


class AlertRow(Numbered, Base):
    """A decided case as the public reads it, without personal data.

    What was published never changes; a withdrawal is added to it, and what was wrong is published anew under
    a new number.  Rows are never deleted: a number stays taken, and a feed must be able to say that a warning
    no longer stands.
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
    """When it was published or, later, withdrawn."""

    @property
    def withdrawn(self) -> bool:
        """Whether it no longer stands."""
        return self.withdrawn_at is not None
