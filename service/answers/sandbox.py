"""Simulated decisions."""

from typing import Literal

from pydantic import BaseModel, Field

from service.decisions.notice import Notice

SimulatedVerdict = Literal["prohibited", "needs_permit", "clear", "not_an_ad"]


class Simulated(BaseModel):
    """The outcome of a simulated decision."""

    notice: Notice | None = Field(
        description="the notice sent through feed and webhooks; null if nothing changes for the platform"
    )
