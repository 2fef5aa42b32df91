"""The data model of pictures: the text read in one, and the assessment of a listing with its pictures."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from labels.schema import Assessment, Claim, Contact, LicenceCheck, Span

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the picture as it is shown."""


class PictureStatus(StrEnum):
    """Whether the text in a picture is part of the assessment."""

    READ = "read"
    WAITING = "waiting"
    """It has not been read yet."""
    UNREAD = "unread"
    """It could not be read; a finding says why."""


class PictureLine(BaseModel):
    """A line of text read from a picture."""

    text: str
    box: Box = Field(description="left, top, width, height in pixels")
    confidence: float = Field(ge=0, le=1)


class PictureClaim(Claim):
    """A claim in a picture; its offsets point into the picture's lines, joined by line feeds."""

    boxes: list[Box] = Field(description="one for each line that the words span")


class PictureLicence(LicenceCheck):
    """A licence or permit number in a picture; offsets as in a claim."""

    boxes: list[Box]


class AssessedPicture(BaseModel):
    """The text of one picture and what was found in it."""

    file: str = Field("", description="name of the file, if it has one")
    sha256: str = ""
    status: PictureStatus = PictureStatus.READ
    engine: str = Field("", description="OCR engine with its version; empty if it was not read")
    lines: list[PictureLine] = Field(default_factory=list)
    claims: list[PictureClaim] = Field(default_factory=list)
    licences: list[PictureLicence] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)

    @property
    def text(self) -> str:
        """The lines joined by line feeds; offsets of claims point into this text."""
        return "\n".join(line.text for line in self.lines)

    def boxes(self, start: int, end: int) -> list[Box]:
        """Return the boxes of the lines that ``text[start:end]`` spans."""
        found, at = [], 0
        for line in self.lines:
            if at < end and start < at + len(line.text):
                found.append(line.box)
            at += len(line.text) + 1
        return found


class PictureSpan(Span):
    """A labelled range of the text of a picture."""

    picture: str
    """SHA-256 of the picture."""


class PicturedAssessment(Assessment):
    """An assessment of text and pictures.

    ``verdict`` and ``risk`` are those of both together. ``claims``, ``licences`` and ``contacts`` are those
    of the text; each picture has its own.
    """

    pictures: list[AssessedPicture]


AnyAssessment = PicturedAssessment | Assessment
"""In the order in which a response is parsed: only the first has ``pictures``."""


def assessment_of(content: Mapping[str, Any]) -> Assessment:
    """The assessment of its JSON: a :class:`PicturedAssessment` if it is about pictures."""
    return (PicturedAssessment if "pictures" in content else Assessment).model_validate(content)


def pictures_of(assessment: Assessment) -> list[AssessedPicture]:
    """Return the pictures of an assessment."""
    return assessment.pictures if isinstance(assessment, PicturedAssessment) else []


def all_claims(assessment: Assessment) -> list[tuple[str, Claim]]:
    """Return the claims in the order in which reviews number them.

    Those of the text come first, then those of each picture. Each comes with the hash of its picture, which
    is empty for the text.
    """
    found: list[tuple[str, Claim]] = [("", claim) for claim in assessment.claims]
    for picture in pictures_of(assessment):
        found += [(picture.sha256, claim) for claim in picture.claims]
    return found


def all_licences(assessment: Assessment) -> list[LicenceCheck]:
    """Return the numbers of the text and of the pictures."""
    return [*assessment.licences, *(one for picture in pictures_of(assessment) for one in picture.licences)]


def all_contacts(assessment: Assessment) -> list[Contact]:
    """Return the contacts of the text and of the pictures."""
    return [*assessment.contacts, *(one for picture in pictures_of(assessment) for one in picture.contacts)]


def claim_labels(content: Mapping[str, Any]) -> list[str]:
    """Return the labels of all claims in an assessment's JSON, in its text and its pictures."""
    texts = [content, *content.get("pictures", ())]
    return [claim["label"] for text in texts for claim in text.get("claims", ())]


def claim_words(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and words of all claims in an assessment's JSON, in its text and its pictures."""
    texts = [content, *content.get("pictures", ())]
    return [(claim["label"], claim.get("text", "")) for text in texts for claim in text.get("claims", ())]


def claim_row(picture: str, claim: Claim) -> dict[str, Any]:
    """Return a claim as reviews record it; one in a picture with the picture's hash and its boxes."""
    # Written out: a long text has thousands.
    row = {"start": claim.start, "end": claim.end, "label": claim.label.value, "text": claim.text}
    return row | {"picture": picture, "boxes": getattr(claim, "boxes", [])} if picture else row


def claim_key(row: Mapping[str, Any]) -> tuple[str, int, int, str]:
    """Return the key that identifies a recorded claim within its listing: picture, offsets and label."""
    return row.get("picture", ""), row["start"], row["end"], row["label"]
