"""The tables of the platforms' side: tenants, API keys, answers kept for repeated requests, webhooks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Scope(StrEnum):
    """What an API key may do."""

    CLASSIFY = "classify"
    INGEST = "ingest"
    READ = "read"
    KEYS = "keys"
    """Lists, makes, rotates and revokes the keys of its tenant."""
    READ_ALL = "read_all"
    """Reads what every tenant handed in and what was crawled: for the agency's own keys."""
    ADMIN = "admin"
    """Everything the others may: for the operator's own keys."""


WIDE = frozenset({Scope.READ_ALL, Scope.ADMIN})
"""Scopes that reach beyond the key's tenant: an administrator gives them."""


class Tenant(Base):
    """An integrator: what its keys hand in is seen by its keys, and by nobody else's."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    source: Mapped[str] = mapped_column(String(200), unique=True)
    """What its new keys hand in under."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiKey(Base):
    """An API key; the key itself is shown once and kept only as a hash."""

    __tablename__ = "api_key"
    __table_args__ = (Index(None, "tenant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: SQLite adds none to a table that others refer to.
    tenant_id: Mapped[int] = mapped_column(server_default="0")
    source: Mapped[str] = mapped_column(String(200), server_default="")
    """What it hands in under.  Keys of one tenant may share a source, keys of two tenants never do."""
    name: Mapped[str] = mapped_column(String(100), unique=True)
    prefix: Mapped[str] = mapped_column(String(20), unique=True)
    """The first characters of the key: enough to recognize it in a list, useless to log in."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256; a slow hash is not needed for 256 random bits."""
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    """From then on it is refused; ``None`` for never."""
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """When the newest secret was last used, to the hour."""

    def works(self, at: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class EarlierSecret(Base):
    """A secret that a rotation replaced; it works until its grace ends."""

    __tablename__ = "earlier_secret"
    __table_args__ = (Index(None, "api_key_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    prefix: Mapped[str] = mapped_column(String(20))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class IdempotencyRecord(Base):
    """A request that carried an ``Idempotency-Key``: its reservation, then its answer."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("api_key_id", "key"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    key: Mapped[str] = mapped_column(String(200))
    request_sha256: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    """Empty while the request is carried out."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    token: Mapped[str | None] = mapped_column(String(32))
    """Whose attempt carries it out; empty once the answer is kept."""
    reserved_until: Mapped[datetime | None]


class Webhook(Base):
    """An address that a key's owner wants notices posted to, and how far that has come.

    Notices are a feed in order, so a delivery needs no row of its own: ``position`` is the number of the last
    review whose notice arrived.
    """

    __tablename__ = "webhook"
    # A number is never given out again, so that a delivery under way cannot touch a later webhook.
    __table_args__ = (UniqueConstraint("api_key_id", "url"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(Text)
    """Signs the deliveries.  Sealed: a signature needs the secret itself, not its hash."""
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_secret_until: Mapped[datetime | None]
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures in a row."""
    failing_since: Mapped[datetime | None]
    last_problem: Mapped[str] = mapped_column(Text, default="")
    last_delivered_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    """When it was given up; ``last_problem`` says why."""
