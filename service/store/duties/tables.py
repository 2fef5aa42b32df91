"""The table of requests to platforms for data about a seller."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Outcome(StrEnum):
    """How a platform answered a request."""

    PROVIDED = "provided"
    REFUSED = "refused"


class SellerDataRequest(Base):
    """A request to a platform for the data of a listing's seller. Deleted with the listing.

    The data itself is not stored here: it belongs into the agency's file.
    """

    __tablename__ = "seller_data_request"
    # Numbers are never reused: the audit trail refers to them.
    __table_args__ = (
        Index(None, "listing_id"),
        Index(None, "answered_at", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    marketplace: Mapped[str] = mapped_column(String(40))
    """The id of a designated marketplace; empty for another platform."""
    reference: Mapped[str] = mapped_column(String(200))
    """The number of the agency's letter."""
    sent_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """``None`` for requests from before the rules were in force."""
    created_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    """A value of :class:`Outcome`, once answered."""
