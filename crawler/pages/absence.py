"""Detects pages with status 200 that show no product, and whether they say that it is gone."""

import re
from collections.abc import Iterator
from typing import Final

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import element_text

_SAYS_SO: Final = re.compile(
    r"ไม่พบ(?:หน้า|สินค้า|ข้อมูล|รายการ|ประกาศ|โพสต์|สิ่งที่)|ไม่มีสินค้านี้|ไม่มีหน้านี้|ไม่มีประกาศนี้|"
    r"(?:สินค้า|ประกาศ|รายการ|โพสต์|เนื้อหา|หน้า)(?:นี้|ดังกล่าว)?(?:ได้)?ถูก(?:ลบ|นำออก|ระงับ|ปิด)|"
    r"เลิกจำหน่าย|ยกเลิกการขาย|"
    r"\b(?:error|http|รหัส)\s*4(?:04|10)\b|\A\W*4(?:04|10)\W*\Z|\bnot\s+found\b|"
    r"\bno\s+longer\s+(?:available|exists?)\b|"
    r"\b(?:has\s+been|was)\s+(?:removed|deleted|taken\s+down)\b|\b(?:page|product|item|listing)\s+(?:does\s+not|doesn't)\s+exist\b",
    re.IGNORECASE,
)
_BARS: Final = re.compile(
    r"(?:กรุณา|โปรด|ต้อง|จำเป็นต้อง)\s*(?:เข้าสู่ระบบ|ล็อกอิน|ลงชื่อเข้าใช้|ยืนยันตัวตน)|"
    r"(?:เข้าสู่ระบบ|ลงชื่อเข้าใช้|ล็อกอิน)\s*เพื่อ|ยืนยันว่า(?:คุณ|ท่าน)(?:ไม่ใช่|เป็นมนุษย์|เป็นคน)|ไม่ใช่(?:หุ่นยนต์|โปรแกรมอัตโนมัติ|บอท)|"
    r"เลื่อน(?:แถบ|ตัวเลื่อน|ชิ้นส่วน)?เพื่อ(?:ยืนยัน|ต่อ)|(?:การเข้าถึง|การใช้งาน)(?:นี้)?ถูก(?:ปฏิเสธ|จำกัด|ระงับ|บล็อก)|ไม่มีสิทธิ์เข้าถึง|"
    r"การ(?:จราจร|เข้าใช้งาน)(?:ที่)?ผิดปกติ|\b(?:re|h)?captcha\b|"
    r"\b(?:please|must|need\s+to|have\s+to)\s+(?:log\s*-?\s*in|sign\s*-?\s*in)\b|"
    r"\b(?:log|sign)\s*-?\s*in\s+(?:to|required)\b|\bverify(?:ing)?\s+(?:that\s+)?you(?:'re|\s+are)\b|"
    r"\bare\s+you\s+(?:a\s+)?(?:human|robot)\b|\bnot\s+a\s+robot\b|\bsecurity\s+(?:check|verification)\b|"
    r"\bunusual\s+traffic\b|\baccess\s+(?:to\s+this\s+page\s+)?(?:is\s+|has\s+been\s+)?(?:denied|blocked)\b|"
    r"\byou\s+have\s+been\s+blocked\b|\btoo\s+many\s+requests\b|\bjust\s+a\s+moment\b|\bchecking\s+your\s+browser\b|"
    r"\bpage\s+unavailable\b|\bservice\s+unavailable\b|ไม่พร้อม(?:ให้บริการ|ใช้งาน)|ปิดปรับปรุง|\bunder\s+maintenance\b",
    re.IGNORECASE,
)
_LOGIN_TITLE: Final = re.compile(r"\A\W*(?:log\s*-?\s*in|sign\s*-?\s*in|เข้าสู่ระบบ|ลงชื่อเข้าใช้)", re.IGNORECASE)
_LOGIN_ADDRESS: Final = re.compile(
    r"/(?:log-?in|sign-?in|captcha|verify|challenge|checkpoint|authenticate|punish|blocked)(?:[/.?_-]|$)",
    re.IGNORECASE,
)
_CHALLENGE: Final = re.compile(
    r"_cf_chl_opt|cf-chl-|captcha-delivery\.com|px-captcha|_____tmd_____|x5secdata|awsWafCookieDomainList|"
    r"_Incapsula_Resource|sec-if-cpt-container"
)
"""Markers of the pages that Cloudflare, DataDome, HUMAN, Alibaba (Lazada), AWS, Imperva and Akamai put before
others; the pages behind them lack these.
"""
_SHORT: Final = 1_500
"""Up to this many characters, a page's whole text is searched; of a longer one, only title and headings."""


def absence(document: PageDocument) -> str:
    """Return the words with which a page without a product says that it is gone; empty if it does not.

    Reliable only if :func:`barrier` finds nothing.
    """
    return next((found.group() for place in _places(document) if (found := _SAYS_SO.search(place))), "")


def barrier(document: PageDocument) -> str:
    """Return the sign that another page was served instead: a login wall, a challenge, a block.

    Empty if there is none. Such a page says nothing about the one behind it.
    """
    if found := _LOGIN_ADDRESS.search(document.url) or _CHALLENGE.search(document.text):
        return found.group().strip("/?.")
    for place in (document.title, *document.headings):
        if found := _LOGIN_TITLE.search(place):
            return found.group().strip()
    return next((found.group() for place in _places(document) if (found := _BARS.search(place))), "")


def _places(document: PageDocument) -> Iterator[str]:
    """Yield the title, the headings, and the whole text of a short page."""
    yield document.title
    yield from document.headings
    body = document.tree.find("body")
    text = " ".join((element_text(body) if body is not None else "").split())
    if len(text) <= _SHORT:
        yield text
