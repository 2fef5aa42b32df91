"""The tables of retention: legal holds, runs of the rules, and evidence that left the folder."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class LegalHold(Base):
    """A listing that nothing may be taken from until the hold is lifted."""

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
    """One run of the retention rules; without ``finished_at`` it was broken off, or is under way."""

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(String(200))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    """Only a run of the same rules is taken up again."""
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class RetentionStep(Base):
    """How far a run has come with one rule."""

    __tablename__ = "retention_step"
    __table_args__ = (UniqueConstraint("run_id", "rule"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("retention_run.id"))
    rule: Mapped[str] = mapped_column(String(100))
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The rule itself, as it stood."""
    cutoff: Mapped[datetime]
    """What is older than this is meant; fixed when the run began, so that a resumed run means the same."""
    cursor: Mapped[int] = mapped_column(default=0)
    """The number of the last row looked at."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How many rows and files of each kind are done."""
    finished_at: Mapped[datetime | None]


class RemovedEvidence(Base):
    """A record, or a whole file where ``warc_record_id`` is empty, that leaves the evidence folder.

    Written before the file is touched (``outcome`` pending), so that a killed run can end what it began.
    """

    __tablename__ = "removed_evidence"
    __table_args__ = (Index(None, "outcome", "warc_file"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    warc_file: Mapped[str] = mapped_column(Text)
    warc_record_id: Mapped[str] = mapped_column(String(200), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the response's body as the capture has it; of the whole file where the file goes."""
    rule: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(40), default="pending")
    """``pending``, ``removed``, or ``missing`` where the file or the record was not there."""
