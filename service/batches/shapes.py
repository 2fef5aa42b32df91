"""The shapes of a batch and of its result lines; imports neither the store nor the model."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from labels.pictured import AnyAssessment


class Words(BaseModel):
    """A message in both languages."""

    thai: str
    english: str


FAILURES = {
    "upload_gone": Words(
        thai="ไม่พบไฟล์ที่ส่งมาในเครื่องที่ประมวลผล โปรดส่งไฟล์เดิมอีกครั้ง หากยังเกิดขึ้นให้แจ้งผู้ดูแลระบบ",
        english=(
            "the uploaded file is not on the worker's machine: send it again; if that fails too, tell the"
            " operator"
        ),
    ),
    "key_revoked": Words(
        thai="คีย์ที่ส่งชุดนี้ถูกเพิกถอนก่อนประมวลผลเสร็จ โปรดส่งไฟล์เดิมอีกครั้งด้วยคีย์อื่น",
        english="the key that sent this batch was revoked before it was done: send the file with another key",
    ),
    "internal": Words(
        thai="ระบบประมวลผลชุดนี้ไม่สำเร็จ โปรดแจ้งผู้ดูแลระบบพร้อมหมายเลขชุด",
        english="this batch could not be processed: tell the operator its id",
    ),
}
"""Why a batch failed, by ``service.store.tables.batch_tables.Batch.problem``."""


class LineProblem(Words):
    """Why a line was rejected, and what to do about it."""

    code: str
    field: str | None = None


class BatchLine(BaseModel):
    """One line of a result: an input line's assessment, or its problem."""

    line: int = Field(description="the line of the file where the record starts, from 1")
    id: str | None = Field(description="the id of the listing; null where the line has none")
    status: Literal["done", "rejected"]
    assessment: AnyAssessment | None = None
    listing_id: int | None = Field(None, description="with ingest=true: its number in the review store")
    deposit: Literal["new", "unchanged", "changed"] | None = Field(
        None, description="with ingest=true: what happened to it"
    )
    problem: LineProblem | None = None


class BatchStatus(BaseModel):
    """The progress of a batch."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "expired"]
    format: Literal["jsonl", "csv"]
    ingest: bool
    received: int = Field(description="lines with a record, valid or not")
    done: int
    rejected: int
    lines_per_second: float | None = Field(
        None, description="recent speed; null while it cannot be measured or nothing moves"
    )
    seconds_left: int | None = Field(None, description="at this speed; null while it is unknown")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    kept_until: datetime | None = Field(
        description="when the result is deleted; null until the batch is finished"
    )
    problem: Words | None = Field(None, description="why it failed")
    result: str | None = Field(None, description="where the result is, once the batch is done")


class BatchPage(BaseModel):
    """Batches, newest first; repeat with ``cursor`` set to ``next_cursor`` until that is null."""

    batches: list[BatchStatus]
    next_cursor: str | None
