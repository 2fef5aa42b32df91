"""Detects pages that stand before another one: login walls, challenges, blocks, failures."""

import re
from collections.abc import Iterator
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.document import PageDocument
from crawler.pages.shown.visibility import is_hidden, visible, visible_text
from crawler.pages.shown.zones import mark_of

_LOGIN: Final = re.compile(
    r"(?:กรุณา|โปรด|ต้อง|จำเป็นต้อง)\s*(?:เข้าสู่ระบบ|ล็อกอิน|ลงชื่อเข้าใช้)|(?:เข้าสู่ระบบ|ลงชื่อเข้าใช้|ล็อกอิน)\s*เพื่อ|"
    r"\b(?:please|must|need\s+to|have\s+to)\s+(?:log\s*-?\s*in|sign\s*-?\s*in)\b|\b(?:log|sign)\s*-?\s*in\s+(?:to|required)\b",
    re.IGNORECASE,
)
_BARS: Final = re.compile(
    r"(?:กรุณา|โปรด|ต้อง|จำเป็นต้อง)\s*ยืนยันตัวตน|ยืนยันว่า(?:คุณ|ท่าน)(?:ไม่ใช่|เป็นมนุษย์|เป็นคน)|ไม่ใช่(?:หุ่นยนต์|โปรแกรมอัตโนมัติ|บอท)|"
    r"เลื่อน(?:แถบ|ตัวเลื่อน|ชิ้นส่วน)?เพื่อ(?:ยืนยัน|ต่อ)|(?:การเข้าถึง|การใช้งาน)(?:นี้)?ถูก(?:ปฏิเสธ|จำกัด|ระงับ|บล็อก)|ไม่มีสิทธิ์เข้าถึง|"
    r"การ(?:จราจร|เข้าใช้งาน)(?:ที่)?ผิดปกติ|(?<!by\s)(?<!โดย\s)(?<!โดย)\b(?:re|h)?captcha\b|"
    r"\bverify(?:ing)?\s+(?:that\s+)?you(?:'re|\s+are)\b|"
    r"\bare\s+you\s+(?:a\s+)?(?:human|robot)\b|\bnot\s+a\s+robot\b|\bsecurity\s+(?:check|verification)\b|"
    r"\bunusual\s+traffic\b|\baccess\s+(?:to\s+this\s+page\s+)?(?:is\s+|has\s+been\s+)?(?:denied|blocked)\b|"
    r"\byou\s+have\s+been\s+blocked\b|\btoo\s+many\s+requests\b|\bjust\s+a\s+moment\b|\bchecking\s+your\s+browser\b|"
    r"ระบบ(?:กำลัง)?ขัดข้อง|ขัดข้อง(?:ทางเทคนิค|ชั่วคราว)|เกิด(?:เหตุ|ความ)?(?:ขัดข้อง|ข้อผิดพลาด|ผิดพลาด)|"
    r"(?:กรุณา|โปรด)\s*(?:ลอง|ทำรายการ|โหลดหน้า)(?:(?!ค้น)\S){0,20}(?:ใหม่|อีกครั้ง)|ลอง(?:ใหม่|อีกครั้ง)(?:อีกครั้ง|ภายหลัง|ในภายหลัง)|"
    r"โหลด(?:หน้า|ข้อมูล)?[^\s]{0,12}ไม่(?:สำเร็จ|ได้)|เชื่อมต่อ[^\s]{0,20}ไม่(?:สำเร็จ|ได้)|หมดเวลา(?:เชื่อมต่อ|การเชื่อมต่อ|รอ)|"
    r"(?:ไอพี|ip)(?:\s*address)?\s*(?:ของ(?:คุณ|ท่าน))?\s*ถูก(?:บล็อก|ระงับ|จำกัด)|"
    r"\b(?:try|check\s+back)\s+again\b|\bsomething\s+went\s+wrong\b|\b(?:failed|unable)\s+to\s+load\b|\btimed?\s*-?\s*out\b|"
    r"\berror\s*5\d\d\b|\brate[\s-]*limit\w*|\b(?:you|ip|address|requests?|access|account|connection|traffic|browser)\b[^.]{0,30}\bblocked\b|"
    r"\bpage\s+unavailable\b|\bservice\s+unavailable\b|ไม่พร้อม(?:ให้บริการ|ใช้งาน)|ปิดปรับปรุง|\bunder\s+maintenance\b",
    re.IGNORECASE,
)
_ABROAD: Final = re.compile(
    r"(?:ใน|สำหรับ|จาก)\s*(?:ประเทศ|ภูมิภาค|พื้นที่)\s*(?:ของ|ที่)(?:คุณ|ท่าน)|"
    r"\b(?:in|for|from)\s+(?:your|this|certain|some|all|other)?\s*(?:region|countr(?:y|ies)|territor(?:y|ies))s?\b|"
    r"(?<!select\s)(?<!choose\s)(?<!change\s)\byour\s+(?:region|country|territory)\b|"
    r"\b(?:region|country|geo)[\s-]*(?:restrict|block|lock)\w*",
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
_POPUP: Final = re.compile(r"modal|popup|dialog|drawer|off-?canvas|lightbox", re.IGNORECASE)
_FRAME: Final = frozenset({"nav", "header", "footer", "aside"})
_SHORT: Final = 1_500
"""Up to this many characters, a page's whole text is searched; of a longer one, only title and headings."""


def barrier(document: PageDocument) -> str:
    """Return the sign that another page was served instead: a login wall, a challenge, a block, a failure.

    Empty if there is none. Such a page says nothing about the one behind it.
    """
    if found := _LOGIN_ADDRESS.search(document.url) or _CHALLENGE.search(document.text):
        return found.group().strip("/?.")
    if _asks_for_a_password(document):
        return "a password is asked for"
    for place in (document.title, *document.headings):
        if found := _LOGIN_TITLE.search(place):
            return found.group().strip()
    body = next(document.tree.iter("body"), document.tree)
    for place in (*places(document), visible_text(body, _SHORT, without={"nav"}, frames=_FRAME)):
        if found := _LOGIN.search(place) or _BARS.search(place) or _ABROAD.search(place):
            return found.group()
    return _failure_in_a_frame(document)


def _failure_in_a_frame(document: PageDocument) -> str:
    """Return a failure that a header, a footer or an aside reports.

    Each invites to log in on every page, and a footer names countries, but a failure only if there is one.
    """
    read: set[HtmlElement] = set()
    for node in visible(document.tree.iter()):
        if node.getparent() in read:
            read.add(node)
        elif node.tag in _FRAME - {"nav"}:
            read.add(node)
            text = visible_text(node, _SHORT)
            found = _BARS.search(text) or (_ABROAD.search(text) if node.tag == "header" else None)
            if found:
                return found.group()
    return ""


def places(document: PageDocument) -> Iterator[str]:
    """Yield the title, the headings, and the visible text of a page that has little of it.

    Menus, headers and footers, which are mostly the same on every page, do not count.
    """
    yield document.title[:_SHORT]
    yield from (heading[:_SHORT] for heading in document.headings)
    if text := visible_text(next(document.tree.iter("body"), document.tree), _SHORT, without=_FRAME):
        yield text


def _asks_for_a_password(document: PageDocument) -> bool:
    """Whether the page itself has a password field, not only its frame or a window that it can open."""
    return any(
        (node.get("type") or "").strip().lower() == "password"
        and not any(
            each.tag in _FRAME or is_hidden(each) or _POPUP.search(mark_of(each))
            for each in (node, *node.iterancestors())
        )
        for node in document.tree.iter("input")
    )
