"""Assessments and checks of drafts."""

from pydantic import BaseModel, Field

from labels.guidance.advice import Action
from labels.law.catalogue import Status
from labels.pictured import AnyAssessment, Box
from labels.schema import LawRef
from labels.taxonomy import ClaimLabel


class Assessments(BaseModel):
    """The answer of ``POST /v1/classify``: one assessment per listing, in input order."""

    assessments: list[AnyAssessment]


class Sentence(BaseModel):
    """A sentence in Thai with its English translation."""

    thai: str
    english: str


class ClaimAdvice(BaseModel):
    """What to do about one claim of a draft."""

    picture: int | None = Field(
        None, description="index of the picture that contains it, from 0; offsets then point into its lines"
    )
    boxes: list[Box] = Field(default_factory=list, description="its bounding boxes in the picture")
    start: int
    end: int
    text: str
    label: ClaimLabel
    why: Sentence = Field(description="why it is not allowed, or is allowed only with a permit")
    law: list[LawRef]
    action: Action
    what_to_do: Sentence
    suggestions: list[str] = Field(description="Thai wording to use instead, without a permit")
    with_permit: list[str] = Field(description="Thai wording that only an approved advertisement may use")
    status: Status = Field(description="how well `why` has been verified: C, C2 or U (docs/law.md)")


class MissingWarning(BaseModel):
    """A sentence that advertising for this product class must contain and the draft lacks."""

    code: str
    thai: str = Field(description="the sentence to add")
    english: str
    law: list[LawRef]
    required: bool = Field(description="false: recommended only, not a reason to reject the draft")
    status: Status = Field(description="how well it has been verified: C, C2 or U (docs/law.md)")


class DraftCheck(BaseModel):
    """The answer for one draft."""

    assessment: AnyAssessment
    publishable: bool = Field(
        description="the draft or its pictures have text, the verdict is `clear` or `not_an_ad`, no claim has"
        " to change, no required sentence is missing, every picture was read, and no disease that may not be"
        " advertised is named"
    )
    advice: list[ClaimAdvice] = Field(
        description="one entry per claim, in order; claims in pictures come after those in the text"
    )
    missing_warnings: list[MissingWarning] = Field(description="empty if the product itself may not be sold")
    thai: str = Field(description="a summary for the seller")
    english: str


class DraftChecks(BaseModel):
    """The answer of ``POST /v1/check``: one check per draft, in input order."""

    checks: list[DraftCheck]
