"""Tables of retention: legal holds, runs of the rules, awaited deletions, and removed evidence."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class LegalHold(Base):
    """A hold that protects a listing until it is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index(None, "listing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(String(200))
    placed_at: Mapped[datetime] = mapped_column(default=now)
    lifted_by: Mapped[str | None] = mapped_column(String(200))
    lifted_at: Mapped[datetime | None]


class RetentionRun(Base):
    """A run of the retention rules; without ``finished_at`` it is in progress or was interrupted."""

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(String(200))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    """Only a run with the same rules is resumed."""
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class RetentionStep(Base):
    """The progress of a run with one rule."""

    __tablename__ = "retention_step"
    __table_args__ = (UniqueConstraint("run_id", "rule"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("retention_run.id"))
    rule: Mapped[str] = mapped_column(String(100))
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The rule itself, as it was at the time."""
    cutoff: Mapped[datetime]
    """Only older rows are affected; fixed when the run began, so that a resumed run has the same effect."""
    cursor: Mapped[int] = mapped_column(default=0)
    """The number of the last processed row."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The number of processed rows and files of each kind."""
    finished_at: Mapped[datetime | None]


class AwaitedDeletion(Base):
    """A redacted listing that a request deletes as soon as there are newer ones.

    The row goes when the listing is collected again: the request was about what was stored before.
    """

    __tablename__ = "awaited_deletion"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    request: Mapped[str] = mapped_column(String(200))
    """The request's file number."""
    since: Mapped[datetime] = mapped_column(default=now)


class RemovedEvidence(Base):
    """A record, or a whole file if ``warc_record_id`` is empty, that is removed from the evidence folder.

    Written before the file is changed (``outcome`` pending), so that an interrupted run can be completed.
    """

    __tablename__ = "removed_evidence"
    __table_args__ = (Index(None, "outcome", "warc_file"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    warc_file: Mapped[str] = mapped_column(Text)
    warc_record_id: Mapped[str] = mapped_column(String(200), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    """Digest of the response's body as captured, or of the whole file if the file is removed."""
    rule: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    """Set as soon as the record is found, before the file is changed."""
    outcome: Mapped[str] = mapped_column(String(40), default="pending")
    """``pending``, ``removed``, or ``missing`` if the file or the record did not exist."""
