"""Assesses a listing together with the text in its pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from inference.pictures.errors import PictureError
from inference.pictures.joined import JoinedLines
from inference.pictures.reader import PictureReader
from labels.pictured import (
    AssessedPicture,
    PictureClaim,
    PicturedAssessment,
    PictureLicence,
    PictureLine,
    PictureStatus,
)
from labels.schema import Assessment, Finding, Listing
from labels.taxonomy import PROHIBITED_LABELS, Verdict

Classify = Callable[[Sequence[Listing]], list[Assessment]]

DOUBT = 0.3
"""Weight of the reading's uncertainty in a claim's probability."""

READ_SURELY = 0.7
"""Minimum confidence of words found only in a picture; below it a person must judge them."""

_ONLY_IN_PICTURE: Final = (
    "ข้อความต่อไปนี้ปรากฏในภาพเท่านั้น ไม่มีในข้อความของประกาศ: {words}",
    "These words stand only in a picture, not in the listing's text: {words}",
)
_READ_UNSURELY: Final = (
    "ข้อความที่เข้าข่ายฝ่าฝืนมีแต่ในภาพและระบบอ่านได้ไม่ชัด ให้เจ้าหน้าที่ดูภาพก่อนตัดสิน",
    "The prohibited words stand only in a picture and were read with doubt: look at it before deciding.",
)
_UNREAD: Final = (
    "ยังไม่ได้อ่านข้อความในภาพ {name}: {thai} ผลการประเมินนี้ไม่รวมข้อความในภาพดังกล่าว",
    "The picture {name} was not read: {english}. This assessment leaves out what is written in it.",
)


@dataclass(frozen=True)
class _Placed:
    """A read picture and the position of its words in the assessed text."""

    picture: AssessedPicture
    joined: JoinedLines
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.joined.text)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Offsets into the picture's own text; ``None`` if they start outside it."""
        if not self.start <= start < self.end:
            return None
        return start - self.start, min(end, self.end) - self.start


def assess_with_pictures(
    classify: Classify, reader: PictureReader, listing: Listing, pictures: Sequence[tuple[str, bytes]]
) -> PicturedAssessment:
    """Assess a listing with its pictures, each a name and the bytes of its file.

    The lines of the pictures are read after the listing's text, so that the model knows what is sold. A
    picture that cannot be read changes nothing but a finding that says so.
    """
    text, placed, unread = listing.text, [], []
    whole = [text] if text else []
    shown: list[AssessedPicture] = []
    for name, content in pictures:
        try:
            read = reader.read(content)
        except PictureError as error:
            unread.append(_finding("picture_unread", _UNREAD, name=name, thai=error.thai, english=str(error)))
            shown.append(AssessedPicture(file=name, status=PictureStatus.UNREAD))
            continue
        joined = JoinedLines.of(read.lines)
        lines = [PictureLine(text=x.text, box=x.box, confidence=x.confidence) for x in read.lines]
        shown.append(AssessedPicture(file=name, sha256=read.sha256, engine=read.engine, lines=lines))
        if joined.text:
            placed.append(_Placed(shown[-1], joined, sum(len(part) + 1 for part in whole)))
            whole.append(joined.text)
    words = "\n".join(part.joined.text for part in placed)
    description = f"{listing.description}\n{words}" if words and text else listing.description or words
    (alone,) = classify([listing])
    both = classify([listing.model_copy(update={"description": description})])[0] if words else alone
    return _parted(both, alone, text, placed, shown, unread)


def _parted(
    both: Assessment,
    alone: Assessment,
    text: str,
    placed: Sequence[_Placed],
    shown: list[AssessedPicture],
    unread: list[Finding],
) -> PicturedAssessment:
    """Split the assessment of everything into that of the text and those of the pictures."""
    length = len(text)
    for part in placed:
        _fill(part, both)
    verdict, told = both.verdict, list[Finding]()
    only = _only_in_pictures(both, length, placed)
    if text and only:
        quoted = ", ".join(f'"{claim.text}"' for claim in only)
        told.append(_finding("only_in_picture", _ONLY_IN_PICTURE, words=quoted))
    if verdict is Verdict.PROHIBITED and alone.verdict is not Verdict.PROHIBITED and _in_doubt(both, placed):
        verdict = Verdict.NEEDS_REVIEW
        told.append(_finding("picture_read_unsurely", _READ_UNSURELY))
    return PicturedAssessment(
        **{
            **both.model_dump(),
            "verdict": verdict,
            "claims": [claim for claim in both.claims if claim.start < length],
            "licences": [number for number in both.licences if number.start < length],
            "contacts": [contact for contact in both.contacts if contact.start < length],
            "findings": [*(_within(finding, length) for finding in both.findings), *told, *unread],
            "facts": [
                fact.model_copy(update={"start": None, "end": None})
                if fact.start is not None and fact.start >= length
                else fact
                for fact in both.facts
            ],
            "pictures": shown,
        }
    )


def _fill(part: _Placed, both: Assessment) -> None:
    """Attach what was found in a picture's words to its lines."""
    picture, joined = part.picture, part.joined
    for claim in both.claims:
        if (span := part.span(claim.start, claim.end)) is not None:
            doubt = DOUBT * (1 - joined.confidence(*span))
            fields = claim.model_dump() | {
                "start": span[0],
                "end": span[1],
                "text": joined.text[slice(*span)],
                "probability": claim.probability * (1 - doubt),
            }
            picture.claims.append(PictureClaim(**fields, boxes=joined.boxes(*span)))
    for number in both.licences:
        if (span := part.span(number.start, number.end)) is not None:
            fields = number.model_dump() | {"start": span[0], "end": span[1]}
            picture.licences.append(PictureLicence(**fields, boxes=joined.boxes(*span)))
    for contact in both.contacts:
        if (span := part.span(contact.start, contact.end)) is not None:
            picture.contacts.append(contact.model_copy(update={"start": span[0], "end": span[1]}))


def _only_in_pictures(both: Assessment, length: int, placed: Sequence[_Placed]) -> list[PictureClaim]:
    """The first claim of each label found only in a picture."""
    said = {claim.label for claim in both.claims if claim.start < length}
    found: list[PictureClaim] = []
    for part in placed:
        for claim in part.picture.claims:
            if claim.label not in said:
                said.add(claim.label)
                found.append(claim)
    return found


def _in_doubt(both: Assessment, placed: Sequence[_Placed]) -> bool:
    """Whether all prohibited words are in pictures and none was read with confidence."""
    found = False
    for claim in both.claims:
        if claim.label not in PROHIBITED_LABELS:
            continue
        spans = ((part, part.span(claim.start, claim.end)) for part in placed)
        inside = next(((part, span) for part, span in spans if span is not None), None)
        if inside is None or inside[0].joined.confidence(*inside[1]) >= READ_SURELY:
            return False
        found = True
    return found


def _within(finding: Finding, length: int) -> Finding:
    """A finding located in a picture has no position in the text."""
    if finding.start is None or finding.start < length:
        return finding
    return finding.model_copy(update={"start": None, "end": None})


def _finding(code: str, texts: tuple[str, str], **values: str) -> Finding:
    thai, english = (text.format(**values) for text in texts)
    return Finding(code=code, thai=thai, english=english)
