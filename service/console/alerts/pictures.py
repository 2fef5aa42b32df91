"""Pictures for a public warning: what the lead may choose, how each would look, and those chosen."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from inference.pictures.errors import PictureError
from inference.pictures.joined import BETWEEN_LINES, JoinedLines
from inference.pictures.messages import restored
from labels.pictured import AssessedPicture, Box, pictures_of
from labels.schema import Contact
from labels.taxonomy import ClaimLabel
from service.alerts.personal_data import contact_spans
from service.alerts.wording import VIOLATIONS
from service.console.alerts.checks import decided_on
from service.console.core.errors import PageError
from service.console.core.permissions import ALERT_PICTURE
from service.console.pictures.copies import PictureCopies
from service.console.pictures.serving import HEADERS, CopiesPart
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.decisions.reasons import notice_of
from service.referral.cases.marked_pictures import boxes_of, claims_by_picture
from service.store.alerts.pictures import NewAlertPicture
from service.store.cases.decisions import Decided
from service.text.quoting import reading_of
from service.text.visible import one_line

log = logging.getLogger(__name__)

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LOOKS: Final = {"clear": False, "blurred": True}
"""How a picture may be published -> whether all but the marked words is blurred."""

MAX_WORDS: Final = 2000
"""Maximum length of marked words in characters: all that a reviewer may correct."""

NOT_DRAWN: Final = (
    "ยังไม่ได้เผยแพร่: เปิดแฟ้มของภาพที่เลือกไม่ได้ โปรดนำเครื่องหมายหน้าภาพออก หรือแจ้งผู้ดูแลระบบ",
    "Not published: the file of a chosen picture cannot be opened. Untick the picture, or tell the operator.",
)

# The decision, and with it the boxes and the covered contacts, may change under the same address.
_PREVIEW_HEADERS: Final = HEADERS | {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class OfferedPicture:
    """A picture in which the decision confirmed words, as the draft offers it.

    Attributes:
        sha256: of the stored file.
        claims: the words, as the decision records them.
        covered: places of contacts in the picture's lines, which are painted over.
        chosen, blurred: what the lead ticked.
    """

    sha256: str
    claims: Sequence[dict[str, Any]]
    covered: Sequence[Box]
    chosen: bool = False
    blurred: bool = False

    @property
    def words(self) -> list[dict[str, str]]:
        """The marked words in the order of their numbers."""
        return [
            {
                "text": one_line(claim["text"], MAX_WORDS),
                "reading": reading_of(claim["text"], MAX_WORDS),
                "label": str(claim["label"]),
            }
            for claim in self.claims
        ]

    def drawn(self, copies: PictureCopies, blurred: bool) -> bytes:
        """The JPEG as the public would see it; raises ``OSError`` and :class:`PictureError`."""
        return copies.draw(self.sha256, "page", boxes_of(self.claims), self.covered, blurred)


def offered_pictures(decided: Decided, form: FormData | None = None) -> list[OfferedPicture]:
    """Return the pictures that a warning about a decision may show, with what a form ticked."""
    chosen = frozenset(form.getlist("picture")) if form is not None else frozenset()
    blurred = frozenset(form.getlist("blur")) if form is not None else frozenset()
    assessed = decided.assessment.shape()
    pictures = pictures_of(assessed)
    known = [*assessed.contacts, *(contact for picture in pictures for contact in picture.contacts)]
    read = {picture.sha256: picture for picture in pictures}
    return [
        OfferedPicture(
            digest, claims, _contacts(read.get(digest), known), digest in chosen, digest in blurred
        )
        for digest, claims in claims_by_picture(decided.review, notice_of(decided, "").claims).items()
    ]


def chosen_words(pictures: Sequence[OfferedPicture]) -> str:
    """Return the words of the chosen pictures, which are published as text beside them."""
    chosen = [picture for picture in pictures if picture.chosen]
    # As written too: a hidden character that is spelled out would disguise a contact.
    # Lines are joined, as they are published: a contact may be broken over two.
    written = [" ".join(str(claim["text"]).split()) for picture in chosen for claim in picture.claims]
    return "\n".join([*written, *(words["reading"] for picture in chosen for words in picture.words)])


def pictures_to_publish(pictures: Sequence[OfferedPicture], copies: PictureCopies) -> list[NewAlertPicture]:
    """Draw the chosen pictures; raises ``OSError`` and :class:`PictureError`."""
    return [
        NewAlertPicture(
            picture.sha256, picture.drawn(copies, picture.blurred), picture.blurred, picture.words
        )
        for picture in pictures
        if picture.chosen
    ]


def violation_of(label: str) -> str:
    """Return the plain words for a label in a published picture."""
    return VIOLATIONS[ClaimLabel(label)]


@router.get(ALERT_PICTURE)
def preview(
    part: ConsolePart, copies: CopiesPart, reviewer: LoggedIn, listing_id: int, sha256: str, look: str
) -> Response:
    """Show a picture as the public would see it, before anything is published."""
    decided = decided_on(part, reviewer, listing_id)
    offered = {picture.sha256: picture for picture in offered_pictures(decided)}
    if sha256 not in offered or look not in LOOKS:
        raise PageError(404, "ประกาศเตือนนี้ไม่มีภาพนี้ให้เลือก", "This alert offers no such picture.", reviewer)
    try:
        content = offered[sha256].drawn(copies, LOOKS[look])
    except OSError as error:
        log.warning("the file of picture %s cannot be read: %s", sha256, error)
        raise PageError(
            404, "ไม่พบแฟ้มของภาพนี้ โปรดแจ้งผู้ดูแลระบบ", "The file of this picture is missing.", reviewer
        ) from error
    except PictureError as error:
        raise PageError(422, error.thai, str(error), reviewer) from error
    return Response(content, media_type="image/jpeg", headers=_PREVIEW_HEADERS)


def _contacts(picture: AssessedPicture | None, known: Sequence[Contact]) -> list[Box]:
    """The places of the contacts and of ``known`` ones in a picture, each widened by half its height."""
    if picture is None:
        return []
    lines = JoinedLines.of([restored(line.model_dump()) for line in picture.lines])
    # The assessment looks for contacts only in the lines that were read well.
    spans = [(contact.start, contact.end) for contact in picture.contacts]
    spans += contact_spans(lines.text, known)
    # One may be broken over two lines. Rather too much is covered than a contact published.
    spans += contact_spans(lines.text.replace(BETWEEN_LINES, " "), known)
    found = []
    for start, end in dict.fromkeys(spans):
        for x, y, width, height in lines.boxes(start, end):
            edge = height // 2
            found.append((max(0, x - edge), y, width + 2 * edge, height))
    return found
