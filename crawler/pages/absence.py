"""Detects pages with status 200 that say, instead of showing a product, that it is gone."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.barrier import places
from crawler.pages.document import PageDocument
from crawler.pages.shown.visibility import visible, visible_text
from crawler.pages.shown.zones import is_in_a_sentence

_SAYS_SO: Final = re.compile(
    r"ไม่พบ(?:หน้า|สินค้า|ข้อมูล|รายการ|ประกาศ|โพสต์|สิ่งที่)|ไม่มีสินค้านี้|ไม่มีหน้านี้|ไม่มีประกาศนี้|"
    r"(?:สินค้า|ประกาศ|รายการ|โพสต์|เนื้อหา|หน้า)(?:นี้|ดังกล่าว|ที่(?:คุณ|ท่าน)\S{0,30}?)?(?:ได้)?ถูก(?:ลบ|นำออก|ระงับ|ปิด)|"
    r"เลิกจำหน่าย|ยกเลิกการขาย|"
    r"\b(?:error|http|รหัส)\s*4(?:04|10)\b|\A\W*4(?:04|10)\W*\Z|\b(?:not|(?:cannot|can't|couldn't)\s+be)\s+(?:be\s+)?found\b|"
    r"\bno\s+longer\s+(?:available|exists?)\b|"
    r"\b(?:has\s+been|was)\s+(?:removed|deleted|taken\s+down)\b|\b(?:page|product|item|listing)\s+(?:does\s+not|doesn't)\s+exist\b",
    re.IGNORECASE,
)
_OF_A_LIST: Final = re.compile(
    r"ตะกร้า|รถเข็น|รายการโปรด|ที่(?:ถูกใจ|บันทึกไว้)|คำสั่งซื้อ|การจัดส่ง|คูปอง|รีวิว|ความคิดเห็น|ชั่วคราว|"
    r"\b(?:cart|basket|bag|wish\s*-?\s*list|favou?rites|orders?|coupons?|reviews?|comments?|cache|temporarily)\b",
    re.IGNORECASE,
)
"""Words in a heading that is about the buyer's own list, or about now only."""
_SORRY: Final = (
    r"(?:(?:ขออภัย(?:ด้วย)?|ขอโทษ(?:ด้วย)?|เสียใจด้วย)\s*(?:ค่ะ|ครับ)?|"
    r"(?:we(?:'re|\s+are)\s+)?sorry(?:\s*,?\s*but)?|oops|whoops|uh[\s-]*oh)?"
)
_POLITE: Final = r"\s*(?:นะ)?(?:คะ|ค่ะ|ครับ)?"
_SOUGHT: Final = r"\s*ที่\s*(?:คุณ|ท่าน)?\s*(?:กำลัง)?\s*(?:ต้องการ|มองหา|เลือก|เรียกดู|ร้องขอ|เปิด)"
_THING: Final = r"(?:สินค้า|ประกาศ|รายการ|โพสต์|เนื้อหา|หน้า(?:เว็บ|เพจ|สินค้า)?|เพจ)"
_ONE: Final = rf"{_THING}(?:ชิ้น)?(?:นี้|ดังกล่าว|{_SOUGHT}(?:หา|ดู|ชม|อยู่)?)"
_BY: Final = r"(?:\s*โดย\s*(?:ผู้ขาย|ผู้ลงประกาศ|ผู้โพสต์|เจ้าของ(?:ร้าน|ประกาศ|โพสต์)?|ร้านค้า|ผู้ดูแล(?:ระบบ)?|แพลตฟอร์ม))?"
_THE_ONE: Final = (
    r"(?:the|this|that)?\s*(?:page|product|item|listing|post|ad|content)"
    r"(?:\s+(?:that\s+)?you\s*(?:'re|are|were|have)?\s*(?:requested|looking\s+for|trying\s+to\s+(?:view|reach)))?"
)
_BY_WHOM: Final = r"(?:\s+by\s+(?:the\s+|its\s+)?(?:seller|owner|shop|author|poster|admin\w*|platform))?"
_STATEMENT: Final = re.compile(
    rf"\W*{_SORRY}\W*(?:"
    rf"ไม่พบ\s*หน้า(?:เว็บ|เพจ|สินค้า)?(?:นี้|ดังกล่าว|{_SOUGHT}|\s*ที่\s*(?:คุณ|ท่าน)?\s*(?:กำลัง)?\s*ค้นหา)?(?:อยู่|ในระบบ)?|"
    rf"ไม่พบ\s*(?:{_ONE}|ประกาศ|โพสต์)(?:อยู่|ในระบบ)?|"
    rf"ไม่มี\s*(?:สินค้า|หน้า|ประกาศ|โพสต์)นี้(?:แล้ว|ในระบบ(?:แล้ว)?)?|"
    rf"(?:{_ONE}|ประกาศ|โพสต์)\s*(?:ได้)?ถูก(?:ลบ|นำออก|ระงับ|ปิด)"
    rf"(?:ไป|ทิ้ง|ออก|จากระบบ|การขาย|การจำหน่าย|การใช้งาน|การแสดงผล|การเผยแพร่)*{_BY}(?:ไป)?(?:แล้ว)?|"
    rf"{_ONE}\s*(?:ได้)?(?:เลิกจำหน่าย|ยกเลิกการขาย){_BY}(?:ไป)?(?:แล้ว)?|"
    r"(?:error|http|รหัส)\s*4(?:04|10)(?:\W*(?:page\s+)?not\s+found|\W*gone)?|"
    r"4(?:04|10)\W*(?:(?:page\s+)?not\s+found|gone)|"
    r"(?:page|product|item|listing)\s+not\s+found|"
    rf"{_THE_ONE}\s+(?:(?:is|was)\s+not\s+found|(?:could\s+not|cannot|can't|couldn't)\s+be\s+found|"
    r"(?:is\s+)?no\s+longer\s+(?:available|exists?)|(?:does\s+not|doesn't)\s+exist|"
    rf"(?:has\s+been|was)\s+(?:removed|deleted|taken\s+down){_BY_WHOM})"
    rf"){_POLITE}\W*",
    re.IGNORECASE,
)
"""A whole text that says that the page's own product is gone, and nothing else."""
_LONGEST: Final = 160
_INLINE: Final = frozenset({"a", "b", "strong", "em", "i", "u", "small", "mark", "span", "font"})


def absence(document: PageDocument) -> str:
    """Return the statement of a page without a product that it is gone; empty if there is none.

    The words stand in the title or a visible ``<h1>``, or are the whole text of a visible element of a short
    page. Reliable only if :func:`~crawler.pages.barrier.barrier` finds nothing.
    """
    own = list(visible(document.own_elements))
    headings = [visible_text(node, 2 * _LONGEST) for node in own if node.tag == "h1"]
    for place in (document.title, *headings):
        if (found := _SAYS_SO.search(place)) and not _OF_A_LIST.search(place):
            return found.group()
    if not any(_SAYS_SO.search(place) for place in islice(places(document), 1, None)):
        return ""
    return next((text for text in _whole_texts(own) if _STATEMENT.fullmatch(text)), "")


def absence_words(document: PageDocument) -> str:
    """Return words about something missing anywhere in the title, the headings or a short page; or empty.

    They make it unlikely that the page shows a product, but do not say that it is gone.
    """
    return next((found.group() for place in places(document) if (found := _SAYS_SO.search(place))), "")


def _whole_texts(elements: Iterable[HtmlElement]) -> Iterator[str]:
    """Yield the texts of the elements that hold no more than a sentence, and no part of one."""
    for node in elements:
        if node.tag not in _INLINE or not is_in_a_sentence(node):
            yield visible_text(node, _LONGEST)
