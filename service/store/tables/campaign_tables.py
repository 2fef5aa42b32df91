"""Tables of campaigns: near-duplicate listings, sellers' contacts, bulk decisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Campaign(Base):
    """Listings with nearly the same text.

    A campaign is identified by the sketch of its first text: a listing belongs to it if it is similar to that
    text, not to another member, so that a chain of small changes cannot join unlike texts. The row stays when
    its first listing changes its text or is deleted.
    """

    __tablename__ = "campaign"
    # Numbers are never reused for another campaign.
    __table_args__ = (Index(None, "size", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    sketch: Mapped[str] = mapped_column(String(60))
    """How ``minima`` was computed; sketches with different names are never compared."""
    minima: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(default=0)
    """The current number of listings."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class CampaignBand(Base):
    """A band of a campaign's sketch, used to look up candidate campaigns for a text."""

    __tablename__ = "campaign_band"

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, index=True)


class CampaignMember(Base):
    """The campaign of one text of one listing; a changed text adds a row."""

    __tablename__ = "campaign_member"
    __table_args__ = (UniqueConstraint("listing_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    """Increases over time, so that "joined later" is a comparison of numbers."""
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    """``None`` for a text too short to be compared."""
    text_sha256: Mapped[str] = mapped_column(String(64))
    sketch: Mapped[str] = mapped_column(String(60))
    similarity: Mapped[float | None]
    """Similarity to the campaign's first text."""
    joined_at: Mapped[datetime] = mapped_column(default=now)


class SellerContact(Base):
    """A contact in a listing; personal data. Retained when a later text leaves it out."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("listing_id", "kind", "value"), Index(None, "kind", "value"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    kind: Mapped[str] = mapped_column(String(40))
    """A value of ``labels.schema.ContactKind``."""
    value: Mapped[str] = mapped_column(String(500))
    """Normalized as by ``inference.contacts``."""
    first_seen: Mapped[datetime] = mapped_column(default=now)


class BulkDecision(Base):
    """A decision on many listings of a campaign, and whether it applies to later ones."""

    __tablename__ = "bulk_decision"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    # No foreign key: the listing of that review may be deleted, and this record stays.
    origin_review_id: Mapped[int] = mapped_column(index=True)
    """The review of the listing that the decision was based on."""
    decision: Mapped[str] = mapped_column(String(40))
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What a text must contain to be decided alike (``service.campaigns.basis``)."""
    declined: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Listings that the reviewer was offered and left out: nothing is spread to them."""
    after_member: Mapped[int]
    """The newest member that the reviewer saw; those with a higher number joined later."""
    spread: Mapped[bool]
    """Whether later members get the same decision, until ``ended_at``."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    """From then on nothing is spread."""
    undone_at: Mapped[datetime | None]


class BulkReview(Base):
    """A review made by a bulk decision, or its withdrawal."""

    __tablename__ = "bulk_review"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True, autoincrement=False)
    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_decision.id"), index=True)
    spread: Mapped[bool]
    """Whether the listing joined later, so that nobody read its text before this review."""
