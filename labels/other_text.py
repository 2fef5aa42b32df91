"""The end of a listing's description that holds what its page says besides title, description and rows.

It holds claims that a seller keeps out of the page's data, and also what moves by itself, such as stocks.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from labels.guidance.claim_words import claim_words_in
from labels.letters import letters
from labels.schema import Listing

OTHER_TEXT: Final = "other_text"
"""Key of :attr:`Listing.extra`: how many characters at the end of the description are other text."""

_NOTICE: Final = re.compile(
    r"(?=.{1,150}\Z)(?:(?=\D++\Z).*(?:เมื่อวาน(?:นี้)?|yesterday)\s*\Z|.*?(?:เพิ่ง(?:ซื้อ|สั่ง)|just bought|"
    r"\d\s*(?:(?:วินาที|นาที|ชั่วโมง|ชม\.?|วัน)\s*(?:ที่แล้ว|ที่ผ่านมา|ก่อน)|(?:second|minute|hour|day)s? ago)))",
    re.IGNORECASE,
)
"""A line that says who has just bought what, or when."""
_MONTHS: Final = (
    r"(?:(?:ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค)(?![ก-๎])\.?|"
    r"มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม)"
)
_ENGLISH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR: Final = r"(?:20\d\d|25\d\d)"
_DATE: Final = (
    rf"(?<![\d./,-]){_DAY}(?:\s?-\s?{_DAY})?\s?"
    rf"(?:{_MONTHS}(?:\s?{_YEAR}(?![.,/-]?\d)|\s?\d\d(?![.,/-]?\d|\s*(?:[^\W\d_]|%)))?|{_ENGLISH}\s?{_YEAR}(?!\d))|"
    rf"(?<![\d./-])(?:{_YEAR}([-/.]){_DAY}\1{_DAY}|{_DAY}([-/.]){_DAY}\2(?:{_YEAR}|\d\d))(?![./-]?\d)"
)
_AMOUNT: Final = r"\d[\d,.]*+(?:\s*+(?:k\b|พัน|หมื่น|แสน))?\+?"
_COUNT: Final = re.compile(
    rf"{_DATE}|"
    r"เหลือ(?:เวลา)?(?:อีก|เพียง|แค่)?\s*+(?:\d++\s*+(?:วินาที|วัน|ชั่วโมง|ชม\.?|นาที)\s*+)++|"
    r"(?:เหลือ(?:อีก|เพียง|แค่)?|ขาย(?:แล้ว|ไปแล้ว|ได้)|(?:ผู้|คน)ซื้อแล้ว|เข้าชม|ราคา|thb|[฿$])\s*+"
    rf"{_AMOUNT}|(?:รีวิว|reviews?|ratings?)\s*+\(\s*+{_AMOUNT}\s*+\)|"
    r"(?:เพียง|แค่)\s*+\d[\d,]++(?:\.-|\Z)|(?:ลดพิเศษ|ลดราคา|ส่วนลด)(?:สูงสุด)?\s*+\d{1,3}\s?%|"
    r"[★⭐]\s?[0-5]\.\d\d?(?![\d.,%/-]|\s*(?!ขาย|รีวิว)[^\W\d_])|(?<![\d.,])[0-5]\.\d\d?\s?[★⭐]|"
    r"(?<![\d.,])[0-5]\.\d\s?(?:/\s?5|ดาว)?\s?\(\d[\d,]*+\)|"
    r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?|"
    r"(?<![\d,.])\d[\d,]*+(?:\.\d++)?(?:\s?฿|\.-)|"
    r"(?<![\d,.])\d[\d,.]*+\s*+(?:k|พัน|หมื่น|แสน)?\+?\s*+"
    r"(?:ชิ้น|ขวด|กล่อง|ออเดอร์|รีวิว|บาท|คน\s*(?:กำลัง)?(?:ดู|เข้าชม)|sold|views?|reviews?|ratings?)",
    re.IGNORECASE,
)
"""Numbers of stocks, sales, visitors, reviews and prices, ratings, dates and times of day.

Persons, minutes and the like are not among them: a claim may count these.
"""
_RATING: Final = re.compile(
    r"(?<![\d.,/])[0-5](?:\.\d\d?)?\s?(?:/\s?5(?![\d./]|\s*(?:คน|ราย))|ดาว|stars?\b|คะแนน|[★⭐])|"
    r"คะแนน\s*+[0-5](?:\.\d\d?)?(?![\d.])",
    re.IGNORECASE,
)
"""Ratings that, with words of claims, may be a part of the claim."""


def parted(description: str, extra: dict[str, Any]) -> tuple[str, str]:
    """Return a description without its other text, and the other text."""
    size = extra.get(OTHER_TEXT)
    if type(size) is not int or not 0 < size <= len(description):
        return description, ""
    return description[:-size].removesuffix("\n"), description[-size:]


def without_other_text(extra: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a description all of which is the product's own."""
    return {name: value for name, value in extra.items() if name != OTHER_TEXT}


def with_earlier_text(listing: Listing, earlier: Listing) -> Listing:
    """Return a listing with an earlier visit's text if only white space or what moves by itself differs."""
    own, other = parted(listing.description, listing.extra)
    own_before, other_before = parted(earlier.description, earlier.extra)
    if listing.title != earlier.title or own.split() != own_before.split():
        return listing
    lines, before = other.split("\n"), other_before.split("\n")
    if _words(lines) != _words(before) or _claims_of_notices(lines) - _claims(earlier.text):
        return listing
    extra = without_other_text(listing.extra)
    if OTHER_TEXT in earlier.extra:
        extra[OTHER_TEXT] = earlier.extra[OTHER_TEXT]
    return listing.model_copy(update={"description": earlier.description, "extra": extra})


def _words(lines: Iterable[str]) -> set[str]:
    """Return the words between spaces, without what moves by itself."""
    still = (_still(line) for line in lines if not _NOTICE.match(line))
    return {letters(word) for line in still for word in line.split()} - {""}


def _still(line: str) -> str:
    """Return a line without numbers that move by themselves."""
    line = _COUNT.sub(" ", line)
    return _RATING.sub(" ", line) if _RATING.search(line) and not _claims(line) else line


def _claims_of_notices(lines: Iterable[str]) -> set[str]:
    """Return the words of claims in lines that otherwise are not compared."""
    return {claim for line in lines if _NOTICE.match(line) for claim in _claims(line)}


def _claims(text: str) -> set[str]:
    words = letters(text)
    return {words[start:end] for start, end in claim_words_in(words)}
