"""The table of time stamps, those that wait for an answer included."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class Stamped(StrEnum):
    """What a stamp is over."""

    TRAIL = "trail"
    """The hash of an entry of the audit trail, and so all before it."""
    EVIDENCE = "evidence"
    """The SHA-256 of a file of the evidence folder."""


class TimeStamp(Base):
    """A digest and what an authority signed over it; nothing yet where ``token`` is ``None``."""

    __tablename__ = "time_stamp"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "digest", "authority"),
        Index(None, "authority", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(Text)
    """The number of the entry, or the name of the file within the evidence folder."""
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes of the file."""
    digest: Mapped[str] = mapped_column(String(64))
    authority: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    last_problem: Mapped[str] = mapped_column(Text, default="")
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The whole answer, as it came."""
    stamped_at: Mapped[datetime | None]
    """The time that the authority signed."""
    received_at: Mapped[datetime | None]
    """This machine's clock when the answer came."""
