"""The webhooks of a tenant."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

EventName = Literal[
    "notice.takedown", "notice.reinstated", "assessment.ready", "batch.done", "appeal.answered"
]


class WebhookOut(BaseModel):
    """A webhook and its delivery status."""

    webhook_id: int
    url: str
    events: list[EventName] = Field(description="what it is told of")
    state: Literal["active", "failing", "disabled", "stopped"]
    created_at: datetime
    cursor: str = Field(description="everything before it in the feed was delivered")
    last_delivered_at: datetime | None
    attempts: int = Field(description="consecutive failures")
    failing_since: datetime | None
    next_attempt_at: datetime | None = Field(description="the next attempt, while it is failing")
    last_problem: str
    disabled_at: datetime | None = Field(description="when failures disabled it; replay enables it again")


class WebhookSecret(WebhookOut):
    """A webhook with its secret, which is shown only once."""

    secret: str


class Webhooks(BaseModel):
    """The webhooks of a tenant."""

    webhooks: list[WebhookOut]


class PingSent(BaseModel):
    """A test event that is on its way."""

    event_id: str = Field(description="the header webhook-id that it is delivered with")


class DeliveryOut(BaseModel):
    """One attempt to deliver an event."""

    event_id: str = Field(description="the header webhook-id")
    type: EventName | Literal["test"]
    attempt: int = Field(description="consecutive attempts of the webhook, from 1")
    at: datetime
    delivered: bool
    status: int | None = Field(description="the HTTP status of the answer; null without an answer")
    problem: str = Field(description="why it failed; empty if it was delivered")


class Deliveries(BaseModel):
    """The newest attempts of a webhook, newest first."""

    deliveries: list[DeliveryOut]
    next_attempt_at: datetime | None = Field(description="the next attempt, while the webhook is failing")
