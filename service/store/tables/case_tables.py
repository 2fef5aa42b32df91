"""The tables of the queue: what it is searched and sorted by, who works on what, saved views, outcomes.

``queue_entry`` and ``case_outcome`` are derived: ``entries.refresh`` writes them in the transaction that
changes a listing, its newest assessment or its reviews.  They are narrow, so that a filter that no index
answers still reads little.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class QueueEntry(Base):
    """What the queue knows of a listing; one row a listing, assessed or not."""

    __tablename__ = "queue_entry"
    __table_args__ = (
        Index(None, "urgency", "risk", "listing_id"),
        Index(None, "verdict", "urgency", "risk", "listing_id"),
        Index(None, "platform", "urgency", "risk", "listing_id"),
        Index(None, "product_class", "urgency", "risk", "listing_id"),
        Index(None, "seller", "urgency", "risk", "listing_id"),
        Index(None, "verdict", "risk", "listing_id"),
        Index(None, "risk", "listing_id"),
        Index(None, "received_at", "listing_id"),
        Index(None, "reach", "listing_id"),
        Index(None, "source", "listing_id"),
        Index(None, "campaign_id", "urgency", "risk", "listing_id"),
        Index(None, "urgency", "arrived_at", "listing_id"),
        Index(None, "campaign_id", "received_at", "verdict"),
        # The dashboard reads nothing else of what came in: one index for a short period, and one in the
        # order of its groups for a long one, where sorting so many costs more than passing the others.
        Index("ix_queue_entry_received", "received_at", "verdict", "product_class", "platform", "labels"),
        Index("ix_queue_entry_groups", "verdict", "product_class", "platform", "labels", "received_at"),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    urgency: Mapped[int]
    """3 waits and was complained of, 2 waits for a reviewer, 1 left one unsure, 0 is decided, -1 is not
    assessed (``entries.URGENCY``)."""
    told_urgency: Mapped[int] = mapped_column(server_default="2")
    """As whoever handed it in may know it: without decisions that were held back, and without complaints."""
    risk: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(40))
    product_class: Mapped[str | None] = mapped_column(String(40))
    platform: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200))
    seller: Mapped[str] = mapped_column(String(200))
    """The seller's name as it is compared (``entries.seller_key``)."""
    received_at: Mapped[datetime]
    """When the listing was first deposited."""
    arrived_at: Mapped[datetime]
    """When its present text was first seen: since then the case waits."""
    reach: Mapped[float] = mapped_column(default=0.0)
    """How many people it reached, where the listing carries that in ``extra["reach"]``; else 0."""
    complaints: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many complaints there are about it."""
    labels: Mapped[str] = mapped_column(Text, default="")
    """The labels of the reported claims, ``|a|b|``; empty without any."""
    licences: Mapped[str] = mapped_column(Text, default="")
    """The registry statuses of the numbers found, in the same form."""
    review_id: Mapped[int | None]
    """The newest review of the present text, a withdrawal too."""
    campaign_id: Mapped[int | None]
    """As ``campaign_member`` has it (``placements`` keeps it so): campaigns are weighed out of one index."""


class CaseOutcome(Base):
    """What a text of a listing was decided to be: one row a text whose newest review is a decision.

    Derived as ``queue_entry`` is, and kept when the text changes: what was decided stays decided.  A decision
    that is taken back, or followed by an unsure one, has no row.
    """

    __tablename__ = "case_outcome"
    __table_args__ = (
        # The dashboard and its percentiles read this index alone.
        Index(
            "ix_case_outcome_decided",
            "decided_at",
            "review_id",
            "verdict",
            "decision",
            "product_class",
            "platform",
            "labels",
            "seconds",
            "reviewer_id",
            "confirmed",
            "rejected",
        ),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    text_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    # No foreign key: reviews go before their listing does, and this row goes with the listing.
    review_id: Mapped[int]
    """The newest review of the text."""
    reviewer_id: Mapped[int]
    """Who made it."""
    decided_at: Mapped[datetime]
    """When the first of the decisions was made that stand unbroken until now."""
    seconds: Mapped[int]
    """From the text's arrival until ``decided_at``."""
    decision: Mapped[str] = mapped_column(String(40))
    """A value of ``labels.taxonomy.Verdict``."""
    verdict: Mapped[str] = mapped_column(String(40))
    """The machine's, as the reviewer saw it."""
    product_class: Mapped[str] = mapped_column(String(40))
    """The reviewer's where they named one, else the machine's."""
    platform: Mapped[str | None] = mapped_column(String(40))
    labels: Mapped[str] = mapped_column(Text, default="")
    """Of the claims that the machine reported, ``|a|b|``."""
    confirmed: Mapped[str] = mapped_column(Text, default="")
    """The label of each claim that was confirmed, with repeats, ``a|a|b``."""
    rejected: Mapped[str] = mapped_column(Text, default="")
    """The same of those that were rejected."""


class CaseClaim(Base):
    """Who works on a case.  A row whose ``until`` has passed counts for nothing."""

    __tablename__ = "case_claim"
    __table_args__ = (Index(None, "reviewer_id"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """When it returns to the queue by itself; ``None`` for a case that a lead has handed to somebody."""
    handed_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))


class SavedView(Base):
    """A filter of the queue under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("reviewer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(Text)
    """The query string of the queue's address, without ``?``."""
    shared: Mapped[bool] = mapped_column(default=False)
    """Whether the whole team sees it."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class DefaultView(Base):
    """The view that a person's queue opens with."""

    __tablename__ = "default_view"

    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"))
