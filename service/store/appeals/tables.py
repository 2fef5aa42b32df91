"""The table of appeals, which platforms file for themselves or for sellers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Appellant(StrEnum):
    """Who contests the decision."""

    PLATFORM = "platform"
    SELLER = "seller"


class Appeal(Base):
    """An appeal against a decision.

    Rows are only ever changed by redaction.

    Whether an appeal is open, and its outcome, follow from the reviews after it (``answering``).
    """

    __tablename__ = "appeal"
    # Platforms store these numbers, so they are never reused.
    __table_args__ = (Index(None, "listing_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), unique=True)
    """The contested decision; a decision can be contested once."""
    appellant: Mapped[str] = mapped_column(String(20))
    """A value of :class:`Appellant`."""
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="")
    filed_by: Mapped[str] = mapped_column(String(200))
    """The actor as in the audit trail: ``key:NAME``."""
    filed_at: Mapped[datetime] = mapped_column(default=now)
