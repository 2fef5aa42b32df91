"""Tables of referrals: letters to recipients after a decision, and their progress."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.database.running_numbers import Numbered
from service.store.tables.core_tables import Base, Referral


class Recipient(StrEnum):
    """Recipients of referrals: every :class:`~service.store.tables.core_tables.Referral` and the platform."""

    PLATFORM = "platform"
    ADVERTISER = Referral.ADVERTISER.value
    CONSUMER_POLICE = Referral.CONSUMER_POLICE.value
    CYBER_POLICE = Referral.CYBER_POLICE.value
    MINISTRY = Referral.MINISTRY.value
    PROVINCE = Referral.PROVINCE.value
    REVENUE = Referral.REVENUE.value
    MONEY_LAUNDERING = Referral.MONEY_LAUNDERING.value


class ReferralStatus(StrEnum):
    """The status of a referral."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    """The recipient confirmed receipt."""
    ACTED = "acted"
    DECLINED = "declined"
    CLOSED = "closed"


class Channel(StrEnum):
    """How a referral was sent."""

    POST = "post"
    EMAIL = "email"
    SYSTEM = "system"
    """The recipient's own system, or an exchange of official letters."""
    HAND = "hand"


UNTICKED = "*"
"""In :attr:`ReferralListing.stated`: every provision that the confirmed claims match."""


class ReferralRow(Numbered, Base):
    """A letter to one recipient about one or more decided cases.

    ``status`` and ``moved_at`` copy the newest event, ``listing_id`` and ``review_id`` the first of the
    letter's listings (:class:`ReferralListing`), so that the list is an index lookup. Rows are never deleted:
    a number stays assigned.
    """

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        Index(None, "listing_id"),
        Index(None, "status", "moved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    recipient: Mapped[str] = mapped_column(String(40))
    """A value of :class:`Recipient`."""
    province: Mapped[str] = mapped_column(String(100), default="")
    """Of a provincial office; empty for other recipients."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    status: Mapped[str] = mapped_column(String(40), default=ReferralStatus.DRAFT.value)
    moved_at: Mapped[datetime] = mapped_column(default=now)
    opening: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The first paragraph of the facts as edited by the office; empty for the template's, as below."""
    request: Mapped[str] = mapped_column(Text, default="", server_default="")
    closing: Mapped[str] = mapped_column(Text, default="", server_default="")
    edited_for: Mapped[int | None] = mapped_column()
    """The review that the passages above were written for; ``None`` if none is edited, or if the letter's
    listings or their decisions changed since."""

    @property
    def is_edited(self) -> bool:
        """Whether any passage is edited."""
        return bool(self.opening or self.request or self.closing)

    @property
    def is_edited_before(self) -> bool:
        """Whether passages were written for an earlier decision than the referral's current one."""
        return self.is_edited and self.edited_for != self.review_id


class ReferralListing(Base):
    """A listing in a letter, with its position and the decision behind it."""

    __tablename__ = "referral_listing"
    __table_args__ = (UniqueConstraint("referral_id", "listing_id"), Index(None, "listing_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    removed_at: Mapped[datetime | None]
    """When a draft lost it to another decision; ``None`` while the letter covers it."""
    stated: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """The provisions that the sent letter stated for this listing; :data:`UNTICKED` if it was sent before
    provisions could be selected; ``None`` for a draft, and for letters sent before this was recorded, where
    the selection of the decision applies."""


class SentLetter(Base):
    """The words of a letter as it was first sent, from which its pack is made again.

    For a draft, those of each download until it is sent.  Redaction of a listing empties ``letter`` and takes
    the listing out of ``listings``: what is left of its decision is composed again.
    """

    __tablename__ = "sent_letter"
    __table_args__ = (UniqueConstraint("referral_id", "pack_sha256", "by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    """When the pack was downloaded, else when the letter was recorded as sent."""
    by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Who downloaded the pack, as in the audit trail; empty if nobody did, or if it was not stored then."""
    letter: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The letter without its pictures."""
    listings: Mapped[dict[str, Any]]
    """Number of a listing -> its notice, and the penalties stated with its provisions."""
    pack_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """SHA-256 of the pack that has them; empty for letters sent before this was stored here."""
    stated: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Number of a listing -> the ids of the provisions that the letter states for it."""


class ReferralEvent(Base):
    """A step of a referral. Append-only."""

    __tablename__ = "referral_event"
    __table_args__ = (Index(None, "referral_id", "id"), Index(None, "status", "happened_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    """When it was recorded."""
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    """Who recorded it."""
    status: Mapped[str] = mapped_column(String(40))
    """A value of :class:`ReferralStatus`: the status after the step."""
    happened_at: Mapped[datetime]
    """When it was sent, acknowledged or acted on, as stated by the person."""
    channel: Mapped[str | None] = mapped_column(String(40))
    """A value of :class:`Channel`, for sent letters."""
    address: Mapped[str] = mapped_column(Text, default="")
    """Where it was sent to."""
    reference: Mapped[str] = mapped_column(Text, default="")
    """A tracking number, or the recipient's letter number."""
    pack_sha256: Mapped[str] = mapped_column(String(64), default="")
    """Digest of the case pack that was sent."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What the recipient did, or why it was declined or closed."""
