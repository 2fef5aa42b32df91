"""Appeals against decisions, and their outcomes."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from labels.taxonomy import Verdict
from service.decisions.notice import Outcome

AppealParty = Literal["platform", "seller"]


class AppealOut(BaseModel):
    """An appeal and its outcome."""

    appeal_id: int
    listing_id: int
    external_id: str = Field(description="the id under which you submitted the listing")
    contested: str = Field(description="the id of the notice whose decision is contested")
    appellant: AppealParty
    reason: str
    evidence: str
    filed_at: datetime
    state: Literal["open", "answered"]
    answered_at: datetime | None
    outcome: Outcome | None = Field(description="upheld: the listing stays forbidden; reversed: it does not")
    decision: Verdict | None = Field(
        description="when it was answered; null while open or if the answer was withdrawn"
    )
    notice: str | None = Field(description="the id of the notice that answers it and gives the reasons")


class AppealKept(AppealOut):
    """The answer to a filed appeal."""

    status: Literal["new", "known"] = Field(description="known: an appeal was already open; it is returned")


class AppealPage(BaseModel):
    """A page of appeals; request again with ``cursor`` set to ``next_cursor`` until that is null."""

    appeals: list[AppealOut]
    next_cursor: str | None
