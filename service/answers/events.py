"""Payloads of webhook events."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from labels.pictured import AnyAssessment
from service.answers.appeals import AppealOut
from service.batches.shapes import Words
from service.decisions.notice import Notice


class AssessmentReady(BaseModel):
    """The first assessment of a listing's text; it has not been reviewed yet."""

    listing_id: int
    external_id: str = Field(description="the id under which you submitted the listing")
    source: str
    assessment: AnyAssessment


class BatchEnded(BaseModel):
    """A batch that is done or failed."""

    batch_id: str
    state: Literal["done", "failed"]
    received: int
    done: int
    rejected: int
    finished_at: datetime
    problem: Words | None = Field(description="why it failed")
    result: str | None = Field(description="path of the result")


class Ping(BaseModel):
    """A test event that the webhook's owner requested."""

    webhook_id: int


class NoticeEvent(BaseModel):
    """A takedown or reinstatement notice."""

    type: Literal["notice.takedown", "notice.reinstated"]
    timestamp: datetime
    data: Notice


class AssessmentEvent(BaseModel):
    """A listing was assessed."""

    type: Literal["assessment.ready"]
    timestamp: datetime
    data: AssessmentReady


class BatchEvent(BaseModel):
    """A batch has ended."""

    type: Literal["batch.done"]
    timestamp: datetime
    data: BatchEnded


class AppealEvent(BaseModel):
    """An appeal was answered."""

    type: Literal["appeal.answered"]
    timestamp: datetime
    data: AppealOut


class PingEvent(BaseModel):
    """A test."""

    type: Literal["test"]
    timestamp: datetime
    data: Ping


Event = Annotated[
    NoticeEvent | AssessmentEvent | BatchEvent | AppealEvent | PingEvent, Field(discriminator="type")
]
