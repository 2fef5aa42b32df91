"""The tables.

Assessments, reviews and the audit trail are append-only: no code updates or deletes their rows, except that
the retention rules and a data subject's erasure (``service.privacy``) take personal data out of assessments
and reviews, or remove them with their listing.  The audit trail is never shortened.  A listing's row holds
its newest text; earlier texts move to ``listing_version`` when the text changes.  Rows carry no
relationships, so a row that left its session can be read without the database.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from labels.schema import Assessment
from labels.schema import Listing as ListingShape
from labels.taxonomy import Platform
from service.store.database.columns import UtcDateTime, now
from service.store.listings.addresses import address_key

UNSURE = "unsure"
"""A review decision that is no verdict: the reviewer passes the listing on to a colleague."""

WITHDRAWN = "withdrawn"
"""A review that takes the one before it back: the case waits again as if nobody had decided."""


class Role(StrEnum):
    """What a person is in the console; ``service.console.core.permissions`` says what each may open."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"
    INTEGRATOR = "integrator"
    """Connects a platform through the API; sees no listings."""


class Referral(StrEnum):
    """Who acts on a decision beside the platform."""

    ADVERTISER = "advertiser"
    """A notice to the advertiser."""
    CONSUMER_POLICE = "consumer_police"
    """ปคบ., the Consumer Protection Police Division."""
    CYBER_POLICE = "cyber_police"
    """ศปอส.ตร., the police's centre against technology crime."""
    MINISTRY = "ministry"
    """The ministry that has web addresses blocked."""
    PROVINCE = "province"
    """สสจ., the provincial public health office."""
    REVENUE = "revenue"
    """The Revenue Department, where money is the matter."""
    MONEY_LAUNDERING = "money_laundering"
    """ปปง., the Anti-Money Laundering Office, where mule accounts are."""


class Base(DeclarativeBase):
    """Declarative base; the naming convention gives migrations stable constraint names."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[dict[str, Any]]: JSON(),
        list[str]: JSON(),
    }


class Listing(Base):
    """A listing with its newest text, and its newest assessment in brief.

    ``assessment_id``, ``assessed_by``, ``verdict``, ``risk`` and ``product_class`` copy the newest
    assessment of the current text; they are empty while the current text has none.  They exist so that the
    review queue and "what must still be assessed" are index look-ups.
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index(None, "verdict", "risk", "id"),
        Index(None, "risk", "id"),
        Index(None, "assessed_by", "id"),
        Index(None, "indexed_by", "id"),
        Index(None, "address_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200), default="")
    """Who deposited it: a crawl, an API key's name, a file.  External ids are unique within a source."""
    external_id: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str | None] = mapped_column(String(40))
    url: Mapped[str | None] = mapped_column(Text)
    address_key: Mapped[str | None] = mapped_column(String(32))
    """What ``url`` is looked up by (``listing_addresses``); it follows ``url``."""
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str | None] = mapped_column(Text)
    seller: Mapped[str | None] = mapped_column(Text)
    seller_url: Mapped[str | None] = mapped_column(Text)
    images: Mapped[list[str]] = mapped_column(default=list)
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    captured_at: Mapped[datetime | None]
    text_sha256: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    """1 for the text as first seen, one more at each change."""
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)

    # No foreign key: assessment already points here, and a circle of keys cannot be created in order.
    assessment_id: Mapped[int | None]
    assessed_by: Mapped[str | None] = mapped_column(String(200))
    verdict: Mapped[str | None] = mapped_column(String(40))
    risk: Mapped[float | None]
    product_class: Mapped[str | None] = mapped_column(String(40))
    indexed_by: Mapped[str | None] = mapped_column(String(100))
    """The version that the full-text index holds it in; triggers empty it
    (``service.store.index.search``).
    """
    redacted_at: Mapped[datetime | None]
    """When the contacts were taken out of its texts; ``text_sha256`` stays that of the text as read."""

    @validates("url")
    def _follow_url(self, _name: str, url: str | None) -> str | None:
        self.address_key = address_key(url)
        return url

    @property
    def text(self) -> str:
        """The text that is read and that every offset points into, as in ``labels.schema.Listing``."""
        return self.description if self.title is None else f"{self.title}\n{self.description}"

    def shape(self) -> ListingShape:
        """The listing as other packages know it; its ``id`` is the external id."""
        return ListingShape(
            id=self.external_id,
            title=self.title,
            description=self.description,
            platform=Platform(self.platform) if self.platform else None,
            url=self.url,
            price=self.price,
            currency=self.currency,
            seller=self.seller,
            seller_url=self.seller_url,
            images=self.images,
            captured_at=self.captured_at,
            extra=self.extra,
        )


class ListingVersion(Base):
    """An earlier text of a listing, moved here when a newer one was seen."""

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("listing_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    version: Mapped[int]
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    price: Mapped[str | None] = mapped_column(Text)
    images: Mapped[list[str]] = mapped_column(default=list)
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    text_sha256: Mapped[str] = mapped_column(String(64))
    last_seen: Mapped[datetime]
    """When this text was last met on its page."""
    replaced_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def text(self) -> str:
        """The text that offsets of this version's assessments point into."""
        return self.description if self.title is None else f"{self.title}\n{self.description}"


class Capture(Base):
    """One fetched response behind a listing, and where its evidence lies (``labels.schema.Capture``)."""

    __tablename__ = "capture"
    __table_args__ = (UniqueConstraint("listing_id", "warc_record_id"), Index(None, "warc_file"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    version: Mapped[int]
    """The version of the listing that was current after this capture."""
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    captured_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    warc_file: Mapped[str] = mapped_column(Text)
    warc_record_id: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None]
    """When the evidence of this listing was given up; ``removed_evidence`` says by which rule."""


class AssessmentRow(Base):
    """The machine's answer for one text of one listing.  Append-only."""

    __tablename__ = "assessment"
    __table_args__ = (Index(None, "listing_id", "listing_text_sha256", "model_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    listing_text_sha256: Mapped[str] = mapped_column(String(64))
    """Which text it speaks about; the offsets in ``content`` point into that text."""
    model_id: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(40))
    risk: Mapped[float]
    product_class: Mapped[str] = mapped_column(String(40))
    offer: Mapped[bool]
    content: Mapped[dict[str, Any]]
    """The whole ``labels.schema.Assessment`` as JSON."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    def shape(self) -> Assessment:
        """The assessment as other packages know it."""
        return Assessment.model_validate(self.content)


class Reviewer(Base):
    """A person who logs in to the console."""

    __tablename__ = "reviewer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    """The login name, lower case."""
    display_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(300))
    """Argon2id in its own encoded form."""
    role: Mapped[str] = mapped_column(String(40), default=Role.REVIEWER.value)
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]
    failed_logins: Mapped[int] = mapped_column(default=0, server_default="0")
    """Failed logins since the last whole one."""
    locked_until: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(400))
    """The second factor's secret, sealed with the service's secret key; ``None`` without a second factor."""
    totp_last_step: Mapped[int | None]
    """The time step of the last code that passed: no code passes twice."""
    totp_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Must set up a second factor before anything else, whatever the role."""
    invited_at: Mapped[datetime | None]
    """When the account was made for somebody who has not come yet; ``None`` once they have."""
    last_login_at: Mapped[datetime | None]

    def is_locked(self, at: datetime) -> bool:
        """Whether the account is locked after failed logins."""
        return self.locked_until is not None and at < self.locked_until


class RecoveryCode(Base):
    """A code that stands in once for a lost second factor; kept only as a hash."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("reviewer_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256; a slow hash is not needed for 80 random bits."""
    used_at: Mapped[datetime | None]


class Identity(Base):
    """Who a reviewer is at an OpenID Connect provider.

    Issuer and subject are the only pair of claims that names a person for good; e-mail addresses and names
    change hands.
    """

    __tablename__ = "identity"
    # A number is never given out again, so that a session opened by a removed link stays shut.
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("reviewer_id", "issuer"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Review(Base):
    """A named reviewer's decision on an assessment.  Append-only: a change of mind is a new row."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "listing_id", "id"), Index(None, "reviewer_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    decision: Mapped[str] = mapped_column(String(40))
    """A value of ``labels.taxonomy.Verdict``, :data:`UNSURE` or :data:`WITHDRAWN`."""
    confirmed_claims: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Claims the reviewer agrees with: ``{"start", "end", "label", "text"}`` each."""
    rejected_claims: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Claims the reviewer disagrees with, in the same shape."""
    added_claims: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Claims that the machine missed and the reviewer marked, in the same shape."""
    rejected_findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """Findings on numbers or goods that the reviewer disagrees with: ``{"code", "start", "end"}`` each."""
    stated_facts: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Values of :class:`~labels.law.facts.Fact` that the reviewer knows of and the text does not show."""
    law_choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Provision id -> whether it is relied on, where the reviewer chose otherwise than the page proposed."""
    product_class: Mapped[str | None] = mapped_column(String(40))
    """What the reviewer says is sold; ``None`` where they left the machine's answer as it was."""
    takedown: Mapped[bool] = mapped_column(default=True)
    """Whether the platform is told of a decision against the listing."""
    referrals: Mapped[list[str]] = mapped_column(default=list)
    """Values of :class:`Referral`: who else is to act."""
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class AuditEntry(Base):
    """Who did what, when.  Append-only; each row's hash covers the hash of the row before."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "actor", "id"), Index(None, "subject", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    """``reviewer:NAME``, ``key:NAME``, ``cli``, or ``oidc`` for what a login provider brought about."""
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(200), default="")
    """What it was done to, for example ``listing:12``."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Unique, so that two writers at once cannot fork the chain."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)
