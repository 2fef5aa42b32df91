"""Product facts from visible elements where markup is missing: headings, prices, descriptions, tables."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import brief_text, element_text, squash, to_text
from crawler.pages.prices import price_in, price_of
from crawler.pages.shown.nesting import outer
from crawler.pages.shown.zones import around_heading, mark_of, texts_of
from crawler.pages.structured.facts import Facts
from labels.letters import letters

VISIBLE = "visible"

_DESCRIPTION_HINTS = (
    "description",
    "product-detail",
    "product_detail",
    "productdetail",
    "prod-desc",
    "รายละเอียด",
)
_BUY = re.compile(
    r"หยิบ(?:ใส่|ลง)(?:ตะกร้า|รถเข็น)|(?:เพิ่ม|ใส่)(?:ลง|ไป)?(?:ใน)?(?:ตะกร้า|รถเข็น)|ใส่รถเข็น|สั่งซื้อ|ซื้อเลย|ซื้อสินค้า|ซื้อทันที|"
    r"add\s*to\s*(?:cart|bag|basket)|buy\s*(?:it\s*)?now|order\s*now",
    re.IGNORECASE,
)
_PRODUCT_PATH = re.compile(
    r"/(?:products?|p|items?|goods|shop/product|สินค้า)/(?:\d+/)?[^/]+/?$|-i\.\d+\.\d+|-i\d+(?:-s\d+)?\.html$|/product[-_][^/]+|"
    r"/product(?:_detail|-detail|_view)?\.php|[?&](?:product_id|pid|productid|item_id)=",
    re.IGNORECASE,
)
"""Typical addresses of product pages."""


def is_product_address(url: str) -> bool:
    """Whether an address is typical of product pages."""
    parts = urlsplit(url)
    return bool(_PRODUCT_PATH.search(unquote(parts.path)) or _PRODUCT_PATH.search(f"?{parts.query}"))


_STATE = re.compile(
    r'"(?:description|desc|longDescription|long_description|descriptionHtml|product_description|content)"'
    r'\s*:\s*"((?:[^"\\]|\\.){40,100000}+)"'
)
_PROBE = 40
_PROBE_WITHIN = 300
_SHORT_PROBE = 8
_SELLER_HINTS = (
    "seller-name", "seller_name", "sellername", "shop-name", "shop_name", "shopname", "store-name",
    "store_name", "storename", "merchant-name", "vendor-name",
)  # fmt: skip
_SELLER_WORD = re.compile(
    r"^(?:ร้านค้า|ร้าน|ผู้ขาย|ขายโดย|จำหน่ายโดย|seller|shop|store|sold by)\s*[:：]\s*", re.IGNORECASE
)
MAX_DESCRIPTION = 100_000
"""Maximum characters; a longer block is the whole page, not a description."""


def visible_facts(document: PageDocument) -> Facts | None:
    """Return the product of a page without product markup, or ``None`` if it does not look like one.

    It needs one heading or title, a price, and either a buy button or a product's address, and must not look
    like a list (many prices and no product's address).
    """
    name = document.headings[0] if document.headings else document.meta("og:title") or document.title
    body = next(document.tree.iter("body"), document.tree)
    price, currency = visible_price(document, element_text(body, without=_is_crossed_out))
    if not price:
        price, currency = price_in(element_text(body))
    if not name or not price:
        return None
    is_product = document.has_url and is_product_address(document.url)
    buttons = _buttons(body)
    if not is_product and (not buttons or len(buttons) > _LIST_BUTTONS or len(document.headings) > 1):
        return None
    return Facts(
        name=name,
        # Without its own block, the description is elsewhere on the page, and the meta tag truncates it.
        description=block_description(document),
        price=price,
        currency=currency,
        seller=document.meta("og:site_name"),
        images=list(dict.fromkeys(document.metas.get("og:image", []))),
        source=VISIBLE,
    )


_LIST_BUTTONS = 3
"""A page with more buy buttons than this, and no product's address, is a list."""


def _buttons(body: HtmlElement) -> list[str]:
    found: list[str] = []
    for node in body.iter("button", "a", "input"):
        label = f"{node.text_content() if node.tag != 'input' else ''} {node.get('value') or ''}"
        if len(label) < 60 and _BUY.search(label):
            found.append(label.strip())
    return found


def visible_price(document: PageDocument, text: str) -> tuple[str, str]:
    """Return price and currency from an element named accordingly, or else the first price in the text."""
    for _, label in _price_labels(document):
        if price := price_of(label):
            return price, "THB" if re.search("฿|บาท|THB", label) or "฿" in text or "บาท" in text else ""
    return price_in(text)


def own_price(document: PageDocument) -> tuple[str, str]:
    """Return the price in baht in an element of the page's product named accordingly, and its currency."""
    own = set(document.own_elements)
    found = (price_in(label) for node, label in _price_labels(document) if node in own)
    return next((x for x in found if x[0]), ("", ""))


def _price_labels(document: PageDocument) -> Iterator[tuple[HtmlElement, str]]:
    for node in outer(document.with_hint("price", "ราคา"), _AROUND):
        if any(_is_crossed_out(x) for x in node.iterancestors()):
            continue
        label = node.get("content") or brief_text(node, _LONGEST_PRICE, _is_crossed_out)
        if len(label) <= _LONGEST_PRICE:
            yield node, label


def _is_crossed_out(node: HtmlElement) -> bool:
    return node.tag in _CROSSED_OUT


_CROSSED_OUT = frozenset({"del", "s", "strike"})
"""Elements that hold the price before a discount."""


_AROUND = 10
"""Elements named alike around a price, a name or a description."""
_LONGEST_PRICE = 59
_LONGEST_SELLER = 100
_LONGEST_BUTTON = 60


def visible_seller(document: PageDocument) -> str:
    """Return the name in an element marked as the seller's, without its label; empty without one."""
    for node in outer(document.with_hint(*_SELLER_HINTS), _AROUND):
        name = _SELLER_WORD.sub("", brief_text(node, 2 * _LONGEST_SELLER))
        if 0 < len(name) <= _LONGEST_SELLER:
            return name
    return ""


def block_description(document: PageDocument) -> str:
    """Return the longest text of a block of the product's named as a description, or an empty string."""
    return _longest(document, _own_blocks(document))


def with_block(document: PageDocument, known: str) -> str:
    """Return a description with the lines that the page's longest separate block adds to it.

    A shop's data often hold only a short description; numbers, contacts and warnings stand in the long one.
    """
    if len(known) > MAX_DESCRIPTION:
        return known
    read, seen, lines = letters(known), set[str](), [known]
    for line in _longest(document, separate_blocks(document)).splitlines():
        # Tags that a page shows as text were taken out of the data.
        own = letters(to_text(line) if "<" in line or "&" in line else line)
        if own and own not in seen and own not in read:
            seen.add(own)
            lines.append(line.strip())
    return "\n".join(lines)


def _longest(document: PageDocument, blocks: Iterable[HtmlElement]) -> str:
    texts = [t for node in blocks if (t := element_text(node, document.row_marks))]
    return max((t for t in texts if len(t) <= MAX_DESCRIPTION), key=len, default="")


def _own_blocks(document: PageDocument) -> list[HtmlElement]:
    own = set(document.own_elements)
    return [x for x in _description_blocks(document) if x in own and not OF_ANOTHER.search(mark_of(x))]


def separate_blocks(document: PageDocument) -> list[HtmlElement]:
    """Return the product's own description blocks, without boxes around its heading or a way to buy."""
    around = around_heading(next(document.tree.iter("body"), document.tree))
    return [
        x
        for x in _own_blocks(document)
        if x not in around
        and next(x.iter("form"), None) is None
        and not any(map(_is_to_buy, x.iter("button")))
        and not _OF_SHOP.search(mark_of(x))
        and not any(_CARD.search(mark_of(y)) for y in islice(x.iterancestors(), _AROUND) if y not in around)
    ]


def _is_to_buy(button: HtmlElement) -> bool:
    """Whether a button orders the product; one inside a description often only unfolds it."""
    return bool(_BUY.search(brief_text(button, _LONGEST_BUTTON)))


_OF_SHOP = re.compile(
    r"(?<![a-z])(?:term|archive|site|footer|shipping|delivery|payment|returns?|refund|warranty|policy|contact|icon-?box)[-_]{0,2}desc",
    re.IGNORECASE,
)
"""Names of descriptions that a shop shows with each of its products."""


_CARD = re.compile(
    r"(?<![a-z])(?:products|product[-_]{0,2}(?:card|item|list|grid|tile|loop)s?)(?![a-z])", re.IGNORECASE
)
"""Names of what holds other products, where the page's heading is not in it."""

OF_ANOTHER = re.compile(
    r"(?<![a-z])(?:reviews?|comments?|ratings?|category|collection|brand|shop|store|seller|vendor|author)[-_]{0,2}desc",
    re.IGNORECASE,
)
"""Names of descriptions of something other than the product."""


def longer_description(document: PageDocument, known: str) -> str:
    """Return the full copy of a description that markup truncates; ``known`` if there is none.

    A block of the page or a string of its embedded state counts only if it begins with the known text, so
    that another product's description is never used.
    """
    probe = squash(re.sub(r"(?:\.\.\.|…)\s*$", "", known))[:_PROBE]
    if len(probe) < _SHORT_PROBE:
        return known
    best = known
    # A few words occur in many texts: only a text that begins with them is a copy.
    within = _PROBE_WITHIN if len(probe) >= _PROBE // 2 else 0
    for text in _copies(document, probe):
        begins = squash(text[: _PROBE_WITHIN + len(known)]).find(probe)
        if 0 <= begins <= within and len(squash(text)) > len(squash(best)) * 1.05:
            best = text
    return best


def _begins_with(node: HtmlElement, probe: str) -> bool:
    """Whether an element's first words hold the probe; most blocks need not be read further."""
    begun = ""
    for part in texts_of(node):
        begun += squash(part)
        if len(begun) > 2 * _PROBE_WITHIN:
            break
    return probe in begun


def _description_blocks(document: PageDocument) -> Iterator[HtmlElement]:
    return outer(document.with_hint(*_DESCRIPTION_HINTS), _AROUND)


def _copies(document: PageDocument, probe: str) -> Iterator[str]:
    for node in _description_blocks(document):
        if not _begins_with(node, probe):
            continue
        text = element_text(node)
        if len(text) <= MAX_DESCRIPTION:
            yield text
    for hit in _STATE.finditer(document.text):
        try:
            text = str(json.loads(f'"{hit.group(1)}"', strict=False))
        except ValueError:
            continue
        if not text.lstrip().startswith(("[{", "{")):  # data in a string, which another reader unpacks
            yield to_text(text)
