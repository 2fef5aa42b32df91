"""The tables of what colleagues tell each other.  Append-only; all rows go with their listing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import now
from service.store.models import Base


class OverturnNotice(Base):
    """Tells a reviewer that a colleague's review ended their decision, or their standing order.

    Who did it, when, with what outcome and why stands in the review ``by_review_id``.
    """

    __tablename__ = "overturn_notice"
    __table_args__ = (UniqueConstraint("by_review_id", "reviewer_id"), Index(None, "reviewer_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    """Who is told."""
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), index=True)
    """The decision that no longer stands, or the one that a standing order was made on."""
    by_review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    undid: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What no longer holds with it, as ``overturning.Undone.content`` writes it."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class NoticeRead(Base):
    """That somebody marked a notice as read."""

    __tablename__ = "notice_read"
    __table_args__ = (UniqueConstraint("notice_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("overturn_notice.id", ondelete="CASCADE"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    read_at: Mapped[datetime] = mapped_column(default=now)
