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
    external_id: str = Field(description="the id that you gave the listing")
    contested: str = Field(description="the id of the notice of the decision that is contested")
    appellant: AppealParty
    reason: str
    evidence: str
    filed_at: datetime
    state: Literal["open", "answered"]
    answered_at: datetime | None
    outcome: Outcome | None = Field(description="upheld: the listing stays forbidden; reversed: it does not")
    decision: Verdict | None = Field(description="of the answer; null while open and where it was withdrawn")
    notice: str | None = Field(description="the id of the notice that answers it and gives the grounds")


class AppealKept(AppealOut):
    """The answer to a filed appeal."""

    status: Literal["new", "known"] = Field(description="known: one is open already, and this is it")


class AppealPage(BaseModel):
    """A page of appeals; ask again with ``cursor`` set to ``next_cursor`` until that is null."""

    appeals: list[AppealOut]
    next_cursor: str | None
