"""The tables of campaigns: near-duplicate listings, their sellers' contacts, decisions on many at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Campaign(Base):
    """Listings that say nearly the same.

    A campaign is known by the sketch of its first text: a listing belongs to it by its likeness to that one
    text, never by its likeness to another member, so that no chain of small steps joins unlike texts.  The
    row stays when its first listing changes its text or goes.
    """

    __tablename__ = "campaign"
    # A number that was given out is never given to another campaign.
    __table_args__ = (Index(None, "size", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    sketch: Mapped[str] = mapped_column(String(60))
    """How ``minima`` was made; sketches of different names are never compared."""
    minima: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(default=0)
    """How many listings belong to it now."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class CampaignBand(Base):
    """A band of a campaign's sketch: where the campaigns that a text may belong to are looked up."""

    __tablename__ = "campaign_band"

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, index=True)


class CampaignMember(Base):
    """The campaign of one text of one listing; a changed text gives a listing a new row."""

    __tablename__ = "campaign_member"
    __table_args__ = (UniqueConstraint("listing_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    """Grows with time, so that "joined later" is a comparison of numbers."""
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    """``None`` for a text too short to be compared."""
    text_sha256: Mapped[str] = mapped_column(String(64))
    sketch: Mapped[str] = mapped_column(String(60))
    similarity: Mapped[float | None]
    """To the campaign's first text."""
    joined_at: Mapped[datetime] = mapped_column(default=now)


class SellerContact(Base):
    """A contact that a listing gave: personal data.  Kept when a later text leaves it out."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("listing_id", "kind", "value"), Index(None, "kind", "value"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    kind: Mapped[str] = mapped_column(String(40))
    """A value of ``labels.schema.ContactKind``."""
    value: Mapped[str] = mapped_column(String(500))
    """In the normalized form of ``inference.contacts``."""
    first_seen: Mapped[datetime] = mapped_column(default=now)


class BulkDecision(Base):
    """One press that decided many listings of a campaign, and whether later ones follow."""

    __tablename__ = "bulk_decision"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    # No foreign key: the listing of that review may be removed, and what happened then stays.
    origin_review_id: Mapped[int] = mapped_column(index=True)
    """The review of the listing that the decision was made on."""
    decision: Mapped[str] = mapped_column(String(40))
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What a text must hold to be decided alike (``service.campaigns.basis``)."""
    declined: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Listings that the reviewer was offered and left out: nothing spreads to them."""
    after_member: Mapped[int]
    """The newest member that the reviewer saw; those with a higher number joined later."""
    spread: Mapped[bool]
    """Whether later members get the same decision, until ``ended_at``."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    """From when on nothing spreads any more."""
    undone_at: Mapped[datetime | None]


class BulkReview(Base):
    """A review that a bulk decision brought about, or the withdrawal of one."""

    __tablename__ = "bulk_review"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True, autoincrement=False)
    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_decision.id"), index=True)
    spread: Mapped[bool]
    """Whether the listing joined later and nobody read its text before this review."""
