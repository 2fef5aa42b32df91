"""The tables of what colleagues tell and ask each other.  Append-only; all rows go with their listing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


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


class CaseMessage(Base):
    """One entry of the thread of a case: a question, to a colleague or to whoever comes, or an answer."""

    __tablename__ = "case_message"
    __table_args__ = (
        Index(None, "listing_id", "id"),
        Index(None, "asked_id", "id"),
        Index(None, "author_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    """Who is asked; ``None`` for what asks nobody by name."""
    text: Mapped[str] = mapped_column(Text)
    opens: Mapped[bool] = mapped_column(default=False)
    """Whether it is the question with which its author left the case unsure."""
    last_review: Mapped[int]
    """The number of the newest review when it was written, 0 for none: a later decision ends a question."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("blind_task.id", ondelete="CASCADE"), index=True)
    """Set where its author read the case blind: it is then shown to hardly anybody else."""
    created_at: Mapped[datetime] = mapped_column(default=now)
