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
    events: list[EventName] = Field(description="the events it receives")
    state: Literal["active", "failing", "disabled", "stopped"]
    created_at: datetime
    cursor: str = Field(description="everything before it in the feed has been delivered")
    last_delivered_at: datetime | None
    attempts: int = Field(description="consecutive failures")
    failing_since: datetime | None
    next_attempt_at: datetime | None = Field(description="the next attempt, while it is failing")
    last_problem: str
    disabled_at: datetime | None = Field(
        description="when failures disabled it; a retry or a replay enables it again"
    )


class WebhookSecret(WebhookOut):
    """A webhook with its secret, which is shown only once."""

    secret: str


class Webhooks(BaseModel):
    """The webhooks of a tenant."""

    webhooks: list[WebhookOut]


class PingSent(BaseModel):
    """A queued test event."""

    event_id: str = Field(description="the value of its webhook-id header")


class DeliveryOut(BaseModel):
    """One attempt to deliver an event."""

    event_id: str = Field(description="the value of the webhook-id header")
    type: EventName | Literal["test"]
    attempt: int = Field(description="number of the attempt since the last success, from 1")
    at: datetime
    delivered: bool
    status: int | None = Field(description="HTTP status of the response; null without a response")
    problem: str = Field(description="why it failed; empty if it was delivered")


class Deliveries(BaseModel):
    """The newest attempts of a webhook, newest first."""

    deliveries: list[DeliveryOut]
    next_attempt_at: datetime | None = Field(description="the next attempt, while the webhook is failing")
