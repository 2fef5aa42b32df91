"""The table of time stamps, including pending ones."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Stamped(StrEnum):
    """The subject of a stamp."""

    TRAIL = "trail"
    """The hash of an entry of the audit trail, and so of all entries before it."""
    EVIDENCE = "evidence"
    """The SHA-256 of a file in the evidence folder."""


class TimeStamp(Base):
    """A digest and an authority's signature over it; pending while ``token`` is ``None``."""

    __tablename__ = "time_stamp"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "digest", "authority"),
        Index(None, "authority", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(Text)
    """The number of the entry, or the name of the file in the evidence folder."""
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """Size of the file in bytes."""
    digest: Mapped[str] = mapped_column(String(64))
    authority: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    last_problem: Mapped[str] = mapped_column(Text, default="")
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The complete answer, as received."""
    stamped_at: Mapped[datetime | None]
    """The time that the authority signed."""
    received_at: Mapped[datetime | None]
    """This machine's clock at the time of receipt."""
