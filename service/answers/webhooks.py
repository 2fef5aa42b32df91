"""The webhooks of a tenant."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class WebhookOut(BaseModel):
    """A webhook and its delivery status."""

    webhook_id: int
    url: str
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
