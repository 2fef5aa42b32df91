"""Advertising permits: ฆอ. food, ฆท. drug, ฆพ. device, ฆสพ. clinic, and permits without a prefix."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from inference.licences.cues import Cue, Cues
from inference.licences.found import Found, full_year, year_fault
from inference.text.surface import OccupiedCharacters
from labels.schema import LicenceKind, NumberShape

_KINDS: Final = {
    "ฆอ": LicenceKind.FOOD_AD_PERMIT,
    "ฆท": LicenceKind.DRUG_AD_PERMIT,
    "ฆพ": LicenceKind.DEVICE_AD_PERMIT,
    "ฆสพ": LicenceKind.CLINIC_AD_PERMIT,
}
_CLASS_WORDS: Final = {
    "อาหาร": LicenceKind.FOOD_AD_PERMIT,
    "ยา": LicenceKind.DRUG_AD_PERMIT,
    "สมุนไพร": LicenceKind.HERBAL_AD_PERMIT,
    "เครื่องมือแพทย์": LicenceKind.DEVICE_AD_PERMIT,
    "สถานพยาบาล": LicenceKind.CLINIC_AD_PERMIT,
}
_NUMBER: Final = r"\d{1,3},\d{3}(?!\d)|\d{1,6}"
_OF_YEAR: Final = r"\s{0,2}/\s{0,2}(?:\d{4}|\d{2})(?!\d|[/\-]\d)"
_MORE: Final = rf"(?: {{0,2}}(?:,|-|และ|ถึง)\s{{0,2}}(?:{_NUMBER})){{1,20}}+"
_COUNTED: Final = (
    rf"(?=[ .:]{{0,4}}(?:ที่|เลขที่)?[ .:]{{0,3}}(?:{_NUMBER})(?:{_MORE})?\s{{0,2}}(?:/|-\s{{0,2}}25\d\d))"
)
"""Look-ahead to a permit's number: a name in letters is an office only before one."""
_NUMBERS: Final = re.compile(_NUMBER, re.ASCII)
# The look-ahead rejects ordinary words (โฆษณา, ฆ่า): there, a vowel or tone mark follows the consonants.
_PREFIXED: Final = re.compile(
    r"(?:(?<!โ)ฆ[ .]{0,2}(?P<prefix>ส[ .]{0,2}พ|[อทพษสมย])|(?<![ก-๎])(?P<misprint>ข[ .]{0,2}ส[ .]{0,2}พ))"
    r"(?![ะ-๎])[ .:\-]{0,4}"
    rf"(?P<office>(?:(?:สสจ|จ\.)[ .]{{0,2}})?(?!เลข|ที่)[ก-ฮเ-ไ][ก-๎]{{2,23}}?(?: ฯ)?{_COUNTED}"
    r"|สสจ[ .]{0,2}[ก-ฮ]{2,3}(?![ะ-ฺเ-๎])|(?:สบส|สสจ|[ก-ฮ]{2,3})(?![ะ-ฺเ-๎])|[ก-ฮ]\.[ก-ฮ]\.?)?[ .:\-]{0,4}"
    r"(?:เลขที่|ที่|no\.?)?[ .:]{0,3}"
    rf"(?P<number>{_NUMBER})"
    # Further numbers of the same year. A hyphen brings the year itself, unless a year follows.
    rf"(?P<more>{_MORE}(?={_OF_YEAR}))?"
    rf"(?:\s{{0,2}}(?:/|-(?!\s{{0,2}}\d{{1,6}}{_OF_YEAR}))\s{{0,2}}"
    r"(?P<year>\d{4}|\d{2})(?!\d))?",
    re.ASCII | re.IGNORECASE,
)
_ADDRESS: Final = r"\s{0,2}(?:หมู่|ม\.\s?\d|ซอย|ซ\.|ถนน|ถ\.|ตำบล|ต\.|แขวง)"
"""What follows a house number."""
# Without the prefix, dates and addresses look the same: 5/2566, 12/34 หมู่ 5.
_FOLLOWING: Final = re.compile(
    r"(?P<joined>\s{0,2}(?:,|และ|&|หรือ|กับ|-|ถึง|/)?\s{0,2})(?:เลขที่|ที่)?[ .:]{0,2}"
    rf"(?P<number>(?!0)(?:{_NUMBER}))(?P<more>{_MORE}(?={_OF_YEAR}))?(?={_OF_YEAR})\s{{0,2}}/\s{{0,2}}(?P<year>\d++)"
    rf"(?!{_ADDRESS})",
    re.ASCII,
)
_LISTED: Final = re.compile(",|และ|&|หรือ|กับ")
"""What joins the numbers of a list; after other signs, another year is that of a date."""
_WORDED: Final = re.compile(
    r"โฆษณา(?:ผลิตภัณฑ์|เสริม)?(?P<words>อาหาร|ยา|สมุนไพร|เครื่องมือแพทย์|สถานพยาบาล)?"
    r"[ :]{0,3}(?:ตามใบอนุญาต|ใบอนุญาต)?[ :]{0,2}(?P<at>เลขที่|ที่|เลข|no)?[ :.#]{0,3}"
    r"(?P<whole>(?P<number>\d{1,6})\s{0,2}/\s{0,2}(?P<year>\d{4}|\d{2})(?![\d/]))",
    re.ASCII | re.IGNORECASE,
)
_ABBREVIATION: Final = re.compile("(?:.*[. ])?[ก-ฮ]{1,3}")
"""An office that is no province's full name."""
_PERMITTED: Final = re.compile("อนุญาต")
_BEFORE: Final = 40
_HERBAL_REACH: Final = 300


def find(text: str, cues: Cues, taken: OccupiedCharacters, now: int) -> Iterator[Found]:
    """Every advertising permit in a surface text; each match is marked as taken."""
    for match in _PREFIXED.finditer(text):
        permits = list(_prefixed(match, now))
        if permits and taken.take(*match.span()):
            yield from permits
            yield from _following(permits[-1], match, taken, now)
    for match in _WORDED.finditer(text):
        found = _worded(match, text, cues, now)
        if found and taken.take(found.start, found.end):
            yield found
            yield from _following(found, match, taken, now)


def _prefixed(match: re.Match[str], now: int) -> Iterator[Found]:
    """The permits after one prefix; several numbers share the year, and of a range both ends are named."""
    misprint = match["misprint"] is not None
    prefix = "ขสพ" if misprint else "ฆ" + re.sub(r"[ .]", "", match["prefix"])
    kind = LicenceKind.CLINIC_AD_PERMIT if misprint else _KINDS.get(prefix, LicenceKind.AD_PERMIT)
    year, office = match["year"], match["office"]
    if misprint and year is None:
        return
    if kind is LicenceKind.AD_PERMIT and (year is None or len(year) == 2):
        return  # a rare prefix counts only in the full form n/25yy
    name = f"{prefix}.{office.rstrip('. ')}" if office else prefix
    if not office or _ABBREVIATION.fullmatch(office.rstrip(". ")):
        name += "."
    fault = year_fault(year, now) if year else "เลขที่อนุญาตโฆษณาไม่มีปี พ.ศ. ต้องเขียนเป็น เลขที่/25xx"
    if misprint:
        fault = "อักษรนำหน้าใบอนุญาตโฆษณาสถานพยาบาลต้องเป็น ฆสพ. แต่เขียนว่า ขสพ."
    reason = fault or f"รูปแบบ {prefix}. เลขที่/ปี พ.ศ. ถูกต้อง"
    shape = NumberShape.INVALID if fault else NumberShape.VALID
    of_year = f"/{full_year(year)}" if year else ""
    for start, end, serial in _serials(match):
        # The prefix belongs to the first as written.
        at = match.start() if start == match.start("number") else start
        yield Found(at, end, kind, f"{name} {serial}{of_year}", shape, reason)


def _serials(match: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """The numbers that share a year, with their places; the year belongs to the last."""
    spans = [match.span("number")]
    if match["more"]:
        spans += [x.span() for x in _NUMBERS.finditer(match.string, *match.span("more"))]
    for n, (at, end) in enumerate(spans, 1):
        yield at, end if n < len(spans) else match.end(), match.string[at:end].replace(",", "")


def _following(first: Found, match: re.Match[str], taken: OccupiedCharacters, now: int) -> Iterator[Found]:
    """The permits in a list after ``first``, which share its prefix, each with its own year."""
    year, end = match["year"], first.end
    if not year or year_fault(year, now):
        return
    prefix = first.number.rpartition("/")[0].rstrip("0123456789")
    while (found := _FOLLOWING.match(match.string, end)) is not None:
        # Of other years, only those written in full are no house numbers.
        is_other = found["year"] != year
        if is_other and not (_LISTED.search(found["joined"]) and len(found["year"]) > len("25")):
            return
        if year_fault(found["year"], now) or not taken.take(found.end("joined"), found.end()):
            return
        year, end = found["year"], found.end()
        for at, to, serial in _serials(found):
            yield replace(first, start=at, end=to, number=f"{prefix}{serial}/{full_year(year)}")


def _worded(match: re.Match[str], text: str, cues: Cues, now: int) -> Found | None:
    if match["at"] != "เลขที่" and not _PERMITTED.search(text, max(0, match.start() - _BEFORE), match.end()):
        return None
    start, end = match.span("whole")
    kind = _CLASS_WORDS.get(match["words"] or "", LicenceKind.AD_PERMIT)
    if kind is LicenceKind.AD_PERMIT and cues.before(start, _HERBAL_REACH, Cue.HERBAL) is not None:
        kind = LicenceKind.HERBAL_AD_PERMIT
    fault = year_fault(match["year"], now)
    shape = NumberShape.INVALID if fault else NumberShape.VALID
    reason = fault or "เลขที่ใบอนุญาตโฆษณาแบบ เลขที่/ปี พ.ศ. ไม่มีอักษรนำหน้า"
    return Found(start, end, kind, f"{match['number']}/{full_year(match['year'])}", shape, reason)


def near_herbal(found: Found, registrations: list[int]) -> bool:
    """Whether a herbal registration ends within reach before a permit (``registrations``: sorted ends)."""
    at = bisect_right(registrations, found.start)
    return at > 0 and found.start - registrations[at - 1] <= _HERBAL_REACH
