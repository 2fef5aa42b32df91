"""The letter: what it says, in the order of a Thai official letter.  How it looks is the writers' part."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labels.taxonomy import Platform, class_term, label_term, platform_term, verdict_term
from service.contact_words import CONTACT_KINDS
from service.notice import Ground
from service.referral.case_file import Case, provision_of
from service.referral.evidence import Evidence, Lack
from service.referral.templates import Office, Templates
from service.referral.visible import one_line
from service.store.referral_tables import Recipient
from service.thai_calendar import letter_date

MAX_QUOTES, MAX_QUOTE = 30, 400
"""Quoted claims in a letter, and characters of each; ``case.json`` has them all."""

MAX_CONTACTS, MAX_LAWS = 20, 20
MAX_FIELD, MAX_URL = 200, 500
"""Characters of a listing's field in a letter."""

CASE_FILE, WARC_FILE, SUMS_FILE = "case.json", "evidence/pages.warc.gz", "SHA256SUMS"

LACKS = {
    Lack.NO_FILE: "ไม่พบแฟ้มหลักฐานในที่เก็บ",
    Lack.NO_RECORD: "ไม่พบรายการนี้ในแฟ้มหลักฐาน",
    Lack.TORN: "แฟ้มหลักฐานเสียหาย อ่านได้ไม่ครบ และไม่พบรายการนี้ในส่วนที่อ่านได้",
    Lack.DAMAGED: "ค่าแฮชของหลักฐานไม่ตรงกับที่บันทึกไว้ จึงไม่แนบ",
}


@dataclass(frozen=True)
class Quote:
    """Words of the listing, fit for print."""

    text: str
    label: str


@dataclass(frozen=True)
class CitedLaw:
    """A provision; ``penalty`` is empty where it was not read in the act itself."""

    citation: str
    rule: str
    penalty: str


@dataclass(frozen=True)
class ShownContact:
    """A way to reach or pay the seller."""

    kind: str
    value: str


@dataclass(frozen=True)
class Letter:
    """A letter ready to be laid out; every text is one paragraph without line breaks."""

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


def compose(case: Case, templates: Templates) -> Letter:
    """The letter of a case; raises :class:`~service.referral.templates.TemplateUnusable`."""
    referral = case.referral
    texts = templates.fill(Recipient(referral.recipient), _values(case))
    return Letter(
        number=referral.number,
        date=letter_date(referral.created_at),
        created_at=referral.created_at,
        office=templates.office,
        to=_paragraph(texts.to),
        subject=_paragraph(texts.subject),
        enclosures=enclosures(case.evidence, len(case.captures)),
        facts=_paragraphs(texts.facts),
        law=_paragraphs(texts.law),
        request=_paragraphs(texts.request),
        closing=_paragraph(texts.closing),
    )


def enclosures(evidence: Evidence, captures: int) -> tuple[str, ...]:
    """What goes with the letter, and plainly what does not."""
    found = [f"ข้อมูลประกาศ ข้อความ และผลการพิจารณา (แฟ้ม {CASE_FILE})"]
    if evidence.found:
        found.append(f"หลักฐานหน้าเว็บ {len(evidence.found)} รายการ (แฟ้ม {WARC_FILE})")
    elif not captures:
        found.append("หลักฐานหน้าเว็บ: ไม่มี เนื่องจากได้รับโฆษณานี้เป็นข้อความ มิได้เก็บหน้าเว็บ")
    if evidence.missing:
        reasons = dict.fromkeys(LACKS[lack] for _, lack in evidence.missing)
        found.append(f"หลักฐานหน้าเว็บที่ไม่ได้แนบ {len(evidence.missing)} รายการ: {', '.join(reasons)}")
    if evidence.pictures:
        found.append(f"ภาพหน้าจอ {len(evidence.pictures)} ภาพ (โฟลเดอร์ evidence)")
    else:
        found.append("ภาพหน้าจอ: ไม่มี")
    found.append(f"บัญชีค่าแฮช SHA-256 ของแฟ้มทั้งหมด (แฟ้ม {SUMS_FILE})")
    return tuple(found)


def _values(case: Case) -> dict[str, Any]:
    """What templates may use, cleaned: docs/operations.md names each."""
    listing, notice = case.listing, case.notice
    quotes = [
        Quote(one_line(claim.text, MAX_QUOTE), label_term(claim.label).thai)
        for claim in notice.claims[:MAX_QUOTES]
    ]
    contacts = [
        ShownContact(CONTACT_KINDS[contact.kind], one_line(contact.value, MAX_FIELD))
        for contact in case.assessment.contacts[:MAX_CONTACTS]
    ]
    price = f"{case.price} {listing.currency or ''}".strip() if case.price else ""
    captured = max((capture.captured_at for capture in case.captures), default=listing.captured_at)
    return {
        "number": case.referral.number,
        "date": letter_date(case.referral.created_at),
        "province": case.referral.province,
        "platform": platform_term(Platform(listing.platform)).thai if listing.platform else "",
        "seller": one_line(listing.seller or "", MAX_FIELD),
        "title": one_line(case.title or "", MAX_FIELD),
        "url": one_line(listing.url or "", MAX_URL),
        "price": one_line(price, MAX_FIELD),
        "product": class_term(notice.product_class).thai,
        "decision": verdict_term(notice.decision).thai if notice.decision else "",
        "decided_on": letter_date(notice.decided_at),
        "captured_on": letter_date(captured or listing.first_seen),
        "quotes": quotes,
        "quotes_left": len(notice.claims) - len(quotes),
        "contacts": contacts,
        "laws": [_cited(ground) for ground in notice.ground[:MAX_LAWS]],
    }


def _cited(ground: Ground) -> CitedLaw:
    row = provision_of(ground)
    return CitedLaw(ground.citation, ground.rule_thai, row.penalty_thai if row and row.status == "C" else "")


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line for line in lines if line)


def _paragraph(text: str) -> str:
    return " ".join(text.split())
