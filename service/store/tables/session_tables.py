"""The tables of open sessions, of failed passwords and of links that set a password."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class ConsoleSession(Base):
    """A login of a person in one browser; the browser has the secret, this row only its digest."""

    __tablename__ = "console_session"
    __table_args__ = (Index(None, "reviewer_id"), Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the secret in the cookie, made with the service's secret key: another key ends every session."""
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    # No foreign key: a removed link must not keep the rows of its sessions from staying.
    identity_id: Mapped[int | None]
    """The link by which a login provider opened it; ``None`` after a login with a password."""
    provider_factor: Mapped[bool] = mapped_column(default=False)
    """The provider has shown a second factor."""
    awaits_code: Mapped[bool] = mapped_column(default=False)
    """The first step was right and the second factor is to follow: it opens nothing but that page."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    """Moves on with every use."""
    ended_at: Mapped[datetime | None]


class FailedLogin(Base):
    """Wrong passwords for an account from one address since the last whole login from there."""

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
    """A link with which somebody sets the password of an account, once; kept only as a digest."""

    __tablename__ = "password_link"
    __table_args__ = (Index(None, "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256; a slow hash is not needed for 256 random bits."""
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    made_by: Mapped[str] = mapped_column(String(200))
    """Who made it, as the audit trail names them."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When something else made it worthless: a newer link, a new password, or the account was disabled."""
