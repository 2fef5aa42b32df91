"""What the buyer sees when markup is missing or shortened: headings, prices, description blocks, tables."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.pages.document import PageDocument
from crawler.pages.facts import MAX_PROPERTIES, Facts, price_of
from crawler.pages.plain_text import element_text, squash, to_text

VISIBLE = "visible"

_DESCRIPTION_HINTS = (
    "description",
    "product-detail",
    "product_detail",
    "productdetail",
    "prod-desc",
    "รายละเอียด",
)
_TABLE_HINT = re.compile(
    r"spec|attribut|propert|detail|additional|information|parameter|คุณสมบัติ", re.IGNORECASE
)
_PRICE = re.compile(r"(?:฿|THB)\s*(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s*(?:บาท|฿|THB|\.-|,-)")
_BUY = re.compile(
    r"หยิบ(?:ใส่|ลง)(?:ตะกร้า|รถเข็น)|(?:เพิ่ม|ใส่)(?:ลง|ไป)?(?:ใน)?(?:ตะกร้า|รถเข็น)|ใส่รถเข็น|สั่งซื้อ|ซื้อเลย|ซื้อสินค้า|ซื้อทันที|"
    r"add\s*to\s*(?:cart|bag|basket)|buy\s*(?:it\s*)?now|order\s*now",
    re.IGNORECASE,
)
PRODUCT_PATH = re.compile(
    r"/(?:products?|p|items?|goods|shop/product|สินค้า)/(?:\d+/)?[^/]+/?$|-i\.\d+\.\d+|-i\d+(?:-s\d+)?\.html$|/product[-_][^/]+|"
    r"/product(?:_detail|-detail|_view)?\.php|[?&](?:product_id|pid|productid|item_id)=",
    re.IGNORECASE,
)
"""How the addresses of product pages usually look."""

_STATE = re.compile(
    r'"(?:description|desc|longDescription|long_description|descriptionHtml|product_description|content)"'
    r'\s*:\s*"((?:[^"\\]|\\.){40,100000}+)"'
)
_PROBE = 40
_PROBE_WITHIN = 300
_SELLER_HINTS = (
    "seller-name", "seller_name", "sellername", "shop-name", "shop_name", "shopname", "store-name",
    "store_name", "storename", "merchant-name", "vendor-name",
)  # fmt: skip
_SELLER_WORD = re.compile(
    r"^(?:ร้านค้า|ร้าน|ผู้ขาย|ขายโดย|จำหน่ายโดย|seller|shop|store|sold by)\s*[:：]\s*", re.IGNORECASE
)
_PICTURE = re.compile(r"\b(?:photo|product|main|gallery|zoom|cover)\b", re.IGNORECASE)
MAX_DESCRIPTION = 100_000
"""Characters; a longer block is the whole page, not a description."""


def visible_facts(document: PageDocument) -> Facts | None:
    """The product of a page without product markup, or ``None`` when it does not look like one.

    It does when it has one heading or title, a price, and either a buying button or a product's address, and
    when it does not look like a list (many prices, and no product's address).
    """
    name = document.headings[0] if document.headings else document.meta("og:title") or document.title
    body = next(document.tree.iter("body"), document.tree)
    text = element_text(body)
    price, currency = visible_price(document, text)
    if not name or not price:
        return None
    address = urlsplit(document.url)
    is_product_path = bool(PRODUCT_PATH.search(f"{address.path}?{address.query}")) and document.has_url
    buttons = _buttons(body)
    if not is_product_path and (not buttons or len(buttons) > _LIST_BUTTONS or len(document.headings) > 1):
        return None
    return Facts(
        name=name,
        description=block_description(document) or document.meta("og:description", "description"),
        price=price,
        currency=currency,
        seller=document.meta("og:site_name"),
        images=list(dict.fromkeys(document.metas.get("og:image", []))),
        source=VISIBLE,
    )


_LIST_BUTTONS = 3
"""A page with more buying buttons than this, and no product's address, is a list."""


def _buttons(body: HtmlElement) -> list[str]:
    found: list[str] = []
    for node in body.iter("button", "a", "input"):
        label = f"{node.text_content() if node.tag != 'input' else ''} {node.get('value') or ''}"
        if len(label) < 60 and _BUY.search(label):
            found.append(label.strip())
    return found


def visible_price(document: PageDocument, text: str) -> tuple[str, str]:
    """Price and currency from an element named so, or else from the first price in the text."""
    for node in document.with_hint("price", "ราคา"):
        label = node.get("content") or " ".join(element_text(node).split())
        if len(label) < 60 and (price := price_of(label)):
            return price, "THB" if re.search("฿|บาท|THB", label) or "฿" in text or "บาท" in text else ""
    return price_in(text)


def price_in(text: str) -> tuple[str, str]:
    """The first price in baht that a text names, and its currency; two empty strings without one."""
    hit = _PRICE.search(text)
    return (price_of(hit.group(1) or hit.group(2)), "THB") if hit else ("", "")


def visible_seller(document: PageDocument) -> str:
    """The name in an element marked as the seller's, without the word before it; empty without one."""
    for node in document.with_hint(*_SELLER_HINTS):
        name = _SELLER_WORD.sub("", " ".join(element_text(node).split()))
        if 0 < len(name) <= 100:
            return name
    return ""


def visible_images(document: PageDocument) -> list[str]:
    """Sources of the pictures marked as the product's, else of those in its article."""
    pictures = [x for x in document.tree.iter("img") if x.get("src") or x.get("data-src")]
    marked = [x for x in pictures if _PICTURE.search(f"{x.get('id') or ''} {x.get('class') or ''}")]
    inside = [x for x in pictures if any(y.tag in {"article", "figure"} for y in x.iterancestors())]
    found = [x.get("data-src") or x.get("src") or "" for x in marked or inside]
    return list(dict.fromkeys(x for x in found if x and not x.startswith("data:")))


def block_description(document: PageDocument) -> str:
    """The longest text of a block named as a description, or an empty string."""
    texts = [t for node in document.with_hint(*_DESCRIPTION_HINTS) if (t := element_text(node))]
    return max((t for t in texts if len(t) <= MAX_DESCRIPTION), key=len, default="")


def longer_description(document: PageDocument, known: str) -> str:
    """The full copy of a description that markup gives shortened; ``known`` when there is none.

    A block of the page or a string of its embedded state counts only when the known text begins it, so that
    another product's description is never taken.
    """
    probe = squash(re.sub(r"(?:\.\.\.|…)\s*$", "", known))[:_PROBE]
    if len(probe) < _PROBE // 2:
        return known
    best = known
    for text in _copies(document, probe):
        begins = squash(text[: _PROBE_WITHIN + len(known)]).find(probe)
        if 0 <= begins <= _PROBE_WITHIN and len(squash(text)) > len(squash(best)) * 1.05:
            best = text
    return best


def _copies(document: PageDocument, probe: str) -> Iterator[str]:
    for node in document.with_hint(*_DESCRIPTION_HINTS):
        text = element_text(node)
        if len(text) <= MAX_DESCRIPTION:
            yield text
    for hit in _STATE.finditer(document.text):
        try:
            text = to_text(str(json.loads(f'"{hit.group(1)}"', strict=False)))
        except ValueError:
            continue
        yield text


def table_properties(document: PageDocument) -> list[tuple[str, str]]:
    """Name and value pairs of the specification tables and definition lists of the page."""
    found: dict[str, str] = {}
    for node in document.tree.iter("table", "dl"):
        if not _is_specification(node):
            continue
        for name, value in _rows(node) if node.tag == "table" else _definitions(node):
            if 0 < len(name) <= 80 and 0 < len(value) <= 500 and len(found) < MAX_PROPERTIES:
                found.setdefault(name.rstrip(" :："), value)
    return list(found.items())


def _is_specification(node: HtmlElement) -> bool:
    for each in [node, *list(node.iterancestors())[:3]]:
        if _TABLE_HINT.search(f"{each.get('id') or ''} {each.get('class') or ''}"):
            return True
    return False


def _rows(table: HtmlElement) -> Iterator[tuple[str, str]]:
    for row in table.iter("tr"):
        cells = [x for x in row if x.tag in {"th", "td"}]
        if len(cells) == 2:
            yield _flat(cells[0]), _flat(cells[1])


def _definitions(node: HtmlElement) -> Iterator[tuple[str, str]]:
    for term in node.iter("dt"):
        value = term.getnext()
        if value is not None and value.tag == "dd":
            yield _flat(term), _flat(value)


def _flat(node: HtmlElement) -> str:
    return " ".join(element_text(node).split())
