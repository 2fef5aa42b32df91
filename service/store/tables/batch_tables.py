"""Tables of batches: files of many listings, and the chunks that workers process."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class BatchState(StrEnum):
    """The state of a batch."""

    WAITING = "waiting"
    """No worker has started."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It cannot be completed; ``problem`` says why."""
    EXPIRED = "expired"
    """Its files were deleted after the retention period."""


UNFINISHED = (BatchState.WAITING.value, BatchState.RUNNING.value)
KEY_REVOKED = "key_revoked"
"""The problem of a batch whose key was revoked before its end."""


class Batch(Base):
    """A file of listings submitted for assessment. The file itself is stored in a folder."""

    __tablename__ = "batch"
    # Numbers are never reused, so that a late result cannot affect a later batch.
    __table_args__ = (
        Index(None, "api_key_id", "id"),
        Index(None, "state", "served_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    """The public name, also that of its folder."""
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    format: Mapped[str] = mapped_column(String(20))
    """The file's ``service.batches.formats.Format``."""
    columns: Mapped[list[str]] = mapped_column(default=list)
    """The header of a CSV file."""
    ingest: Mapped[bool]
    """Whether the listings are also submitted for review."""
    state: Mapped[str] = mapped_column(String(20), default=BatchState.WAITING.value)
    received: Mapped[int]
    """Lines with a record, valid or not; in the end ``done`` and ``rejected`` add up to it."""
    done: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(40), default="")
    """Why it failed: a key of ``service.batches.shapes.FAILURES``."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    served_at: Mapped[datetime] = mapped_column(default=now)
    """When a worker last claimed a chunk; the batch that waited longest is next."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class BatchChunk(Base):
    """A range of lines that one worker processes at a time, and its result file."""

    __tablename__ = "batch_chunk"
    __table_args__ = (UniqueConstraint("batch_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    number: Mapped[int]
    """From 0, in the order of the file."""
    first_line: Mapped[int]
    """The first line in the file, counted from 1."""
    start: Mapped[int] = mapped_column(BigInteger)
    """The first byte in the unpacked file; the chunk is ``length`` bytes long."""
    length: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int]
    """The number of records."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(40))
    """Identifies the attempt that holds it. Results of any other attempt are discarded."""
    lease_until: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(100))
    """Name of the result file in the batch's folder."""
    result_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
