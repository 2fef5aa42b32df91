"""The core tables: listings, assessments, reviews, accounts, audit trail.

Assessments, reviews and the audit trail are append-only: no code updates or deletes their rows, except that
the retention rules and a data subject's erasure (``service.privacy``) remove personal data from assessments
and reviews, or delete them with their listing. The audit trail is never shortened. A listing's row holds its
newest text; earlier texts move to ``listing_version`` when the text changes. Rows have no relationships, so a
detached row can be read without the database.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from labels.pictured import assessment_of
from labels.schema import Assessment
from labels.schema import Listing as ListingShape
from labels.taxonomy import Platform
from service.store.database.columns import UtcDateTime, now
from service.store.listings.addresses import address_key

UNSURE = "unsure"
"""A review decision that is no verdict: the reviewer passes the listing on to a colleague."""

WITHDRAWN = "withdrawn"
"""A review that withdraws the one before it: the case waits again as if undecided."""


class Role(StrEnum):
    """A person's role in the console; ``service.store.accounts.policy`` defines its permissions."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"
    INTEGRATOR = "integrator"
    """Connects a platform through the API; sees no listings."""


class Referral(StrEnum):
    """Who acts on a decision besides the platform."""

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
    """The Revenue Department, for matters of money."""
    MONEY_LAUNDERING = "money_laundering"
    """ปปง., the Anti-Money Laundering Office, for mule accounts."""


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
    """A listing with its newest text and a summary of its newest assessment.

    ``assessment_id``, ``assessed_by``, ``verdict``, ``risk`` and ``product_class`` copy the newest assessment
    of the current text; they are empty while there is none. ``assessed_by`` is also empty while that
    assessment is about outdated pictures, or assumed otherwise on whether the record says that it is an
    offer. They make the review queue and the search for unassessed listings index lookups.
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
    """The depositor: a crawl, an API key's name, a file. External ids are unique within a source."""
    external_id: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str | None] = mapped_column(String(40))
    url: Mapped[str | None] = mapped_column(Text)
    address_key: Mapped[str | None] = mapped_column(String(32))
    """The lookup key of ``url`` (``listing_addresses``), updated with it."""
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
    pictures_key: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Digest of its present pictures and the engines that read them (``service.store.pictures.keys``)."""
    version: Mapped[int] = mapped_column(default=1)
    """1 for the first text, incremented at each change."""
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)

    # No foreign key: assessment already references this table, and a cycle of keys cannot be created in
    # order.
    assessment_id: Mapped[int | None]
    assessed_by: Mapped[str | None] = mapped_column(String(200))
    verdict: Mapped[str | None] = mapped_column(String(40))
    risk: Mapped[float | None]
    product_class: Mapped[str | None] = mapped_column(String(40))
    indexed_by: Mapped[str | None] = mapped_column(String(100))
    """The version of its full-text index entry; triggers clear it (``service.store.index.search``)."""
    redacted_at: Mapped[datetime | None]
    """When contacts were removed from its texts; ``text_sha256`` remains that of the original text."""

    @validates("url")
    def _follow_url(self, _name: str, url: str | None) -> str | None:
        self.address_key = address_key(url)
        return url

    @property
    def text(self) -> str:
        """The text that models read and that every offset refers to, as in ``labels.schema.Listing``."""
        return self.description if self.title is None else f"{self.title}\n{self.description}"

    def shape(self) -> ListingShape:
        """The listing in the form of ``labels.schema``; its ``id`` is the external id."""
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
    """An earlier text of a listing, moved here when a newer one was seen.

    One that only an older page showed, stored later than the present text, has a number below 1.
    """

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("listing_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    version: Mapped[int]
    title: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    price: Mapped[str | None] = mapped_column(Text)
    """As visits first saw it with this text; without visits, the last one. So are the pictures' addresses."""
    images: Mapped[list[str]] = mapped_column(default=list)
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    text_sha256: Mapped[str] = mapped_column(String(64))
    last_seen: Mapped[datetime]
    """When this text was last seen on its page."""
    replaced_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def text(self) -> str:
        """The text that offsets of this version's assessments refer to."""
        return self.description if self.title is None else f"{self.title}\n{self.description}"


class Capture(Base):
    """A fetched response behind a listing, and the location of its evidence (``labels.schema.Capture``)."""

    __tablename__ = "capture"
    __table_args__ = (
        UniqueConstraint("listing_id", "warc_record_id"),
        Index(None, "warc_file", "warc_record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    version: Mapped[int]
    """The listing's version after this capture."""
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    captured_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    warc_file: Mapped[str] = mapped_column(Text)
    warc_record_id: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None]
    """When this evidence was deleted; ``removed_evidence`` says by which rule."""


class AssessmentRow(Base):
    """The model's assessment of one text of one listing. Append-only."""

    __tablename__ = "assessment"
    __table_args__ = (Index(None, "listing_id", "listing_text_sha256", "model_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    listing_text_sha256: Mapped[str] = mapped_column(String(64))
    """The assessed text; the offsets in ``content`` refer to it."""
    pictures_key: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The assessed pictures, as in ``listing.pictures_key``; empty if none were."""
    model_id: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(40))
    risk: Mapped[float]
    product_class: Mapped[str] = mapped_column(String(40))
    offer: Mapped[bool]
    content: Mapped[dict[str, Any]]
    """The complete ``labels.schema.Assessment`` as JSON."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    def shape(self) -> Assessment:
        """The assessment in the form of ``labels.schema``, or of ``labels.pictured`` if it has pictures."""
        return assessment_of(self.content)


class Reviewer(Base):
    """A person who logs in to the console."""

    __tablename__ = "reviewer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    """The login name, in lower case."""
    display_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(300))
    """Argon2id in its own encoded form."""
    role: Mapped[str] = mapped_column(String(40), default=Role.REVIEWER.value)
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]
    failed_logins: Mapped[int] = mapped_column(default=0, server_default="0")
    """Failed logins since the last complete one."""
    locked_until: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(400))
    """The second factor's secret, encrypted with the service's secret key; ``None`` without one."""
    totp_last_step: Mapped[int | None]
    """The time step of the last accepted code: no code is accepted twice."""
    totp_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Must set up a second factor before anything else, whatever the role."""
    invited_at: Mapped[datetime | None]
    """When the account was created for a person who has not logged in yet; ``None`` once they have."""
    last_login_at: Mapped[datetime | None]

    def is_locked(self, at: datetime) -> bool:
        """Whether the account is locked after failed logins."""
        return self.locked_until is not None and at < self.locked_until


class RecoveryCode(Base):
    """A single-use code that replaces a lost second factor; stored only as a hash."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("reviewer_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256; a slow hash is not needed for 80 random bits."""
    used_at: Mapped[datetime | None]


class Identity(Base):
    """A reviewer's identity at an OpenID Connect provider.

    Issuer and subject are the only pair of claims that identifies a person permanently; e-mail addresses and
    names can be reassigned.
    """

    __tablename__ = "identity"
    # Numbers are never reused, so that a session opened through a removed link stays closed.
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
    """A named reviewer's decision on an assessment. Append-only: a change of mind is a new row."""

    __tablename__ = "review"
    __table_args__ = (
        Index(None, "listing_id", "id"),
        Index(None, "reviewer_id", "id"),
        Index(None, "created_at", "reviewer_id", "decision", "assessment_id"),
    )

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
    """Claims that the model missed and the reviewer marked, in the same shape."""
    rejected_findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """Rejected findings on numbers or goods: ``{"code", "start", "end"}`` each."""
    stated_facts: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Values of :class:`~labels.law.facts.Fact` that the reviewer knows and the text does not show."""
    law_choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Provision id -> whether it is relied on, where the reviewer was shown it."""
    law_proposed: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Ids of the provisions that the catalogue proposed then, relied on unless unticked in ``law_choices``.

    A decision against a listing relies on no other provision, whatever later catalogues propose.
    """
    product_class: Mapped[str | None] = mapped_column(String(40))
    """The product class chosen by the reviewer; ``None`` if they left the model's."""
    takedown: Mapped[bool] = mapped_column(default=True)
    """Whether the platform is notified of an adverse decision."""
    referrals: Mapped[list[str]] = mapped_column(default=list)
    """Values of :class:`Referral`: who else has to act."""
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class AuditEntry(Base):
    """Who did what, when. Append-only; each row's hash covers the hash of the row before."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "actor", "id"), Index(None, "subject", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    """``reviewer:NAME``, ``key:NAME``, ``cli``, or ``oidc`` for changes made by a login provider."""
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(200), default="")
    """The object of the action, for example ``listing:12``."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Unique, so that two concurrent writers cannot fork the chain."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)
