"""Thai phone numbers, call centres and WhatsApp numbers."""

import re
from collections.abc import Iterator
from typing import Final

from inference.contacts.seen import GAP, Seen, digits_of, national_phone
from labels.schema import ContactKind

_S: Final = r"[ .\-_()]{0,3}"
_NATIONAL: Final = rf"(?:[689](?:{_S}\d){{8}}|[2-57](?:{_S}\d){{7}})(?!\d)"
_DIALLED: Final = rf"(?:(?:\+\s?66|0066|66(?={_S}[689])){_S}(?:0{_S})?|\(?0{_S}){_NATIONAL}"
_NUMBER: Final = rf"{_DIALLED}(?!-\d{{3}})"
_PHONE: Final = re.compile(rf"(?<![\d+])(?<!\d[.\-])(?P<number>{_NUMBER})", re.ASCII)
_EXTENDED: Final = re.compile(
    rf"(?:โทร(?:ศัพท์)?|เบอร์|\btel\b){GAP}{{0,6}}(?P<number>{_DIALLED})(?=-\d{{3}}(?!\d))",
    re.IGNORECASE | re.ASCII,
)
"""A number with the last digits of another, or an extension: 034-123-456-100."""
_TOLL_FREE: Final = re.compile(r"(?<![\d.,\-])1800[ \-]?\d{3}[ \-]?\d{3}(?![\d\-])", re.ASCII)
_CALL: Final = r"โทร(?:ศัพท์)?|เบอร์|\btel\b|\bcall\b|ติดต่อ|สอบถาม|สั่งซื้อ|มือถือ|ไลน์|\bline\b|[☎📞📱✆☏]"
_CALLED: Final = re.compile(_CALL, re.IGNORECASE)
_CENTRE: Final = re.compile(
    r"(?:โทร(?:ศัพท์)?|call ?cent(?:er|re)|คอลเซ็?นเตอร์|สายด่วน|hotline)(?:\.|สั่ง|ถาม|หา|ที่|เบอร์)?"
    rf"{GAP}{{0,6}}(?P<number>1\d{{3}})(?![\d,.\-/]\d|\d| ?(?:บาท|ชิ้น|คน|ครั้ง))",
    re.IGNORECASE | re.ASCII,
)
_WHATSAPP: Final = re.compile(
    rf"(?:whats ?app|วอท?ส์?แอ[ปพ]){GAP}{{0,6}}(?P<number>{_NUMBER}|\+\d(?:[ \-]?\d){{7,13}}(?!\d))",
    re.IGNORECASE | re.ASCII,
)
_NOT_A_PHONE: Final = re.compile(r"พัสดุ|order|ออเดอร์|tracking|ใบเสร็จ|รหัส|คำสั่งซื้อ|เลขที่บิล|invoice", re.IGNORECASE)
_DATE: Final = re.compile(r"0?\d[-. ]\d{1,2}[-. ](?:25|20)\d\d(?!\d)", re.ASCII)
_PUBLIC: Final = frozenset(
    {"1111", "1166", "1212", "1300", "1323", "1330", "1422", "1426", "1441", "1556", "1669", "1599"}
)
"""Government hotlines (1556 is the FDA's), which appear in warnings and are not a seller's contact."""
_BEFORE: Final = 25
_JUST_BEFORE: Final = 18


def whatsapp(text: str) -> Iterator[Seen]:
    """WhatsApp numbers; Thai ones as dialled at home, others with their country code."""
    for match in _WHATSAPP.finditer(text):
        yield Seen(*match.span("number"), ContactKind.WHATSAPP, national_phone(match["number"]))


def phones(text: str) -> Iterator[Seen]:
    """Phone numbers as dialled at home, digits only."""
    for match in _PHONE.finditer(text):
        start, end = match.span("number")
        if _plausible(text, start, match["number"]):
            yield Seen(start, end, ContactKind.PHONE, national_phone(match["number"]))
    for match in _EXTENDED.finditer(text):
        yield Seen(*match.span("number"), ContactKind.PHONE, national_phone(match["number"]))
    for match in _TOLL_FREE.finditer(text):
        yield Seen(match.start(), match.end(), ContactKind.PHONE, digits_of(match[0]))
    for match in _CENTRE.finditer(text):
        if match["number"] not in _PUBLIC:
            yield Seen(*match.span("number"), ContactKind.PHONE, match["number"])


def _plausible(text: str, start: int, written: str) -> bool:
    """Whether a number is a phone: bare landlines and list-like spacing (06 07 08 09 10) need a keyword."""
    if _DATE.match(written) or _NOT_A_PHONE.search(text, max(0, start - _JUST_BEFORE), start):
        return False
    if written.startswith("+") or _CALLED.search(text, max(0, start - _BEFORE), start):
        return True
    groups = re.findall(r"\d+", written)
    mobile = national_phone(written)[1] in "689"
    if len(groups) == 1:
        return mobile
    return len(groups) <= 4 and max(map(len, groups)) >= 3
