"""Tables of blind readings: second looks at decisions, and golden cases with a known answer.

None of these rows is a decision: ``review`` holds only real decisions, so that no feed, webhook, referral or
training set can mistake a blind reading for one. All rows are deleted with their listing.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Ending(StrEnum):
    """Why a task ended before it was read."""

    LAPSED = "lapsed"
    """The reader let it expire."""
    LEFT = "left"
    """The reader's account was disabled, or may no longer decide cases."""
    OVERTAKEN = "overtaken"
    """The hidden decision is no longer in force, was in doubt for a time, or somebody settled the look."""
    RETURNED = "returned"
    """The reader returned it for others."""


class LookDraw(Base):
    """How far decisions have been considered for second looks; a single row."""

    __tablename__ = "look_draw"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_review: Mapped[int]
    """Reviews up to this number have been considered."""


class SecondLook(Base):
    """A decision that was drawn for a second look."""

    __tablename__ = "second_look"
    __table_args__ = (Index(None, "drawn_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), unique=True)
    """The first decision."""
    drawn_at: Mapped[datetime] = mapped_column(default=now)
    agrees: Mapped[bool | None]
    """Whether the second reading has the same verdict; ``None`` until there is one."""
    sealed_at: Mapped[datetime | None]
    """From then on the second reader sees the real case and can withdraw nothing."""
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    settlement: Mapped[str | None] = mapped_column(String(20))
    """A value of ``second_looks.Settlement``."""
    # No foreign key: that review belongs to the same listing as the first and is deleted with it.
    settled_review_id: Mapped[int | None]
    """The decision in force after the settlement."""


class GoldenCase(Base):
    """A decided case with a known answer."""

    __tablename__ = "golden_case"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), unique=True)
    """The decision that is the answer; the case lapses when it is no longer in force."""
    marked_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    marked_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class BlindTask(Base):
    """A case in one reviewer's queue, to be read as if it were undecided."""

    __tablename__ = "blind_task"
    __table_args__ = (Index(None, "reviewer_id", "ended_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), index=True)
    """The hidden decision; the task is active while it is in force."""
    look_id: Mapped[int | None] = mapped_column(ForeignKey("second_look.id", ondelete="CASCADE"), index=True)
    golden_id: Mapped[int | None] = mapped_column(
        ForeignKey("golden_case.id", ondelete="CASCADE"), index=True
    )
    dealt_at: Mapped[datetime] = mapped_column(default=now)
    since: Mapped[datetime | None]
    """When the reader opened the case; ``until`` is the end of the lease."""
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When the task ended for this reader."""
    ended_how: Mapped[str | None] = mapped_column(String(20))
    """A value of :class:`Ending`; ``None`` while the task is active, and for tasks that ended before this was
    recorded."""


class BlindReading(Base):
    """A blind reader's decision. Append-only except ``withdrawn_at``: a change of mind is a new row."""

    __tablename__ = "blind_reading"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("blind_task.id", ondelete="CASCADE"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(index=True)
    """From the number sequence of reviews, as URLs and forms show it and must not reveal the blind reading.
    """
    decision: Mapped[str] = mapped_column(String(40))
    confirmed_claims: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    rejected_claims: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    added_claims: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    rejected_findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    stated_facts: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    law_choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    law_proposed: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    product_class: Mapped[str | None] = mapped_column(String(40))
    takedown: Mapped[bool] = mapped_column(default=True)
    referrals: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_number: Mapped[int | None] = mapped_column(index=True)
    """The number of the withdrawal, as for a review; ``None`` for those from before this was recorded."""
