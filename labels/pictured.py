"""The data model of pictures: the text read in one, and the assessment of a listing with its pictures."""

from enum import StrEnum

from pydantic import BaseModel, Field

from labels.schema import Assessment, Claim, Contact, LicenceCheck

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the picture as it is shown."""


class PictureStatus(StrEnum):
    """Whether the text in a picture is part of the assessment."""

    READ = "read"
    WAITING = "waiting"
    """Nothing has tried to read it yet."""
    UNREAD = "unread"
    """It could not be read; a finding says why."""


class PictureLine(BaseModel):
    """A line of text read from a picture."""

    text: str
    box: Box = Field(description="left, top, width, height in pixels")
    confidence: float = Field(ge=0, le=1)


class PictureClaim(Claim):
    """A claim in a picture; its offsets point into the picture's lines, joined by line feeds."""

    boxes: list[Box] = Field(description="one for each line that the words touch")


class PictureLicence(LicenceCheck):
    """A licence or permit number in a picture; offsets as in a claim."""

    boxes: list[Box]


class AssessedPicture(BaseModel):
    """The text of one picture and what was found in it."""

    file: str = Field("", description="name of the file, where it has one")
    sha256: str = ""
    status: PictureStatus = PictureStatus.READ
    engine: str = Field("", description="what read it, with its version; empty where it was not read")
    lines: list[PictureLine] = Field(default_factory=list)
    claims: list[PictureClaim] = Field(default_factory=list)
    licences: list[PictureLicence] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)


class PicturedAssessment(Assessment):
    """An assessment of text and pictures.

    ``verdict`` and ``risk`` are those of both together. ``claims``, ``licences`` and ``contacts`` are those
    of the text; those of a picture stand with it.
    """

    pictures: list[AssessedPicture]


AnyAssessment = PicturedAssessment | Assessment
"""In the order in which an answer is parsed: only the first has ``pictures``."""
