"""Licence and permit numbers, and contacts to order from, in a line of a page."""

import re
from collections.abc import Iterator
from typing import Final

from labels.letters import WESTERN_DIGITS

_NUMBER: Final = re.compile(
    r"(?<!\d)(?!885)[1-9]\d{12}(?!\d)|"
    r"(?:(?:(?<![ก-๎])|(?<=เลข)|(?<=ที่))อย(?:เลขที่)?(?=\d{8})|สารบบ|จดแจ้ง|ใบรับ|ใบอนุญาต|เลขทะเบียน|"
    r"ทะเบียน(?:ยา|ตำรับ|ผลิตภัณฑ์|เลขที่)|(?:ฆอ|ฆพ|ฆท|ฆสพ|ฆจ|ฆน|ฆมพ|สบส)(?:เลขที่|ที่)?(?=\d)|"
    r"fdano|regno|licen[cs]e(?:no|number))\D{0,40}(?P<number>\d?[a-z]?\d{2,})"
)
"""A number among the letters of a line: 13 digits that are no Thai barcode, or some behind a word."""
_OF_THE_SHOP: Final = re.compile(
    r"ภาษี|พาณิชย์|นิติบุคคล|ประกอบ(?:การ|กิจการ|ธุรกิจ|วิชาชีพ)|ร้านยา|เลขบัญชี|"
    r"ใบอนุญาต(?:เลขที่)?(?:ขาย|ร้าน|สถาน|ธุรกิจ|นำเที่ยว)"
)
"""Words of lines with numbers that a shop, not its product, has."""
_CONTACT: Final = re.compile(
    r"(?<![\d-])0[689]\d(?:[ -]?\d){7}(?![\d-])|(?<![\d-])0[2-7](?:[ -]?\d){7}(?![\d-])|"
    r"(?<![\d-])(?:\+|00)66[ -]?(?:\(0\)[ -]?)?[2-9](?:[ -]?\d){7,8}(?![\d-])|"
    r"\b(?:(?:page\.|liff\.)?line\.me|lin\.ee)/[^\s\"'<>()\u0e01-\u0e5b]{3,}|"
    r"(?:\bline|ไลน์)(?:\s*(?:id|ไอดี|oa|official|add|@|[:：=])){1,4}\s*[\w.@-]{3,}",
    re.IGNORECASE | re.ASCII,
)
"""A phone number, a LINE account or the address of one."""


def numbers_in(words: str) -> Iterator[str]:
    """Yield the licence and permit numbers in a line's letters (:func:`labels.letters.letters`)."""
    if not _OF_THE_SHOP.search(words):
        yield from (found["number"] or found[0] for found in _NUMBER.finditer(words))


def contacts_in(line: str) -> Iterator[str]:
    """Yield the contacts in a line, as written but for Thai digits."""
    yield from (found[0] for found in _CONTACT.finditer(line.translate(WESTERN_DIGITS)))
