"""Tables of the queue: search and sort keys, assignments, saved views, outcomes.

``queue_entry`` and ``case_outcome`` are derived: ``entries.refresh`` writes them in the transaction that
changes a listing, its newest assessment or its reviews. They are narrow, so that a filter without an index
still reads little.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class QueueEntry(Base):
    """The queue's data on a listing; one row per listing, assessed or not."""

    __tablename__ = "queue_entry"
    __table_args__ = (
        Index(None, "urgency", "priority", "listing_id"),
        Index(None, "urgency", "risk", "listing_id"),
        Index(None, "urgency", "severity", "risk", "listing_id"),
        Index(None, "verdict", "urgency", "priority", "listing_id"),
        Index(None, "platform", "urgency", "priority", "listing_id"),
        Index(None, "product_class", "urgency", "priority", "listing_id"),
        Index(None, "seller", "urgency", "priority", "listing_id"),
        Index(None, "verdict", "risk", "listing_id"),
        Index(None, "risk", "listing_id"),
        Index(None, "received_at", "listing_id"),
        Index(None, "reach", "listing_id"),
        Index(None, "source", "listing_id"),
        Index(None, "campaign_id", "urgency", "priority", "listing_id", "risk"),
        Index(None, "urgency", "arrived_at", "listing_id"),
        Index(None, "campaign_id", "received_at", "verdict"),
        # The dashboard's only source for received listings: one index for short periods, and one in the order
        # of its groups for long ones, where sorting would cost more than scanning the rest.
        Index("ix_queue_entry_received", "received_at", "verdict", "product_class", "platform", "labels"),
        Index("ix_queue_entry_groups", "verdict", "product_class", "platform", "labels", "received_at"),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    urgency: Mapped[int]
    """3 is waiting with complaints, 2 waiting for a reviewer, 1 unsure, 0 decided, -1 not assessed
    (``entries.URGENCY``)."""
    told_urgency: Mapped[int] = mapped_column(server_default="2")
    """The urgency as shown to the submitter: without withheld decisions and without complaints."""
    risk: Mapped[float | None]
    severity: Mapped[int] = mapped_column(default=0, server_default="0")
    """How grave the harm of its claims may be, a :class:`~labels.guidance.severity.Severity`."""
    priority: Mapped[float | None]
    """Risk and severity in one number, :func:`~labels.guidance.severity.priority_of`."""
    verdict: Mapped[str | None] = mapped_column(String(40))
    product_class: Mapped[str | None] = mapped_column(String(40))
    platform: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200))
    seller: Mapped[str] = mapped_column(String(200))
    """The seller's name, normalized for comparison (``entries.seller_key``)."""
    received_at: Mapped[datetime]
    """When the listing was first deposited."""
    arrived_at: Mapped[datetime]
    """When its current text was first seen; the case has waited since then."""
    reach: Mapped[float] = mapped_column(default=0.0)
    """How many people it reached, from ``extra["reach"]``; 0 if that is missing."""
    complaints: Mapped[int] = mapped_column(default=0, server_default="0")
    """The number of complaints about it."""
    labels: Mapped[str] = mapped_column(Text, default="")
    """The labels of the reported claims, ``|a|b|``; empty if there are none."""
    licences: Mapped[str] = mapped_column(Text, default="")
    """The registry statuses of the numbers found, in the same form."""
    review_id: Mapped[int | None]
    """The newest review of the current text, possibly a withdrawal. An "unsure" that was withdrawn leaves the
    review before it, or without one its withdrawal."""
    campaign_id: Mapped[int | None]
    """Copy of ``campaign_member`` (maintained by ``placements``), so that one index can weigh campaigns."""


class CaseOutcome(Base):
    """The outcome of a text: one row per text whose newest review is a decision.

    Derived like ``queue_entry``, and retained when the text changes. A decision that is withdrawn, or
    followed by an unsure one that stands, has no row.
    """

    __tablename__ = "case_outcome"
    __table_args__ = (
        # Covers the dashboard's queries and its percentiles.
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
    # No foreign key: reviews are deleted before their listing, and this row is deleted with the listing.
    review_id: Mapped[int]
    """The newest review of the text."""
    reviewer_id: Mapped[int]
    """The author of that review."""
    decided_at: Mapped[datetime]
    """When the first decision of the current unbroken series was made."""
    seconds: Mapped[int]
    """From the text's arrival until ``decided_at``."""
    decision: Mapped[str] = mapped_column(String(40))
    """A value of ``labels.taxonomy.Verdict``."""
    verdict: Mapped[str] = mapped_column(String(40))
    """The model's verdict, as the reviewer saw it."""
    product_class: Mapped[str] = mapped_column(String(40))
    """The reviewer's, if they chose one, otherwise the model's."""
    platform: Mapped[str | None] = mapped_column(String(40))
    labels: Mapped[str] = mapped_column(Text, default="")
    """Of the claims that the model reported, ``|a|b|``."""
    confirmed: Mapped[str] = mapped_column(Text, default="")
    """The label of each confirmed claim, with repeats, ``a|a|b``."""
    rejected: Mapped[str] = mapped_column(Text, default="")
    """The same for rejected claims."""


class CaseClaim(Base):
    """An assignment of a case. A row whose ``until`` has passed has no effect."""

    __tablename__ = "case_claim"
    __table_args__ = (Index(None, "reviewer_id"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """When it returns to the queue; ``None`` for a case that a lead assigned."""
    handed_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))


class SavedView(Base):
    """A named filter of the queue."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("reviewer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(Text)
    """The query string of the queue's URL, without ``?``."""
    shared: Mapped[bool] = mapped_column(default=False)
    """Whether the whole team sees it."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class DefaultView(Base):
    """The view that a person's queue opens with."""

    __tablename__ = "default_view"

    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"))
