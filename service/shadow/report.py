"""The report of a shadow run, stored for decisions about promotion."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from labels.taxonomy import Verdict


class Side(BaseModel):
    """One side of the comparison, on the same cases."""

    flagged: int = Field(description="cases flagged for review")
    verdicts: dict[Verdict, int]
    labels: dict[str, int] = Field(description="label -> cases with a claim of it")
    flagged_decided: int = Field(description="flagged cases that people decided")
    flagged_borne_out: int = Field(description="of those, decided prohibited or needs_permit")
    prohibited_flagged: int = Field(description="cases decided prohibited that are flagged")
    seen: int = Field(description="flagged cases that reviewers can process within the period")
    seen_prohibited: int = Field(description="of those, decided prohibited by people")
    seen_undecided: int = Field(description="of those, never decided")


class Day(BaseModel):
    """One day in Bangkok; a pair is the current side's figure and the candidate's."""

    day: date
    received: int
    flagged: tuple[int, int]
    seen: tuple[int, int]
    seen_prohibited: tuple[int, int]
    waiting: tuple[int, int] = Field(description="flagged cases left over at the end of the day")


class Example(BaseModel):
    """A case that only one side flags."""

    listing: int
    received_at: AwareDatetime
    current: Verdict
    current_risk: float
    current_labels: list[str]
    candidate: Verdict
    candidate_risk: float
    candidate_labels: list[str]
    decision: Verdict | None = Field(description="what people decided, null if undecided")
    ticked: list[str] = Field([], description="provisions that the decision relies on, by id")
    current_provisions: list[str] = Field([], description="what the current side proposes, if decided")
    candidate_provisions: list[str] = Field([], description="what the candidate proposes")


class ProvisionFigures(BaseModel):
    """One provision in the decided cases; a pair is the current side's figure and the candidate's."""

    id: str
    ticked: int = Field(description="decisions that rely on it")
    proposed: tuple[int, int] = Field(description="decided cases in which it is proposed")
    proposed_and_ticked: tuple[int, int] = Field(description="of those, cases whose decision relies on it")


class ShadowReport(BaseModel):
    """A comparison of the candidate with the store on the cases of a period."""

    format: Literal[1] = 1
    name: str
    made_at: AwareDatetime
    first: date
    last: date
    model: str = Field(description="the candidate's bundle")
    policy: str = Field(description="the candidate's policy")
    registry: str = Field(description="the register that numbers were looked up in")
    current_models: dict[str, int] = Field(description="models of the answers compared with -> cases")
    cases: int
    left_out: dict[str, int] = Field(description="why cases are not compared -> how many")
    capacity: float = Field(description="cases that reviewers process in a day")
    capacity_measured: bool = Field(description="whether it was measured or given")
    prohibited: int = Field(description="compared cases that people decided prohibited")
    current: Side
    candidate: Side
    confusion: dict[Verdict, dict[Verdict, int]] = Field(description="current -> candidate -> cases")
    new_flags: int
    lost_flags: int
    lost_prohibited: int = Field(description="lost flags that people decided prohibited")
    new_examples: list[Example] = Field(description="the riskiest by the candidate")
    lost_examples: list[Example] = Field(description="decided prohibited first, then by previous risk")
    days: list[Day]
    # Reports of earlier releases compare no provisions.
    grounded: int = Field(0, description="compared cases whose decision relies on provisions")
    same_ground: tuple[int, int] = Field((0, 0), description="of those, cases with exactly these proposed")
    provisions: list[ProvisionFigures] = []
    lost_ground: int = Field(0, description="cases in which only the candidate misses a ticked provision")
    lost_ground_examples: list[Example] = []
