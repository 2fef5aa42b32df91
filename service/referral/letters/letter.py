"""The content of a letter, in the order of a Thai official letter.  The writers do the layout."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.referral.cases.case_file import Case
from service.referral.cases.evidence import MissingReason
from service.referral.cases.marked_pictures import MarkedPicture
from service.referral.letters.annex import Annex
from service.referral.letters.joint import annex_of, joint_values_of
from service.referral.letters.templates import LetterTexts, Office, Templates
from service.referral.letters.values import MAX_QUOTE, values_of
from service.store.database.errors import StoreError
from service.store.tables.referral_tables import Recipient
from service.text.official_wording import ranges
from service.text.quoting import in_quotes
from service.text.thai_calendar import letter_date

CASE_FILE, WARC_FILE, SUMS_FILE = "case.json", "evidence/pages.warc.gz", "SHA256SUMS"

LACKS = {
    MissingReason.NO_FILE: "ไม่พบแฟ้มหลักฐานในที่เก็บ",
    MissingReason.NO_RECORD: "ไม่พบรายการนี้ในแฟ้มหลักฐาน",
    MissingReason.TORN: "แฟ้มหลักฐานเสียหาย อ่านได้ไม่ครบ และไม่พบรายการนี้ในส่วนที่อ่านได้",
    MissingReason.DAMAGED: "ค่าแฮชของหลักฐานไม่ตรงกับที่บันทึกไว้ จึงไม่แนบ",
}

NO_PAGE = "ไม่มี เนื่องจากระบบมิได้เก็บหน้าเว็บของโฆษณาตามข้อความนี้ไว้"
"""What is said of a listing without a stored page; who gave it is not known."""

WORDED_ANEW = "สำเนาจัดทำขึ้นใหม่ตามแม่แบบและบัญชีกฎหมายปัจจุบัน ถ้อยคำอาจไม่ตรงกับฉบับที่ส่ง ซึ่งระบบไม่ได้เก็บไว้"
"""What is written over a letter that was sent, but whose words are not stored."""


@dataclass(frozen=True)
class PicturePage:
    """A page with a JPEG of a picture with its boxes, and the lines below it.

    ``number`` is the picture's position in the letter; ``jpeg`` is empty if the picture of a sent letter
    cannot be drawn any more.
    """

    number: int
    title: str
    jpeg: bytes
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """A letter ready for layout; every text is one paragraph without line breaks."""

    number: str
    date: str
    created_at: datetime
    office: Office
    to: str
    subject: str
    enclosures: tuple[str, ...]
    facts: tuple[str, ...]
    law: tuple[str, ...]
    request: tuple[str, ...]
    closing: str
    annex: Annex | None = None
    """Table of the listings, for a letter about several."""
    pictures: tuple[PicturePage, ...] = ()
    """Pages with the pictures in which words were confirmed."""
    remark: str = ""
    """A line above the letter, if it is not the letter that was sent."""


class LetterWithoutLaw(StoreError):
    """A decision that relies on no provision, so there is no basis for a letter.

    ``listing_ids`` are the listings without a provision.
    """

    def __init__(self, message: str, listing_ids: Sequence[int]) -> None:
        super().__init__(message)
        self.listing_ids = tuple(listing_ids)


def compose(case: Case, templates: Templates) -> Letter:
    """Compose the letter of a case.

    Raises:
        LetterWithoutLaw: no provision is ticked for at least one listing.
        SeveralAddressees: the listings of a draft would need letters to different platforms or sellers.
        TemplateUnusable: a template cannot be filled in.
    """
    referral = case.referral
    bare = [item.listing.id for item in case.items if not item.notice.ground]
    if bare:
        cases = ", ".join(map(str, bare))
        raise LetterWithoutLaw(
            f"{case.number}: no provision is ticked for case {cases}: open the case and decide again", bare
        )
    texts = texts_of(case, templates)
    opening = referral.opening if texts.opening else ""
    return Letter(
        number=templates.digits(case.number),
        date=templates.digits(letter_date(case.made_at)),
        created_at=case.made_at,
        office=templates.office,
        to=_paragraph(texts.to),
        subject=_paragraph(texts.subject),
        enclosures=tuple(
            f"{templates.digits(str(number))}. {text}"
            for number, text in enumerate(enclosures(case, templates), start=1)
        ),
        facts=(*_paragraphs(opening or texts.opening), *_paragraphs(texts.facts)),
        law=_paragraphs(texts.law),
        request=_paragraphs(referral.request or texts.request),
        closing=_paragraph(referral.closing or texts.closing),
        annex=annex_of(case, templates) if case.is_joint else None,
        pictures=tuple(_page(picture, case, templates) for picture in case.pictures if picture.drawn),
        remark=WORDED_ANEW if case.is_copy else "",
    )


def texts_of(case: Case, templates: Templates) -> LetterTexts:
    """Fill in the templates for a case; raises ``SeveralAddressees`` and ``TemplateUnusable``."""
    values = joint_values_of(case, templates) if case.is_joint else values_of(case, templates.digits)
    return templates.fill(Recipient(case.referral.recipient), values, joint=case.is_joint)


def enclosures(case: Case, templates: Templates) -> tuple[str, ...]:
    """List the enclosures, and what is missing."""
    evidence = case.evidence
    found = []
    if case.is_joint:
        found.append(f"บัญชีแนบท้าย รายการโฆษณา {templates.digits(str(len(case.items)))} รายการ")
    found.append(f"ข้อมูลโฆษณา ข้อความ และผลการพิจารณา (แฟ้ม {CASE_FILE})")
    if evidence.found:
        count = templates.digits(str(len(evidence.found)))
        found.append(f"หลักฐานหน้าเว็บ {count} รายการ (แฟ้ม {WARC_FILE})")
    without = [number for number, item in enumerate(case.items, start=1) if not item.captures]
    if len(without) == len(case.items):
        found.append(f"หลักฐานหน้าเว็บ: {NO_PAGE}")
    elif without:
        which = templates.digits(ranges(without))
        found.append(f"หลักฐานหน้าเว็บของโฆษณาลำดับที่ {which}: {NO_PAGE}")
    if evidence.missing:
        reasons = dict.fromkeys(LACKS[lack] for _, lack in evidence.missing)
        count = templates.digits(str(len(evidence.missing)))
        found.append(f"หลักฐานหน้าเว็บที่ไม่ได้แนบ {count} รายการ: {', '.join(reasons)}")
    if evidence.screenshots:
        count = templates.digits(str(len(evidence.screenshots)))
        found.append(f"ภาพหน้าจอ {count} ภาพ (โฟลเดอร์ evidence)")
    else:
        found.append("ภาพหน้าจอ: ไม่มี")
    if drawn := sum(1 for picture in case.pictures if picture.drawn):
        marked = f"{templates.digits(str(drawn))} ภาพ"
        found.append(f"ภาพโฆษณาพร้อมกรอบข้อความที่เข้าข่ายฝ่าฝืน {marked} (ท้ายหนังสือ และโฟลเดอร์ evidence)")
    for picture in case.pictures:
        if picture.lack:
            found.append(f"{_name(picture, case, templates)}: {picture.lack}")
    if evidence.pictures:
        others = "ภาพโฆษณาอื่น" if drawn else "ภาพโฆษณา"
        found.append(f"{others} {templates.digits(str(len(evidence.pictures)))} ภาพ (โฟลเดอร์ evidence)")
    found.append(f"บัญชีค่าแฮช SHA-256 ของแฟ้มทั้งหมด (แฟ้ม {SUMS_FILE})")
    return tuple(found)


def _page(picture: MarkedPicture, case: Case, templates: Templates) -> PicturePage:
    # Quoted words keep the digits that the picture shows.
    lines = [
        f"กรอบ {templates.digits(str(one.number))} {in_quotes(one.text, MAX_QUOTE)} อันเป็นการ{one.label}"
        for one in picture.words
    ]
    title = _name(picture, case, templates)
    return PicturePage(picture.number, title, picture.drawn, (*lines, f"SHA-256 ของแฟ้มภาพ {picture.sha256}"))


def _name(picture: MarkedPicture, case: Case, templates: Templates) -> str:
    whose = f" (โฆษณาลำดับที่ {picture.item})" if case.is_joint else ""
    return templates.digits(f"ภาพโฆษณาที่ {picture.number}{whose}")


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line for line in lines if line)


def _paragraph(text: str) -> str:
    return " ".join(text.split())
