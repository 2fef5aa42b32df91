"""Keywords around a number that tell its kind: licence words, and words for other numbers."""

import re
from bisect import bisect_right
from enum import Enum, auto
from typing import Final


class Cue(Enum):
    """The kind of number that a keyword announces."""

    FOOD = auto()
    FDA = auto()
    COSMETIC = auto()
    DEVICE = auto()
    CLINIC = auto()
    LICENCE = auto()
    REGISTRATION = auto()
    HERBAL = auto()
    OTHER = auto()
    """Not a licence: phone, account, barcode, parcel, identity card, price, date."""


PRODUCT_CUES: Final = (Cue.FOOD, Cue.FDA, Cue.COSMETIC, Cue.DEVICE)
"""Cues for digits-only numbers printed on a product."""

LICENCE_CUES: Final = (*PRODUCT_CUES, Cue.LICENCE, Cue.REGISTRATION)
"""Cues that announce a licence number of some kind."""

NEAR: Final = 60
"""How many characters before a number a keyword still applies to it."""

_PATTERNS: Final[tuple[tuple[Cue, str], ...]] = (
    (Cue.OTHER, r"บาร์โค้?ด|barcode|\bean\b|\bgtin\b|\bsku\b|\bupc\b|\bisbn\b|\bimei\b"),
    (Cue.OTHER, r"โทร(?:ศัพท์)?|เบอร์|มือถือ|\btel\b|\bphone\b|\bmobile\b|whatsapp|ไลน์|\bline\b"),
    (Cue.OTHER, r"บัญชี|ธนาคาร|พร้อมเพย์|prompt ?pay|กสิกร|ไทยพาณิชย์|กรุงไทย|ออมสิน|กรุงศรี"),
    (Cue.OTHER, r"บัตรประชาชน|เลขบัตร|บัตรประจำตัว|ประจำตัวประชาชน|ผู้เสียภาษี|\btax ?id\b|\bid card\b|นิติบุคคล"),
    (Cue.OTHER, r"ทะเบียนการค้า|ทะเบียนพาณิชย์|ทะเบียนบริษัท|dbd"),
    (Cue.OTHER, r"พัสดุ|คำสั่งซื้อ|ออเดอร์|order|tracking|แทร็?กกิ้ง|รหัสสินค้า|invoice|ใบเสร็จ"),
    (Cue.OTHER, r"เอกสาร\s?(?:เลขที่|หมายเลข)|\bso(?:\s?no\.?)?\s?[:#]?\s?(?=\d)"),
    (Cue.OTHER, r"\bjan\b|รหัสระบุ|เลขที่บิล|\bref(?:erence)?\b"),
    (Cue.OTHER, r"หมดอายุ|วันผลิต|ผลิตเมื่อ|ควรบริโภคก่อน|\bexp\b|\bmfg\b|\bmfd\b|\blot\b|ล็อต|รุ่นที่ผลิต|\bbatch\b"),
    (Cue.FOOD, r"สารบบ(?:อาหาร)?"),
    (Cue.COSMETIC, r"จด(?:แ|เเ)จ้ง(?:เครื่องสำอาง)?|เครื่องสำอาง"),
    (Cue.DEVICE, r"เครื่องมือแพทย์|(?:รับ|ใบ)แจ้งรายการละเอียด|ใบรับแจ้ง(?:รายการละเอียด)?"),
    (Cue.CLINIC, r"สถานพยาบาล|คลินิก|ประกอบกิจการ"),
    (Cue.REGISTRATION, r"ทะเบียน(?:ตำ?รับ)?(?:ยา)?|reg(?:istration)?\b|แผนโบราณ|เลขยา"),
    (Cue.HERBAL, r"สมุนไพร"),
    (Cue.LICENCE, r"(?:เลข(?:ที่)?|ใบ)อนุญาต"),
    (Cue.FDA, r"(?:(?<![ก-ฮ\u0e48-\u0e4b])|(?<=เลข))อ\.?\s?ย(?:\.|(?=[\s\d:;=#(]))|\bfda\b|\bอ\.ย"),
)
_ANY: Final = re.compile("|".join(f"(?P<p{n}>{p})" for n, (_, p) in enumerate(_PATTERNS)))
# Matching lower-cased text is several times faster than ignoring case. Only ASCII letters are lowered,
# since lower-casing others can change the length.
_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Cues:
    """An index of all cue words of a text: built in linear time, queried in logarithmic time."""

    def __init__(self, text: str) -> None:
        text = text.translate(_LOWER)
        self._text = text
        self._ends: list[int] = []
        self._kinds: list[Cue] = []
        for match in _ANY.finditer(text):
            group = match.lastgroup
            assert group is not None
            self._ends.append(match.end())
            self._kinds.append(_PATTERNS[int(group[1:])][0])

    def before(self, start: int, reach: int, *wanted: Cue) -> int | None:
        """Distance from ``start`` to the nearest wanted cue within ``reach`` characters."""
        for end, kind in self._backwards(start, reach):
            if kind in wanted:
                return start - end
        return None

    def nearest(self, start: int, reach: int, *passing: Cue) -> Cue | None:
        """The nearest cue, none of ``passing``, that ends at most ``reach`` characters before ``start``."""
        for _, kind in self._backwards(start, reach):
            if kind not in passing:
                return kind
        return None

    def adjoining(self, start: int) -> Cue | None:
        """The cue directly before ``start``, with only filler (number, no., of, signs) between."""
        for end, kind in self._backwards(start, 40):
            return kind if _FILLER.fullmatch(self._text, end, start) else None
        return None

    def _backwards(self, start: int, reach: int) -> list[tuple[int, Cue]]:
        at = bisect_right(self._ends, start)
        found = []
        while at and self._ends[at - 1] >= start - reach:
            at -= 1
            found.append((self._ends[at], self._kinds[at]))
        return found


_FILLER: Final = re.compile(
    r"(?:[\s.:;=#()\[\]\-–|/*'\"“”,]|เลขที่|เลข|ที่|หมายเลข|อาหาร|ยา|เครื่องสำอาง|และ|คือ|มี|ของ|ครบ|แล้ว|ผลิตภัณฑ์|ประกอบการ|"
    r"number|no|serial|thai|ใบรับ|ใบ){0,12}"
)
