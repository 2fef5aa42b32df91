"""Tables of the API: tenants, API keys, answers to idempotent requests, webhooks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Scope(StrEnum):
    """A permission of an API key."""

    CLASSIFY = "classify"
    INGEST = "ingest"
    READ = "read"
    KEYS = "keys"
    """List, create, rotate and revoke the keys of its tenant."""
    READ_ALL = "read_all"
    """Read what every tenant submitted and what was crawled; for the agency's own keys."""
    ADMIN = "admin"
    """All permissions; for the operator's own keys."""


WIDE = frozenset({Scope.READ_ALL, Scope.ADMIN})
"""Scopes that reach beyond the key's tenant; only an administrator grants them."""


class EventType(StrEnum):
    """The types of webhook events."""

    TAKEDOWN = "notice.takedown"
    REINSTATED = "notice.reinstated"
    ASSESSED = "assessment.ready"
    BATCH = "batch.done"
    APPEAL = "appeal.answered"
    TEST = "test"
    """Requested by the webhook's owner; needs no subscription."""


NOTICES = (EventType.TAKEDOWN.value, EventType.REINSTATED.value)
"""The default subscription of a webhook."""


class Tenant(Base):
    """An integrator; what its keys submit is visible only to its own keys."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    source: Mapped[str] = mapped_column(String(200), unique=True)
    """The source of what its new keys submit."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiKey(Base):
    """An API key, stored only as a hash; the key itself is shown once."""

    __tablename__ = "api_key"
    __table_args__ = (Index(None, "tenant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: SQLite cannot add one to a table that others reference.
    tenant_id: Mapped[int] = mapped_column(server_default="0")
    source: Mapped[str] = mapped_column(String(200), server_default="")
    """The source of what it submits. Keys of one tenant may share a source, keys of two tenants never do."""
    name: Mapped[str] = mapped_column(String(100), unique=True)
    prefix: Mapped[str] = mapped_column(String(20), unique=True)
    """The first characters of the key, which identify it in a list and are useless for logging in."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256; a slow hash is not needed for 256 random bits."""
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    """The expiry; ``None`` for never."""
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """When the newest secret was last used, to the hour."""

    def works(self, at: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class EarlierSecret(Base):
    """A replaced secret, valid until its grace period ends."""

    __tablename__ = "earlier_secret"
    __table_args__ = (Index(None, "api_key_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    prefix: Mapped[str] = mapped_column(String(20))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class IdempotencyRecord(Base):
    """A request with an ``Idempotency-Key``: first its reservation, then its answer."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("api_key_id", "key"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    key: Mapped[str] = mapped_column(String(200))
    request_sha256: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    """Empty while the request is in progress."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    token: Mapped[str | None] = mapped_column(String(32))
    """The attempt that processes it; empty once the answer is stored."""
    reserved_until: Mapped[datetime | None]


class Webhook(Base):
    """A URL that receives notices for a key's owner, and its progress.

    Notices form an ordered feed, so a delivery needs no row of its own: ``position`` is the number of the
    last review whose notice was delivered.  Other events are queued as :class:`WebhookEvent`.
    """

    __tablename__ = "webhook"
    # Numbers are never reused, so that a delivery in progress cannot affect a later webhook.
    __table_args__ = (UniqueConstraint("api_key_id", "url"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(Text)
    """Signs the deliveries. Encrypted rather than hashed, because signing needs the secret itself."""
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_secret_until: Mapped[datetime | None]
    events: Mapped[list[str]] = mapped_column(
        default=lambda: list(NOTICES), server_default='["notice.takedown", "notice.reinstated"]'
    )
    """The types to which it is subscribed (:class:`EventType`)."""
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    leased_until: Mapped[datetime | None]
    """Until then one courier delivers to it, and nobody else, whatever ``next_attempt_at`` says."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Consecutive failures."""
    failing_since: Mapped[datetime | None]
    last_problem: Mapped[str] = mapped_column(Text, default="")
    last_delivered_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    """When it was disabled; ``last_problem`` says why."""


class WebhookEvent(Base):
    """An event queued for one webhook; deleted once delivered."""

    __tablename__ = "webhook_event"
    # Numbers are never reused: a test event's number is part of its public id.
    __table_args__ = (Index(None, "webhook_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    type: Mapped[str] = mapped_column(String(40))
    """An :class:`EventType` other than a notice."""
    subject: Mapped[int]
    """The number of the assessment, batch or appeal; 0 for a test."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class WebhookAttempt(Base):
    """An attempt to deliver an event; only the newest of each webhook are kept."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index(None, "webhook_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    event_id: Mapped[str] = mapped_column(String(80))
    """The value of the header ``webhook-id``."""
    type: Mapped[str] = mapped_column(String(40))
    attempt: Mapped[int]
    """From 1; starts again after a success."""
    at: Mapped[datetime]
    status: Mapped[int | None]
    """The HTTP status; ``None`` without a response."""
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why it failed; empty for a success."""
