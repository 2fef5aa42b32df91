"""Assesses a listing together with the text in its pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple, TypeVar

from inference.contacts.reader import find_contacts
from inference.pictures.errors import PictureError
from inference.pictures.joined import JoinedLines
from inference.pictures.ocr.layout import Line
from inference.pictures.reader import PictureReader, ReadPicture
from inference.pictures.reliability import is_fragment, reliability
from labels.pictured import (
    AssessedPicture,
    PictureClaim,
    PicturedAssessment,
    PictureLicence,
    PictureLine,
    PictureStatus,
)
from labels.schema import Assessment, Claim, Contact, EstablishedFact, Finding, LicenceCheck, Listing
from labels.taxonomy import PROHIBITED_LABELS, Verdict

Classify = Callable[[Sequence[Listing]], list[Assessment]]

Located = TypeVar("Located", LicenceCheck, Contact)
Noted = TypeVar("Noted", Finding, EstablishedFact)

DOUBT = 0.3
"""Weight of the reading's uncertainty in a claim's probability."""

SURE = 0.6
"""Minimum :func:`~inference.pictures.reliability.reliability` of a line for its words to count like text."""

READABLE = 0.5
"""Reliability of a line below which its words are noise: shown, but not assessed."""

_REVIEWED: Final = frozenset({Verdict.PROHIBITED, Verdict.NEEDS_REVIEW})
_CLEARED: Final = frozenset({Verdict.CLEAR, Verdict.NOT_AN_AD})

_ONLY_IN_PICTURE: Final = (
    "ข้อความต่อไปนี้ปรากฏในภาพเท่านั้น ไม่มีในข้อความของโฆษณา: {words}",
    "These words are only in a picture, not in the listing's text: {words}",
)
_READ_UNSURELY: Final = (
    "ข้อความที่เข้าข่ายฝ่าฝืนมีแต่ในภาพและระบบอ่านได้ไม่ชัด ให้เจ้าหน้าที่ดูภาพก่อนตัดสิน",
    "The prohibited words are only in a picture and were read unreliably: check it before deciding.",
)
_CONTRADICTED: Final = (
    "ข้อความของโฆษณาเองเข้าข่ายฝ่าฝืนหรือต้องตรวจสอบ แต่เมื่ออ่านรวมกับข้อความในภาพแล้วไม่เข้าข่าย "
    "ให้เจ้าหน้าที่ดูทั้งข้อความและภาพก่อนตัดสิน",
    "The text calls for a review by itself, but not together with the words in its pictures: look at both "
    "before deciding.",
)
_UNREAD: Final = (
    "ยังไม่ได้อ่านข้อความในภาพ {name}: {thai} ผลการประเมินนี้ไม่รวมข้อความในภาพดังกล่าว",
    "The picture {name} was not read: {english}. This assessment does not cover the text in it.",
)


@dataclass(frozen=True)
class _Placed:
    """A picture that was read, and the position of some of its lines in an assessed text."""

    picture: AssessedPicture
    joined: JoinedLines
    whole: JoinedLines
    start: int

    @classmethod
    def of(cls, picture: AssessedPicture, lines: Sequence[Line], start: int, least: float) -> "_Placed":
        """Place the lines of a picture that are at least as reliable as ``least``."""
        chosen = [line for line in lines if reliability(line) >= least and not is_fragment(line, lines)]
        return cls(picture, JoinedLines.of(chosen), JoinedLines.of(lines), start)

    @property
    def end(self) -> int:
        return self.start + len(self.joined.text)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the offsets into the placed lines of what lies within them; ``None`` for nothing."""
        first, last = max(start, self.start), min(end, self.end)
        return (first - self.start, last - self.start) if first < last else None

    def begins(self, start: int, end: int) -> tuple[int, int] | None:
        """:meth:`span` of what starts within the lines: half a number is none."""
        return self.span(start, end) if start >= self.start else None

    def shown(self, start: int, end: int) -> tuple[int, int]:
        """Return offsets into all lines of the picture from those into the placed ones."""
        parts = list(self.joined.parts(start, end))
        (first, at, _), (last, _, to) = parts[0], parts[-1]
        return self.whole.start_of(first) + at, self.whole.start_of(last) + to


@dataclass(frozen=True)
class GivenPicture:
    """A picture of a listing, with its reading or why there is none; neither while it is pending."""

    name: str = ""
    sha256: str = ""
    read: ReadPicture | None = None
    error: PictureError | None = None


class _Answer(NamedTuple):
    """The assessment of a text with lines of its pictures, and where they stand in it."""

    assessed: Assessment
    placed: Sequence[_Placed]


class CombinedAssessment:
    """Assesses a listing with its pictures by assessing up to three texts.

    ``listings`` must be assessed; :meth:`assessment` takes their assessments in the same order. The words of
    the pictures are appended to the listing's text, so that the model knows what is sold: once only the
    reliable lines, whose words count like text, and once all readable lines.
    """

    def __init__(self, listing: Listing, pictures: Sequence[GivenPicture]) -> None:
        self._text = listing.text
        self._shown: list[AssessedPicture] = []
        self._unread: list[Finding] = []
        read = [(self._show(given), given.read.lines if given.read else ()) for given in pictures]
        self._sure, self._readable = (self._put(read, least) for least in (SURE, READABLE))
        words = ("\n".join(part.joined.running for part in parts) for parts in (self._sure, self._readable))
        self.listings = [listing, *(_with_words(listing, some) for some in words)]

    def assessment(self, answers: Sequence[Assessment]) -> PicturedAssessment:
        """Combine the assessments of :attr:`listings`."""
        alone, *others = answers
        sure, both = (_Answer(*pair) for pair in zip(others, (self._sure, self._readable), strict=True))
        return _parted(both, sure, alone, self._text, self._shown, self._unread)

    def _put(self, read: Sequence[tuple[AssessedPicture, Sequence[Line]]], least: float) -> list[_Placed]:
        """Place the lines of each picture that are reliable enough, one picture after another."""
        placed: list[_Placed] = []
        at = len(self._text) + 1 if self._text else 0
        for picture, lines in read:
            part = _Placed.of(picture, lines, at, least)
            if part.joined.text:
                placed.append(part)
                at += len(part.joined.text) + 1
        return placed

    def _show(self, given: GivenPicture) -> AssessedPicture:
        picture = AssessedPicture(file=given.name, sha256=given.sha256, status=PictureStatus.WAITING)
        if given.read is not None:
            picture.status, picture.engine = PictureStatus.READ, given.read.engine
            picture.lines = [
                PictureLine(text=line.text, box=line.box, confidence=line.confidence)
                for line in given.read.lines
            ]
        elif given.error is not None:
            picture.status = PictureStatus.UNREAD
            name = given.name or given.sha256[:12]
            self._unread.append(
                _finding(
                    "picture_unread", _UNREAD, name=name, thai=given.error.thai, english=str(given.error)
                )
            )
        self._shown.append(picture)
        return picture


def read_pictures(reader: PictureReader, pictures: Sequence[tuple[str, bytes]]) -> list[GivenPicture]:
    """Read pictures, each a name and the bytes of its file; unreadable ones carry the reason."""
    given = []
    for name, content in pictures:
        digest = sha256(content).hexdigest()
        try:
            given.append(GivenPicture(name, digest, read=reader.read(content)))
        except PictureError as error:
            given.append(GivenPicture(name, digest, error=error))
    return given


class CombinedAssessments:
    """:class:`CombinedAssessment` for several listings; those without pictures are assessed as text alone."""

    def __init__(self, listings: Sequence[Listing], pictures: Sequence[Sequence[GivenPicture]]) -> None:
        self._parts = [
            CombinedAssessment(listing, given) if given else listing
            for listing, given in zip(listings, pictures, strict=True)
        ]
        self.listings = [
            listing
            for part in self._parts
            for listing in (part.listings if isinstance(part, CombinedAssessment) else [part])
        ]

    def assessments(self, answers: Sequence[Assessment]) -> list[Assessment]:
        """Combine the assessments of :attr:`listings` into one per listing."""
        left = iter(answers)
        return [
            part.assessment(list(islice(left, len(part.listings))))
            if isinstance(part, CombinedAssessment)
            else next(left)
            for part in self._parts
        ]


def assess_with_pictures(
    classify: Classify, reader: PictureReader, listing: Listing, pictures: Sequence[tuple[str, bytes]]
) -> PicturedAssessment:
    """Assess a listing with its pictures, each a name and the bytes of its file.

    An unreadable picture only adds a finding that says so.
    """
    together = CombinedAssessment(listing, read_pictures(reader, pictures))
    return together.assessment(classify(together.listings))


def _with_words(listing: Listing, words: str) -> Listing:
    """Return the listing with words of its pictures appended to its text."""
    if not words:
        return listing
    description = f"{listing.description}\n{words}" if listing.text else words
    return listing.model_copy(update={"description": description})


def _parted(
    both: _Answer,
    sure: _Answer,
    alone: Assessment,
    text: str,
    shown: list[AssessedPicture],
    unread: list[Finding],
) -> PicturedAssessment:
    """Split the assessment of everything into that of the text and those of the pictures."""
    length = len(text)
    # Doubtful lines must not clear words that were read surely, so what was found is that without them.
    is_swayed = sure.assessed.verdict is Verdict.PROHIBITED and both.assessed.verdict not in _REVIEWED
    whole, placed = sure if is_swayed else both
    for part in placed:
        _fill(part, whole)
    told = list[Finding]()
    only = _only_in_pictures(whole, length, placed)
    if text and only:
        quoted = ", ".join(f'"{claim.text}"' for claim in only)
        told.append(_finding("only_in_picture", _ONLY_IN_PICTURE, words=quoted))
    verdict, risk = _judged(both.assessed, sure.assessed, placed)
    base, findings = whole, whole.findings
    if alone.verdict is whole.verdict is Verdict.PROHIBITED:
        verdict, risk = Verdict.PROHIBITED, max(alone.risk, risk)
    elif _contradicts(verdict, alone):
        # Otherwise a seller could clear any text by a picture, such as one of a warning.
        verdict, risk = Verdict.NEEDS_REVIEW, max(alone.risk, risk)
        codes = {finding.code for finding in alone.findings}
        base, findings = alone, [*alone.findings, *(one for one in whole.findings if one.code not in codes)]
        told.append(_finding("picture_contradicts_text", _CONTRADICTED))
    elif both.assessed.verdict is Verdict.PROHIBITED and verdict is Verdict.NEEDS_REVIEW:
        told.append(_finding("picture_read_unsurely", _READ_UNSURELY))
    return PicturedAssessment(
        **{
            **base.model_dump(),
            "id": alone.id,
            "verdict": verdict,
            "risk": risk,
            "claims": _claims_of_text(base, text),
            "licences": _of_text(whole.licences, alone.licences, length),
            "contacts": _of_text(whole.contacts, alone.contacts, length),
            "findings": [*(_within(finding, length) for finding in findings), *told, *unread],
            "facts": [_within(fact, length) for fact in base.facts],
            "pictures": shown,
        }
    )


def _contradicts(verdict: Verdict, alone: Assessment) -> bool:
    """Whether the pictures make the verdict milder than that of the text alone."""
    if alone.verdict is Verdict.PROHIBITED:
        return verdict is not Verdict.PROHIBITED
    return alone.verdict is Verdict.NEEDS_REVIEW and verdict in _CLEARED


def _judged(both: Assessment, sure: Assessment, placed: Sequence[_Placed]) -> tuple[Verdict, float]:
    """The verdict and risk of the text with its pictures, by how surely the prohibited words were read."""
    if both.verdict in _REVIEWED and sure.verdict not in _REVIEWED:
        # Misread words look risky by themselves: only a prohibited claim needs a review.
        if both.verdict is Verdict.PROHIBITED and _claims_prohibited(placed):
            return Verdict.NEEDS_REVIEW, both.risk
        return sure.verdict, sure.risk
    if sure.verdict is Verdict.PROHIBITED:
        return sure.verdict, max(sure.risk, both.risk)
    if both.verdict is Verdict.PROHIBITED:
        return Verdict.NEEDS_REVIEW, both.risk
    return both.verdict, both.risk


def _claims_of_text(assessed: Assessment, text: str) -> list[Claim]:
    """The claims in the text; of one that runs on into a picture, the part in the text."""
    claims = []
    for claim in assessed.claims:
        if claim.end <= len(text):
            claims.append(claim)
        elif words := text[claim.start :].rstrip():
            claims.append(claim.model_copy(update={"end": claim.start + len(words), "text": words}))
    return claims


def _of_text(together: Sequence[Located], alone: Sequence[Located], length: int) -> list[Located]:
    """What was found in the text; where its end runs on into a picture, what was found there without it."""
    found = [one for one in together if one.end <= length]
    crossing = min((one.start for one in together if one.start < length < one.end), default=length)
    found.extend(one for one in alone if one.start >= crossing)
    return found


def _fill(part: _Placed, both: Assessment) -> None:
    """Attach what was found in a picture's words to its lines."""
    picture, joined = part.picture, part.joined
    for claim in both.claims:
        if (span := part.span(claim.start, claim.end)) is not None:
            doubt = DOUBT * (1 - joined.confidence(*span))
            start, end = part.shown(*span)
            fields = claim.model_dump() | {
                "start": start,
                "end": end,
                "text": part.whole.text[start:end],
                "probability": claim.probability * (1 - doubt),
            }
            picture.claims.append(PictureClaim(**fields, boxes=joined.boxes(*span)))
    for number in both.licences:
        if (span := part.begins(number.start, number.end)) is not None:
            start, end = part.shown(*span)
            fields = number.model_dump() | {"start": start, "end": end}
            picture.licences.append(PictureLicence(**fields, boxes=joined.boxes(*span)))
    picture.contacts = _contacts(part, both)


def _contacts(part: _Placed, both: Assessment) -> list[Contact]:
    """The contacts in a picture's lines, and the ``@`` names whose keyword is on the line before.

    In running text the digits of the next line would lengthen a number, and its first word be an account.
    """
    found = [(contact.start, contact.end, contact) for contact in find_contacts(part.joined.text)]
    for contact in both.contacts:
        span = part.begins(contact.start, contact.end)
        if contact.value.startswith("@") and span is not None:
            found = [(start, end, c) for start, end, c in found if end <= span[0] or start >= span[1]]
            found.append((*span, contact))
    shown = [(*part.shown(start, end), contact) for start, end, contact in sorted(found, key=itemgetter(0))]
    return [contact.model_copy(update={"start": start, "end": end}) for start, end, contact in shown]


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


def _claims_prohibited(placed: Sequence[_Placed]) -> bool:
    """Whether a claim in a picture is of a prohibited label."""
    return any(claim.label in PROHIBITED_LABELS for part in placed for claim in part.picture.claims)


def _within(found: Noted, length: int) -> Noted:
    """What is located in a picture, or runs on into one, has no position in the text."""
    if found.end is None or found.end <= length:
        return found
    return found.model_copy(update={"start": None, "end": None})


def _finding(code: str, texts: tuple[str, str], **values: str) -> Finding:
    thai, english = (text.format(**values) for text in texts)
    return Finding(code=code, thai=thai, english=english)
