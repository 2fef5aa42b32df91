"""The tables of batches: a file of many listings, and the parts of it that workers take."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.database.columns import now
from service.store.tables.core_tables import Base


class BatchState(StrEnum):
    """How far a batch has come."""

    WAITING = "waiting"
    """No worker has begun."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It cannot be finished; ``problem`` says why."""
    EXPIRED = "expired"
    """Its files were deleted after their time."""


UNFINISHED = (BatchState.WAITING.value, BatchState.RUNNING.value)


class Batch(Base):
    """A file of listings that a key's owner sent to be assessed.  The file itself is in a folder."""

    __tablename__ = "batch"
    # A number is never given out again, so that a worker's late answer cannot touch a later batch.
    __table_args__ = (
        Index(None, "api_key_id", "id"),
        Index(None, "state", "served_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    """What clients call it, and the name of its folder."""
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    format: Mapped[str] = mapped_column(String(20))
    """``service.batches.formats.Format`` of the file."""
    columns: Mapped[list[str]] = mapped_column(default=list)
    """The header of a CSV file."""
    ingest: Mapped[bool]
    """Whether the listings are handed in for review too."""
    state: Mapped[str] = mapped_column(String(20), default=BatchState.WAITING.value)
    received: Mapped[int]
    """Lines with a record, good or bad; ``done`` and ``rejected`` sum up to it at the end."""
    done: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(40), default="")
    """Why it failed: a key of ``service.batches.shapes.FAILURES``."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    served_at: Mapped[datetime] = mapped_column(default=now)
    """When a worker last took a part of it; the one that waited longest comes next."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class BatchChunk(Base):
    """Some lines of a batch that one worker does at a time, and where their results are."""

    __tablename__ = "batch_chunk"
    __table_args__ = (UniqueConstraint("batch_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    number: Mapped[int]
    """From 0, in the order of the file."""
    first_line: Mapped[int]
    """The line of the file where it starts, from 1."""
    start: Mapped[int] = mapped_column(BigInteger)
    """The byte of the unpacked file where it starts; it goes on for ``length`` bytes."""
    length: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int]
    """How many records it has."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(40))
    """Names the attempt that holds it.  Results of any other are thrown away."""
    lease_until: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(100))
    """Name of the file with its results, in the batch's folder."""
    result_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
