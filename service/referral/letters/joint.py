"""A letter about several listings: the values of its body, and the annex that lists each."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from labels.law.catalogue import provision
from labels.taxonomy import Platform, ProductClass, platform_term, verdict_term
from service.decisions.notice import Ground
from service.decisions.reasons import missing_permit
from service.referral.cases.case_file import Case, Item
from service.referral.letters.annex import Annex, Column
from service.referral.letters.templates import Templates
from service.referral.letters.values import (
    BLOCKING,
    MAX_FIELD,
    MAX_QUOTE,
    MAX_QUOTES,
    MAX_URL,
    captured_at,
    cited,
    facts_beside,
    names_account,
    own_site,
    price_of,
    service_of,
    shown_contacts,
)
from service.store.database.errors import StoreError
from service.store.tables.referral_tables import Recipient, ReferralStatus
from service.text.official_wording import health_goods, listed, ranges, violations
from service.text.quoting import quotes_of, reading_of, with_reading
from service.text.thai_calendar import letter_date
from service.text.visible import one_line

MAX_LISTED_QUOTES, MAX_LISTED_QUOTE = 10, 200
"""Most quotes per listing in the annex, and characters of each; ``case.json`` has all of them."""

MAX_EXAMPLES = 3
"""Most wordings quoted in the body per kind of violation, the most frequent first."""

MAX_GOODS = 3
"""Most kinds of product named in the body; beyond that it says "health products"."""

COLUMNS: Final = (
    Column("ลำดับ", 0.055, is_centred=True),
    Column("โฆษณา", 0.26),
    Column("วันที่เก็บข้อมูล", 0.105, is_centred=True),
    Column("ราคา", 0.09, is_centred=True),
    Column("ข้อความและข้อเท็จจริง", 0.31),
    Column("บทบัญญัติที่เข้าข่ายฝ่าฝืน", 0.18),
)

_REPORTED, _AS_TOLD = "ได้รับแจ้ง", "ข้อความตามที่ผู้ร้องแจ้ง"
"""What the annex says of a listing that a complaint brought, and of a complainant's account."""


class SeveralAddressees(StoreError):
    """Listings that cannot share one letter to this recipient; ``thai`` and the message say why."""

    def __init__(self, thai: str, english: str) -> None:
        super().__init__(english)
        self.thai = thai


@dataclass(frozen=True)
class Wording:
    """Quoted words; ``reading`` is their plain spelling, empty if they are spelled plainly."""

    text: str
    reading: str

    def __str__(self) -> str:
        return self.text


@dataclass
class Act:
    """A violation by words or numbers of some listings.

    ``listings`` are the numbers in the annex, ``quotes`` the wordings there, and ``left`` how many more there
    are.
    """

    text: str
    numbers: list[int] = field(default_factory=list)
    wordings: Counter[Wording] = field(default_factory=Counter)
    listings: str = ""

    @property
    def quotes(self) -> list[Wording]:
        """The most frequent wordings."""
        return [wording for wording, _ in self.wordings.most_common(MAX_EXAMPLES)]

    @property
    def left(self) -> int:
        """Number of wordings not in :attr:`quotes`."""
        return max(0, len(self.wordings) - MAX_EXAMPLES)


def joint_values_of(case: Case, templates: Templates) -> dict[str, Any]:
    """Return the sanitized values for templates of a joint letter; docs/operations.md lists them.

    Raises :class:`SeveralAddressees` for a draft or a preview.
    """
    items = case.items
    if case.referral.status == ReferralStatus.DRAFT:
        # A sent letter opens even if it was addressed by an earlier rule.
        _check_addressee(Recipient(case.referral.recipient), items)
    every_contact = [contact for item in items for contact in item.contacts]
    contacts, contacts_left = shown_contacts(every_contact)
    captured = [captured_at(item) for item in items]
    decided = [item.notice.decided_at for item in items]
    told = [number for number, item in enumerate(items, start=1) if item.is_told]
    reported = [number for number, item in enumerate(items, start=1) if item.is_reported]
    acts, facts = _acts(items), _facts(case, templates)
    for act in (*acts, *facts):
        act.listings = templates.digits(_in(act.numbers, len(items)))
    platform = _common(item.listing.platform or "" for item in items)
    return {
        "number": case.number,
        "count": len(items),
        "recipient": case.referral.recipient,
        "date": letter_date(case.made_at),
        "province": case.referral.province,
        "platform": platform_term(Platform(platform)).thai if platform else "",
        "own_site": one_line(_common(own_site(item.listing) for item in items), MAX_FIELD),
        "service": one_line(_common(service_of(item.listing) for item in items), MAX_FIELD),
        "seller": one_line(_common(item.listing.seller or "" for item in items), MAX_FIELD),
        "title": "",
        "title_reading": "",
        "url": "",
        "price": "",
        "product": _products(items),
        "health_goods": _health_goods(items),
        "decision": _decisions(items),
        "decided_on": letter_date(max(decided)),
        "decided_between": _between(decided),
        "captured_on": letter_date(max(captured)),
        "captured_between": _between(captured),
        "told": len(told) == len(items),
        "reported": len(reported) == len(items),
        "told_listings": templates.digits(_in(told, len(items))) if told else "",
        "reported_listings": templates.digits(_in(reported, len(items))) if reported else "",
        "acts": acts,
        "facts_beside": facts[:MAX_QUOTES],
        "facts_left": max(0, len(facts) - MAX_QUOTES),
        "quotes": [],
        "quotes_left": 0,
        "contacts": contacts,
        "contacts_left": contacts_left,
        "accounts": names_account(every_contact),
        "laws": [
            cited(ground, listings=templates.digits(_in(numbers, len(items))))
            for ground, numbers in _grounds(items)
        ],
        "blocking": provision(BLOCKING).full_citation,
    }


def annex_of(case: Case, templates: Templates) -> Annex:
    """Return the annex: each listing with its number, address, capture, price, words and provisions."""
    rows = tuple(
        (
            (templates.digits(str(number)),),
            _shown(item),
            (*((_REPORTED,) if item.is_reported else ()), templates.digits(letter_date(captured_at(item)))),
            (templates.digits(price_of(item)) or "-",),
            _told(item, case.numbers_of(number), templates),
            tuple(templates.digits(cited(ground).citation) for ground in item.notice.ground),
        )
        for number, item in enumerate(case.items, start=1)
    )
    count = templates.digits(str(len(rows)))
    number, date = map(templates.digits, (case.number, letter_date(case.made_at)))
    title = f"บัญชีแนบท้ายหนังสือ ที่ {number} ลงวันที่ {date} จำนวน {count} รายการ"
    return Annex(title, COLUMNS, rows)


def _shown(item: Item) -> tuple[str, ...]:
    listing = item.listing
    platform = platform_term(Platform(listing.platform)).thai if listing.platform else ""
    lines = (
        ("", _named(item.title or "")),
        ("ผู้ขาย ", one_line(listing.seller or "", MAX_FIELD)),
        ("ทาง", platform),
        ("", one_line(listing.url or "", MAX_URL)),
        ("เลขอ้างอิง ", str(listing.id)),
    )
    return tuple(f"{head}{text}" for head, text in lines if text)


def _named(title: str) -> str:
    reading = reading_of(title, MAX_FIELD)
    return one_line(title, MAX_FIELD) + (f" (อ่านว่า “{reading}”)" if reading else "")


def _told(item: Item, pictures: Mapping[str, int], templates: Templates) -> tuple[str, ...]:
    """Return the quotes grouped by kind of violation, and the facts."""
    missing = missing_permit(item.assessment, item.notice.product_class)
    every = quotes_of(item.notice.claims, MAX_LISTED_QUOTE, pictures, missing)
    quoted: dict[str, list[str]] = {}
    for quote in every[:MAX_LISTED_QUOTES]:
        where = f" ({templates.digits(quote.where)})" if quote.where else ""
        quoted.setdefault(quote.label, []).append(with_reading(quote.text, quote.reading) + where)
    lines = [f"{' '.join(words)} อันเป็นการ{templates.digits(label)}" for label, words in quoted.items()]
    left = len(every) - MAX_LISTED_QUOTES
    if left > 0:
        lines.append(f"และข้อความอื่นอีก {templates.digits(str(left))} ข้อความ ตามแฟ้ม case.json")
    if quoted and item.is_told:
        lines.insert(0, _AS_TOLD)
    return (*lines, *facts_beside(item, MAX_LISTED_QUOTE, pictures, templates.digits))


def _acts(items: Sequence[Item]) -> list[Act]:
    """Return each kind of violation with its listings and wordings, in order of appearance."""
    found: dict[str, Act] = {}
    for number, item in enumerate(items, start=1):
        missing = missing_permit(item.assessment, item.notice.product_class)
        wordings = {
            (
                violations([claim.label], any(ref.id in missing for ref in claim.law)),
                " ".join(claim.text.split()),
            ): None
            for claim in item.notice.claims
        }
        for violation, wording in wordings:
            act = found.setdefault(violation, Act(violation))
            if number not in act.numbers:
                act.numbers.append(number)
            act.wordings[Wording(one_line(wording, MAX_QUOTE), reading_of(wording, MAX_QUOTE))] += 1
    return list(found.values())


def _facts(case: Case, templates: Templates) -> list[Act]:
    """Return the facts about numbers and goods, each sentence once with its listings."""
    found: dict[str, Act] = {}
    for number, item in enumerate(case.items, start=1):
        for text in facts_beside(item, MAX_QUOTE, case.numbers_of(number), templates.digits):
            act = found.setdefault(text, Act(text))
            if number not in act.numbers:
                act.numbers.append(number)
    return list(found.values())


def _grounds(items: Sequence[Item]) -> list[tuple[Ground, list[int]]]:
    """Return each provision with the listings that meet it."""
    found: dict[str, tuple[Ground, list[int]]] = {}
    for number, item in enumerate(items, start=1):
        for ground in item.notice.ground:
            found.setdefault(ground.id, (ground, []))[1].append(number)
    return list(found.values())


def _check_addressee(recipient: Recipient, items: Sequence[Item]) -> None:
    if recipient is Recipient.ADVERTISER and not _common(item.listing.seller or "" for item in items):
        raise SeveralAddressees(
            "โฆษณาที่เลือกเป็นของผู้ขายหลายชื่อหรือไม่ทราบชื่อผู้ขาย หนังสือถึงผู้โฆษณาต้องแยกฉบับตามผู้ขาย",
            "the chosen listings have different sellers or none: write to each advertiser separately",
        )
    if recipient is Recipient.PLATFORM and not _common(service_of(item.listing) for item in items):
        raise SeveralAddressees(
            "โฆษณาที่เลือกอยู่คนละแพลตฟอร์มหรือไม่ทราบแพลตฟอร์ม หนังสือถึงผู้ให้บริการแพลตฟอร์มต้องแยกฉบับตามแพลตฟอร์ม",
            "the chosen listings are on different platforms or unknown ones: write to each separately",
        )


def _common(values: Iterable[str]) -> str:
    """Return the value common to all; empty if they differ."""
    found = {value.strip() for value in values}
    return found.pop() if len(found) == 1 else ""


def _products(items: Sequence[Item]) -> str:
    goods = list(dict.fromkeys(name for item in items for name in item.notice.each_goods))
    is_other = any(item.notice.product_class is ProductClass.OTHER for item in items)
    return _health_goods(items) if len(goods) > MAX_GOODS or (len(goods) > 1 and is_other) else listed(goods)


def _health_goods(items: Sequence[Item]) -> str:
    return health_goods([item.notice.product_class for item in items])


def _decisions(items: Sequence[Item]) -> str:
    found = Counter(verdict_term(item.notice.decision).thai for item in items if item.notice.decision)
    if len(found) == 1:
        return next(iter(found))
    return listed([f"{term} {number} รายการ" for term, number in found.items()])


def _between(moments: Sequence[datetime]) -> str:
    first, last = letter_date(min(moments)), letter_date(max(moments))
    return f"เมื่อวันที่ {first}" if first == last else f"ระหว่างวันที่ {first} ถึงวันที่ {last}"


def _in(numbers: Collection[int], whole: int) -> str:
    """Format the numbers of listings in the annex: ``ทุกรายการ`` or ``ลำดับที่ 1 ถึง 3``."""
    return "ทุกรายการ" if len(set(numbers)) == whole else f"ลำดับที่ {ranges(numbers)}"
