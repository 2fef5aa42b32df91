"""Tables of sessions, failed passwords, and links for setting a password."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class ConsoleSession(Base):
    """A person's login in one browser; the browser has the secret, this row only its digest."""

    __tablename__ = "console_session"
    __table_args__ = (Index(None, "reviewer_id"), Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the cookie's secret, keyed with the service's secret key: a new key ends every session."""
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    # No foreign key: the rows of sessions must outlast a removed link.
    identity_id: Mapped[int | None]
    """The link through which a login provider opened it; ``None`` after a password login."""
    provider_factor: Mapped[bool] = mapped_column(default=False)
    """The provider reported a second factor."""
    awaits_code: Mapped[bool] = mapped_column(default=False)
    """The password was accepted and the second factor is pending; only that page is accessible."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    """Extended by every use."""
    ended_at: Mapped[datetime | None]


class FailedLogin(Base):
    """Wrong passwords for an account from one address since the last complete login from there."""

    __tablename__ = "failed_login"
    __table_args__ = (UniqueConstraint("reviewer_id", "address"), Index(None, "failed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    address: Mapped[str] = mapped_column(String(64))
    """An IPv4 address, or an IPv6 network of 64 bits."""
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class PasswordLink(Base):
    """A single-use link for setting the password of an account; stored only as a digest."""

    __tablename__ = "password_link"
    __table_args__ = (Index(None, "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256; a slow hash is not needed for 256 random bits."""
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    made_by: Mapped[str] = mapped_column(String(200))
    """Its creator, as named in the audit trail."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it became invalid otherwise: a newer link, a new password, or a disabled account."""
