"""Tables of notices and questions between colleagues. Append-only; rows are deleted with their listing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class OverturnNotice(Base):
    """Notifies a reviewer that a colleague's review ended their decision or standing order.

    The review ``by_review_id`` holds the author, time, outcome and reason.
    """

    __tablename__ = "overturn_notice"
    __table_args__ = (UniqueConstraint("by_review_id", "reviewer_id"), Index(None, "reviewer_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    """The addressee."""
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), index=True)
    """The overturned decision, or the one that a standing order was based on."""
    by_review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    undid: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What no longer holds with it, as serialized by ``overturning.OverturnEffects.content``."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class NoticeRead(Base):
    """A record that somebody marked a notice as read."""

    __tablename__ = "notice_read"
    __table_args__ = (UniqueConstraint("notice_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("overturn_notice.id", ondelete="CASCADE"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    read_at: Mapped[datetime] = mapped_column(default=now)


class CaseMessage(Base):
    """An entry in the thread of a case: a question, to a named colleague or to anybody, or an answer."""

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
    """Who is asked by name; ``None`` if nobody is."""
    text: Mapped[str] = mapped_column(Text)
    opens: Mapped[bool] = mapped_column(default=False)
    """Whether it is the question with which its author left the case unsure."""
    last_review: Mapped[int]
    """The number of the newest review when it was written, 0 for none; a later decision ends a question."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("blind_task.id", ondelete="CASCADE"), index=True)
    """Set if its author read the case blind; the entry is then hidden from almost everybody else."""
    created_at: Mapped[datetime] = mapped_column(default=now)
