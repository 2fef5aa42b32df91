"""Registrations written n/yy: drugs, traditional and herbal products, hazardous substances.

Examples: modern drugs (1A 12/35), traditional drugs and herbal products (G 20/42), hazardous substances (วอส.
1/2560).
"""

import re
from collections.abc import Iterator
from typing import Final

from inference.licences.cues import NEAR, Cue, Cues
from inference.licences.found import Found, full_year, year_fault
from inference.text.surface import OccupiedCharacters
from labels.schema import LicenceKind, NumberShape

_NO_YEAR: Final = r"\s{0,2}/\s{0,2}(?P<year>\d{4}|\d{2})(?![\d/])"
_DRUG: Final = re.compile(
    r"(?<![A-Za-z0-9])(?P<ingredients>[12])[ .\-]{0,2}(?P<letter>[A-Fa-f])[ .\-]{0,3}(?P<number>\d{1,5})"
    rf"{_NO_YEAR}(?:\s?\((?P<suffix>[A-Za-z]{{1,4}})\)|\s(?P<bare>NBC|NC|NB|NS|N)(?![A-Za-z]))?",
    re.ASCII,
)
_LETTERED: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?P<letter>[G-Ng-n])[ .\-]{{0,3}}(?P<number>\d{{1,6}}){_NO_YEAR}", re.ASCII
)
_UNLETTERED: Final = re.compile(
    r"ทะเบียนยา(?:แผนโบราณ|สมุนไพร)?[ :]{0,2}(?:เลขที่|ที่|เลข)?[ :.]{0,3}"
    rf"(?P<whole>(?P<number>\d{{1,6}}){_NO_YEAR})",
    re.ASCII,
)
_HAZARD: Final = re.compile(
    r"ว\.?\s?อ\.?\s?ส(?![ก-๎])[ .]{0,3}(?:เลขที่|ที่)?[ .:]{0,3}" rf"(?P<number>\d{{1,6}}){_NO_YEAR}", re.ASCII
)
_AMOUNT: Final = re.compile(r"\d\s?$")
_WORDS: Final = (Cue.REGISTRATION, Cue.HERBAL, Cue.COSMETIC)
_LISTING_FROM: Final = 50000
"""The first number of herbal product listings (ใบรับจดแจ้ง)."""
_HERBAL_ACT: Final = 2562


def find(text: str, cues: Cues, taken: OccupiedCharacters, now: int) -> Iterator[Found]:
    """Every registration written n/yy in a surface text; each match is marked as taken."""
    for pattern, read in (
        (_HAZARD, _hazard),
        (_DRUG, _drug),
        (_LETTERED, _lettered),
        (_UNLETTERED, _unlettered),
    ):
        for match in pattern.finditer(text):
            found = read(match, cues, taken, now)
            if found and taken.take(found.start, found.end):
                yield found


def _hazard(match: re.Match[str], _cues: Cues, _taken: OccupiedCharacters, now: int) -> Found:
    year = match["year"]
    fault = year_fault(year, now)
    number = f"วอส. {match['number']}/{full_year(year)}"
    reason = fault or "รูปแบบ วอส. เลขที่/ปี พ.ศ. ของวัตถุอันตรายถูกต้อง"
    return _found(match, LicenceKind.HAZARD_REGISTRATION, number, reason, bool(fault))


def _drug(match: re.Match[str], cues: Cues, _taken: OccupiedCharacters, now: int) -> Found | None:
    year = match["year"]
    fault = year_fault(year, now)
    announced = cues.before(match.start(), NEAR, *_WORDS) is not None
    if not announced and (fault or match["letter"].islower()):
        return None
    suffix = match["suffix"] or match["bare"]
    tail = f" ({suffix.upper()})" if suffix else ""
    letter = match["letter"].upper()
    number = f"{match['ingredients']}{letter} {match['number']}/{year[-2:]}{tail}"
    reason = fault or "รูปแบบเลขทะเบียนยาแผนปัจจุบันและปี พ.ศ. ถูกต้อง"
    return _found(match, LicenceKind.DRUG_REGISTRATION, number, reason, bool(fault))


def _lettered(match: re.Match[str], cues: Cues, taken: OccupiedCharacters, now: int) -> Found | None:
    year, letter, serial = match["year"], match["letter"].upper(), int(match["number"])
    announced = cues.before(match.start(), NEAR, *_WORDS) is not None
    fault = year_fault(year, now)
    # Without a word for registration, sizes (L 32/38) and weights (500 G 20/42) look the same.
    start = match.start()
    weight = _AMOUNT.search(match.string[max(0, start - 2) : start]) and taken.free(max(0, start - 2), start)
    other = cues.adjoining(start) is Cue.OTHER  # a lot number or a date: LOT G 05/69
    if other or (not announced and (fault or weight or match["letter"] not in "GK" or not serial)):
        return None
    herbal = serial >= _LISTING_FROM or full_year(year) >= _HERBAL_ACT
    if not fault and serial >= _LISTING_FROM and full_year(year) < _HERBAL_ACT:
        fault = "เลขจดแจ้งผลิตภัณฑ์สมุนไพร 5xxxx เริ่มมีหลัง พ.ร.บ.ผลิตภัณฑ์สมุนไพร พ.ศ. 2562"
    kind = LicenceKind.HERBAL_REGISTRATION if herbal else LicenceKind.TRADITIONAL_REGISTRATION
    name = "ผลิตภัณฑ์สมุนไพร" if herbal else "ยาแผนโบราณ"
    number = f"{letter} {match['number']}/{year[-2:]}"
    return _found(match, kind, number, fault or f"รูปแบบเลขทะเบียน{name}และปี พ.ศ. ถูกต้อง", bool(fault))


def _unlettered(match: re.Match[str], _cues: Cues, _taken: OccupiedCharacters, _now: int) -> Found:
    start, end = match.span("whole")
    number = f"{match['number']}/{match['year'][-2:]}"
    reason = "เลขทะเบียนยาไม่มีอักษรนำหน้า ต้องขึ้นต้นด้วย 1A-2F (ยาแผนปัจจุบัน) หรือ G-N (ยาแผนโบราณและสมุนไพร)"
    return Found(start, end, LicenceKind.DRUG_REGISTRATION, number, NumberShape.INVALID, reason)


def _found(match: re.Match[str], kind: LicenceKind, number: str, reason: str, wrong: bool) -> Found:
    shape = NumberShape.INVALID if wrong else NumberShape.VALID
    return Found(match.start(), match.end(), kind, number, shape, reason)
