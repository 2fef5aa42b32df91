"""Whether a page says that what was sold here is gone, though it answers with status 200."""

import re

from crawler.pages.document import PageDocument

_SAYS_SO = re.compile(
    r"ไม่พบ(?:หน้า|สินค้า|ข้อมูล|รายการ|ประกาศ|โพสต์|สิ่งที่)|ไม่มีสินค้านี้|ไม่มีหน้านี้|ไม่มีประกาศนี้|"
    r"(?:สินค้า|ประกาศ|รายการ|โพสต์|เนื้อหา|หน้า)(?:นี้|ดังกล่าว)?(?:ได้)?ถูก(?:ลบ|นำออก|ระงับ|ปิด)|"
    r"เลิกจำหน่าย|ยกเลิกการขาย|"
    r"\b404\b|\b410\b|\bnot\s+found\b|\bno\s+longer\s+(?:available|exists?)\b|"
    r"\b(?:has\s+been|was)\s+(?:removed|deleted|taken\s+down)\b|\bpage\s+(?:does\s+not|doesn't)\s+exist\b",
    re.IGNORECASE,
)
_SHORT = 1_500
"""Characters of a page's text up to which all of it is searched; of a longer one, the title and headings."""


def absence(document: PageDocument) -> str:
    """The words with which a page without a product says that it is gone; empty when it does not say so."""
    places = [document.title, *document.headings]
    body = document.tree.find("body")
    text = " ".join((body.text_content() if body is not None else "").split())
    if len(text) <= _SHORT:
        places.append(text)
    for place in places:
        if found := _SAYS_SO.search(place):
            return found.group()
    return ""
