"""The letter: what it says, in the order of a Thai official letter.  How it looks is the writers' part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from labels.law import provision
from labels.schema import ContactKind
from labels.taxonomy import Platform, class_term, platform_term, verdict_term
from service.contact_words import CONTACT_KINDS
from service.notice import Ground, StatedFact
from service.offences import provision_or_none
from service.referral import wording
from service.referral.case_file import Case
from service.referral.evidence import Evidence, Lack
from service.referral.quoting import Quote, quotes_of
from service.referral.templates import LetterTexts, Office, Templates
from service.referral.visible import one_line
from service.store.errors import StoreError
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
class CitedLaw:
    """A provision; ``penalty`` is empty where it was not read in the act itself.

    ``facts`` are the numbers of the quotes and facts of this letter that meet it.
    """

    citation: str
    rule: str
    penalty: str
    facts: tuple[int, ...]


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


class LetterWithoutLaw(StoreError):
    """A decision that relies on no provision: there is nothing to write about."""


def compose(case: Case, templates: Templates) -> Letter:
    """The letter of a case.

    Raises:
        LetterWithoutLaw: no provision is ticked.
        TemplateUnusable: a template cannot be filled in.
    """
    referral = case.referral
    if not case.notice.ground:
        raise LetterWithoutLaw(f"{case.number}: no provision is ticked: open the case and decide again")
    texts = texts_of(case, templates)
    opening = referral.opening if texts.opening else ""
    return Letter(
        number=case.number,
        date=templates.digits(letter_date(case.made_at)),
        created_at=case.made_at,
        office=templates.office,
        to=_paragraph(texts.to),
        subject=_paragraph(texts.subject),
        enclosures=enclosures(case.evidence, len(case.captures)),
        facts=(*_paragraphs(opening or texts.opening), *_paragraphs(texts.facts)),
        law=_paragraphs(texts.law),
        request=_paragraphs(referral.request or texts.request),
        closing=_paragraph(referral.closing or texts.closing),
    )


def texts_of(case: Case, templates: Templates) -> LetterTexts:
    """What the templates say about a case; raises ``TemplateUnusable``."""
    return templates.fill(Recipient(case.referral.recipient), _values(case))


def enclosures(evidence: Evidence, captures: int) -> tuple[str, ...]:
    """What goes with the letter, and plainly what does not."""
    found = [f"ข้อมูลโฆษณา ข้อความ และผลการพิจารณา (แฟ้ม {CASE_FILE})"]
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
    every = quotes_of(notice.claims, MAX_QUOTE)
    quotes = every[:MAX_QUOTES]
    facts = [
        wording.fact(row.code, one_line(case.text[row.start or 0 : row.end or 0], MAX_QUOTE), row.thai)
        for row in notice.facts
    ]
    contacts = [
        ShownContact(CONTACT_KINDS[contact.kind], one_line(contact.value, MAX_FIELD))
        for contact in case.assessment.contacts[:MAX_CONTACTS]
    ]
    accounts = {ContactKind.BANK_ACCOUNT, ContactKind.PROMPTPAY}
    price = wording.baht(case.price, listing.currency) if case.price else ""
    captured = max((capture.captured_at for capture in case.captures), default=listing.captured_at)
    own_site = urlsplit(listing.url or "").hostname if listing.platform == Platform.WEB_SHOP else None
    return {
        "number": case.number,
        "recipient": case.referral.recipient,
        "date": letter_date(case.made_at),
        "province": case.referral.province,
        "platform": platform_term(Platform(listing.platform)).thai if listing.platform else "",
        "own_site": one_line(own_site or "", MAX_FIELD),
        "seller": one_line(listing.seller or "", MAX_FIELD),
        "title": one_line(case.title or "", MAX_FIELD),
        "url": one_line(listing.url or "", MAX_URL),
        "price": one_line(price, MAX_FIELD),
        "product": class_term(notice.product_class).thai,
        "decision": verdict_term(notice.decision).thai if notice.decision else "",
        "decided_on": letter_date(notice.decided_at),
        "captured_on": letter_date(captured or listing.first_seen),
        "quotes": quotes,
        "quotes_left": len(every) - len(quotes),
        "facts_beside": facts,
        "contacts": contacts,
        "accounts": any(contact.kind in accounts for contact in case.assessment.contacts),
        "laws": [_cited(ground, quotes, notice.facts) for ground in notice.ground[:MAX_LAWS]],
        "blocking": provision("computer-crime-act-20").full_citation,
    }


def _cited(ground: Ground, quotes: Sequence[Quote], facts: Sequence[StatedFact]) -> CitedLaw:
    row = provision_or_none(ground.id)
    numbers = [n for n, quote in enumerate(quotes, start=1) if ground.id in quote.law]
    numbers += [n for n, fact in enumerate(facts, start=len(quotes) + 1) if ground.id in fact.law]
    if row is None:
        return CitedLaw(ground.citation, ground.rule_thai, "", tuple(numbers))
    penalty = row.penalty_thai if row.is_confirmed else ""
    return CitedLaw(
        row.full_citation, wording.in_full(row.rule_thai), wording.in_full(penalty), tuple(numbers)
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(line for line in lines if line)


def _paragraph(text: str) -> str:
    return " ".join(text.split())
