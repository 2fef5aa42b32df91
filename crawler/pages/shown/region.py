"""The part of a page that is about its product and nothing else."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.prices import BAHT
from crawler.pages.shown.visibility import visible
from crawler.pages.shown.zones import leads_away, mark_of, short_text, texts_of

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_LEFT_OUT: Final = frozenset({"header", "dialog", "label", "input", "textarea", "video", "audio"})
_OF_OTHERS: Final = re.compile(
    r"รีวิว|ความ(?:คิด)?เห็น|คอมเมนต์|เสียงตอบรับ|ถาม|คำถาม|ผู้(?:ใช้|ซื้อ)(?:จริง|รายอื่น)|ลูกค้า|คะแนน|"
    r"(?:ที่|ซึ่ง)?เกี่ยวข้อง|แนะนำ|ใกล้เคียง|คล้าย|อื่น|ซื้อ(?:คู่|ร่วม|ด้วย)|คู่กัน|คุณอาจ|ที่คุณ|ดูล่าสุด|เพิ่งดู|ขายดี|ยอดนิยม|มาใหม่|"
    r"สินค้าทั้งหมด|บทความ|ข่าว|โปรโมชั่น|จัดส่ง|คุกกี้|"
    r"review|comment|testimonial|rating|feedback|question|q\s*&\s*a|faq|related|similar|recommend|also|"
    r"other|more\s+from|recent|together|pair|complete|best\s*sell|popular|trending|new\s+arriv|you\s+may|you\s+might|for\s+you|"
    r"inspired|compare|sponsored|customers?|blog|article|news|shipping|deliver|return|cookie",
    re.IGNORECASE,
)
"""Words in the headings of other products, of other people's words, and of the shop's own matters."""
_FOREIGN_NAMES: Final = re.compile(
    r"review|comment|testimonial|rating|question|q-?and-?a|qna|faq|related|recommend|similar|upsell|cross-?sell|also|recent|"
    r"sidebar|footer|header(?!s)|navbar|breadcrumb|menu|cookie|consent|newsletter|subscri|popup|modal|drawer|minicart|mini-cart|"
    r"seller|vendor|store-?info|shop-?info|shipping|delivery|promo|banner|advert|sponsor|trending|best-?sell|bundle|"
    r"compare|wishlist|share|social|toast|alert|tooltip|carousel-?products?|product-?(?:carousel|slider|grid|list)",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"title|heading", re.IGNORECASE)
_CLOSEST: Final = 12
_SIBLINGS: Final = 400
_LONGEST_HEADING: Final = 120
_LONGEST_CARD: Final = 300
_CARD_LEVELS: Final = 4


@dataclass(frozen=True)
class Region:
    """The elements that may be the product's, and those that are the outermost of its blocks."""

    elements: frozenset[HtmlElement]
    block: HtmlElement
    """The smallest block with the page's heading and what the product is bought with."""
    descriptions: tuple[HtmlElement, ...]
    """Blocks that are named as a description, elsewhere."""


def own_region(
    own: Iterable[HtmlElement],
    bought: Iterable[HtmlElement],
    described: Iterable[HtmlElement],
    leads_to_product: Callable[[str], bool],
) -> Region | None:
    """Return the product's own region; ``None`` if the page has several headings, or none near ``bought``.

    ``own`` are the page's own elements in document order, ``bought`` buttons and prices, ``described`` blocks
    that may be a description. What the page hides, headers, links, other products and other people's words
    are left out: what cannot be told apart is not said to be the product's. A whole page is a region only if
    it has no links to other products.
    """
    shown = list(visible(own))
    headings = [x for x in shown if x.tag == "h1" and any(True for _ in texts_of(x))]
    if len(headings) != 1:
        return None
    above = list(headings[0].iterancestors())
    around = {*above, headings[0]}
    kept = _kept(shown, around, leads_to_product)
    block = _closest(shown, above, kept.intersection(bought))
    if block is None or (block.tag == "body" and any(map(leads_to_product, _links(block)))):
        return None
    blocks: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    candidates = kept.intersection(described) - around
    for node in shown:
        if node.getparent() in inside:
            inside.add(node)
        elif node in candidates or node is block:
            inside.add(node)
            if node is not block:
                blocks.append(node)
    kinds = Counter(kind_of(x) for x in blocks)
    single = tuple(x for x in blocks if kinds[kind_of(x)] == 1)
    return Region(frozenset(kept), block, single)


def _links(node: HtmlElement) -> Iterator[str]:
    return (x.get("href") or "" for x in node.iter("a"))


def _closest(
    shown: list[HtmlElement], above: list[HtmlElement], bought: Collection[HtmlElement]
) -> HtmlElement | None:
    """Return the closest element above the heading with one of ``bought``."""
    nearest = {x: number for number, x in enumerate(above)}
    levels: dict[HtmlElement, int] = {}
    best = len(above)
    for node in shown:
        parent = node.getparent()
        levels[node] = (
            nearest[node] if node in nearest else levels.get(parent, best) if parent is not None else best
        )
        if node in bought:
            best = min(best, levels[node])
    return above[best] if best < len(above) and above[best].tag != "html" else None


def _kept(
    shown: list[HtmlElement], around: set[HtmlElement], leads_to_product: Callable[[str], bool]
) -> set[HtmlElement]:
    left_out = _sections_of_others(shown, around) | _cards(shown, around, leads_to_product)
    kept: set[HtmlElement] = set()
    for node in shown:
        if node.tag != "body" and node.getparent() not in kept:
            continue
        if node in around or not (node in left_out or _is_apart(node)):
            kept.add(node)
    return kept


def _is_apart(node: HtmlElement) -> bool:
    return node.tag in _LEFT_OUT or (bool(node.attrib) and bool(_FOREIGN_NAMES.search(mark_of(node))))


def _sections_of_others(shown: list[HtmlElement], around: set[HtmlElement]) -> set[HtmlElement]:
    """Return what stands under a heading of other products or other people's words."""
    found: set[HtmlElement] = set()
    for node in shown:
        if node in around or node in found or node.tag == "h1" or not _is_heading(node):
            continue
        if not _OF_OTHERS.search(short_text(node, _LONGEST_HEADING)):
            continue
        each = node
        for _ in range(_CLOSEST):
            found.add(each)
            found.update(_following(each, around))
            parent = each.getparent()
            if parent is None or parent in around or not _is_first(each, parent):
                break
            each = parent
    return found


def _is_heading(node: HtmlElement) -> bool:
    if node.tag in _HEADINGS or node.tag in {"summary", "legend", "caption", "dt"}:
        return True
    return bool(node.attrib) and bool(_TITLE.search(mark_of(node)))


def _following(node: HtmlElement, around: set[HtmlElement]) -> list[HtmlElement]:
    """Return the elements after a heading, until one that holds another."""
    found: list[HtmlElement] = []
    for each in islice(node.itersiblings(), _SIBLINGS):
        if each in around or (isinstance(each.tag, str) and next(each.iter(*_HEADINGS), None) is not None):
            break
        found.append(each)
    return found


def _is_first(node: HtmlElement, parent: HtmlElement) -> bool:
    return not (parent.text or "").strip() and not any(
        short_text(x, 1_000) or (x.tail or "").strip() for x in islice(node.itersiblings(preceding=True), 5)
    )


def _cards(
    shown: list[HtmlElement], around: set[HtmlElement], leads_to_product: Callable[[str], bool]
) -> set[HtmlElement]:
    """Return what repeats with a link away or a price, and short texts that link to a product."""
    found: set[HtmlElement] = set()
    marked: dict[HtmlElement, None] = {}
    for node in shown:
        links = [x for x in node if x.tag == "a" and leads_away(x.get("href") or "")]
        if not links and not (not len(node) and BAHT.search((node.text or "")[:_LONGEST_HEADING])):
            continue
        each: HtmlElement | None = node
        while each is not None and each not in marked and each not in around:
            marked[each] = None
            each = each.getparent()
        if any(leads_to_product(x.get("href") or "") for x in links):
            found.update(_short_ones(node, around))
    kinds: dict[tuple[HtmlElement, tuple[str, str]], list[HtmlElement]] = {}
    for node in marked:
        parent = node.getparent()
        if parent is not None:
            kinds.setdefault((parent, kind_of(node)), []).append(node)
    found.update(x for group in kinds.values() if len(group) > 1 for x in group)
    return found


def _short_ones(node: HtmlElement, around: set[HtmlElement]) -> Iterator[HtmlElement]:
    """Yield an element with a link, and those around it that say little more: one card."""
    yield node
    for each in islice(node.iterancestors(), _CARD_LEVELS):
        if each in around or not short_text(each, _LONGEST_CARD):
            break
        yield each


def kind_of(node: HtmlElement) -> tuple[str, str]:
    return node.tag, node.get("class") or ""
