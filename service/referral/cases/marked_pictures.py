"""Pictures in a letter: the stored file, and a copy with numbered boxes around quoted words and numbers."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inference.pictures.errors import PictureError
from inference.pictures.rendering.renderer import DrawnBox
from labels.pictured import Box, pictures_of
from labels.schema import Assessment
from labels.taxonomy import LABELS, ClaimLabel
from service.decisions.notice import Notice, QuotedClaim, StatedFact
from service.store.pictures.files import NotAPicture, PictureFileChanged, PictureFiles, read_header
from service.store.tables.core_tables import Review
from service.text.official_wording import fact as official_fact
from service.text.official_wording import violations

log = logging.getLogger(__name__)

SIDE: Final = 1400
"""Longer side of the copy with boxes, in pixels."""

Draw = Callable[[bytes, int, Sequence[DrawnBox]], bytes]
"""Draws boxes into a picture, its longer side at most this many pixels, like ``PictureRenderer.render``."""

_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tif",
}
_COLOURS: Final = (
    (179, 38, 30),
    (168, 67, 0),
    (160, 24, 95),
    (107, 49, 168),
    (122, 91, 0),
    (11, 92, 138),
    (0, 105, 92),
    (90, 16, 16),
    (55, 71, 79),
    (46, 100, 23),
)
"""Colour of each label, the same as in the console."""

_OF_NUMBERS: Final = ClaimLabel.UNLICENSED.value
"""The label whose colour the boxes around numbers have."""


@dataclass(frozen=True)
class MarkedWords:
    """Confirmed words or a number in a picture; their boxes have this ``number``."""

    number: int
    text: str
    label: str


@dataclass(frozen=True)
class MarkedPicture:
    """A picture with confirmed words, or with a number that the decision states.

    Attributes:
        number: its position in the letter, from 1.
        item: the position of its listing in the letter, from 1.
        sha256: of the stored file.
        words: what was confirmed in it.
        original: the file as the listing showed it; empty if it is missing.
        ending: the file name's extension.
        drawn: a JPEG with the boxes; empty if none could be made.
        lack: why something is missing, in Thai; empty if nothing is.
    """

    number: int
    item: int
    sha256: str
    words: tuple[MarkedWords, ...]
    original: bytes = b""
    ending: str = ""
    drawn: bytes = b""
    lack: str = ""

    @property
    def files(self) -> dict[str, bytes]:
        """File name in the folder of the evidence -> content."""
        found = {f"picture-{self.number}.{self.ending}": self.original} if self.original else {}
        return found | ({f"picture-{self.number}-marked.jpg": self.drawn} if self.drawn else {})


def marked_pictures(
    decisions: Sequence[tuple[Review, Notice, Assessment]],
    files: PictureFiles,
    draw: Draw,
    draws: Collection[int] | None = None,
) -> tuple[MarkedPicture, ...]:
    """Return the pictures with words that these decisions rely on, then those with numbers alone.

    Both are in the order of the decisions.  Earlier releases left out those with numbers alone, and the pages
    of letters that they kept have the numbers of the others.

    Where only the words of a letter are wanted, only the pictures with numbers in ``draws`` are drawn.
    """
    with_words: list[tuple[int, str, list[dict[str, Any]]]] = []
    with_numbers: list[tuple[int, str, list[dict[str, Any]]]] = []
    for item, (review, notice, assessment) in enumerate(decisions, start=1):
        numbers = _numbers_by_picture(notice.facts, assessment)
        for digest, claims in claims_by_picture(review, notice.claims).items():
            with_words.append((item, digest, [*claims, *numbers.pop(digest, [])]))
        with_numbers += [(item, digest, rows) for digest, rows in numbers.items()]
    found: list[MarkedPicture] = []
    for number, (item, digest, claims) in enumerate([*with_words, *with_numbers], start=1):
        wanted = draw if draws is None or number in draws else _undrawn
        found.append(_marked(number, item, digest, claims, files, wanted))
    return tuple(found)


def claims_by_picture(review: Review, quoted: Sequence[QuotedClaim]) -> dict[str, list[dict[str, Any]]]:
    """Return the claims of a decision that are quoted from each picture, by the picture's hash."""
    relied = {(claim.picture, claim.start, claim.end, claim.label.value) for claim in quoted}
    found: dict[str, list[dict[str, Any]]] = {}
    for claim in [*review.confirmed_claims, *review.added_claims]:
        place = (claim.get("picture"), claim["start"], claim["end"], claim["label"])
        if claim.get("picture") and place in relied:
            found.setdefault(claim["picture"], []).append(claim)
    # In the order of the picture's lines, as the letter quotes them.
    return {
        digest: sorted(some, key=lambda claim: (claim["start"], -claim["end"]))
        for digest, some in found.items()
    }


def _numbers_by_picture(
    facts: Sequence[StatedFact], assessment: Assessment
) -> dict[str, list[dict[str, Any]]]:
    """Return the numbers that a decision states from pictures, by the hash of each that shows them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        if not fact.picture:
            continue
        act = official_fact(fact.code, "", fact.thai)
        for digest, boxes in boxes_of_number(assessment, fact.number).items():
            row = {"text": fact.number, "label": _OF_NUMBERS, "boxes": boxes, "act": act}
            found.setdefault(digest, []).append(row)
    return found


def boxes_of_number(assessment: Assessment, number: str) -> dict[str, list[Box]]:
    """Return all boxes around a number, by the hash of each picture that shows it."""
    found: dict[str, list[Box]] = {}
    for picture in pictures_of(assessment):
        for licence in picture.licences:
            if licence.number == number:
                found.setdefault(picture.sha256, []).extend(licence.boxes)
    return found


def boxes_of(claims: Sequence[dict[str, Any]]) -> list[DrawnBox]:
    """Return the boxes around claims of one picture, numbered from 1, in the colours of their labels."""
    return [
        DrawnBox(tuple(box), _COLOURS[LABELS.index(ClaimLabel(claim["label"]))], str(place) if not at else "")
        for place, claim in enumerate(claims, start=1)
        for at, box in enumerate(claim.get("boxes", ()))
    ]


def _undrawn(content: bytes, side: int, boxes: Sequence[DrawnBox]) -> bytes:
    return b"-"


def _marked(
    number: int,
    item: int,
    digest: str,
    claims: Sequence[dict[str, Any]],
    files: PictureFiles,
    draw: Draw,
) -> MarkedPicture:
    words = tuple(
        MarkedWords(
            place,
            " ".join(claim["text"].split()),
            claim.get("act") or violations([ClaimLabel(claim["label"])]),
        )
        for place, claim in enumerate(claims, start=1)
    )
    try:
        content = files.read(digest)
    except OSError as error:
        log.warning("the file of picture %s cannot be read: %s", digest, error)
        return MarkedPicture(number, item, digest, words, lack="ไม่พบแฟ้มภาพในที่เก็บ")
    except PictureFileChanged as error:
        log.warning("%s", error)
        return MarkedPicture(number, item, digest, words, lack="ค่าแฮชของภาพไม่ตรงกับที่บันทึกไว้ จึงไม่แนบ")
    try:
        ending = _ENDINGS[read_header(content)[0]]
        drawn = draw(content, SIDE, boxes_of(claims))
    except (NotAPicture, PictureError) as error:
        log.warning("picture %s cannot be drawn: %s", digest, error)
        return MarkedPicture(number, item, digest, words, content, "bin", lack="เปิดภาพเพื่อทำเครื่องหมายไม่ได้")
    return MarkedPicture(number, item, digest, words, content, ending, drawn)
