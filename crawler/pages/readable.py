"""Readable text of pages that no other reader recognizes: sales pages, posts, hand-built adverts."""

import re
from itertools import islice
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.absence import absence_words
from crawler.pages.barrier import barrier
from crawler.pages.document import PageDocument
from crawler.pages.plain_text import RowMarks, element_text, squash
from crawler.pages.prices import BAHT
from crawler.pages.shown.nesting import outer
from crawler.pages.shown.zones import mark_of, short_text
from crawler.pages.structured.facts import Facts
from crawler.pages.visible import MAX_DESCRIPTION, is_product_address, visible_price

READABLE = "readable"

_OFFER = re.compile(
    r"สั่งซื้อ|สั่งเลย|สั่งได้ที่|สนใจ(?:สั่ง|ทัก|ติดต่อ|สินค้า)|ทัก(?:ไลน์|แชท|แชต|อินบ็อก|inbox)|แอดไลน์|(?:ไลน์|line)\s*(?:id|ไอดี|@|:|：)|"
    r"เก็บ(?:เงิน)?ปลายทาง|ส่งฟรี|พร้อมส่ง|(?:โปรโมชั่น|โปร|ราคา)[^\n]{0,30}\d|"
    r"โทร[^\n]{0,12}0\d|\b0[689]\d[- ]?\d{3}[- ]?\d{4}\b|"
    r"add\s*to\s*cart|buy\s*now|order\s*(?:now|via|at)",
    re.IGNORECASE,
)
"""Words with which a page offers something for sale."""

_FRAME = re.compile(
    r"\b(?:nav|navbar|menu|footer|header|sidebar|breadcrumbs?|cookie|consent|(?<!elementor-)widget|related|recommend\w*|similar|upsells?|share|pagination)\b",
    re.IGNORECASE,
)
_FRAME_TAGS = frozenset({"nav", "footer", "aside"})
_PERHAPS_FRAMES = frozenset({"form", "header"})
"""Elements that may hold the page's text; some sites put the whole page into a form."""
_NO_TEXT = frozenset({*_FRAME_TAGS, "a", "button", "label"})
_FIELDS = frozenset({"input", "select", "textarea"})
_NO_FIELDS = frozenset({"hidden", "submit", "button", "image", "reset"})
_MUCH = 80
"""Letters for each field of a form that is more than a form."""
_MOST_AROUND = 3
_SHORTEST = 40
_MOSTLY_LINKS = 0.5
_MANY_PRICES = 8
_LONGEST_LABEL = 80


def readable_facts(document: PageDocument, *, anyway: bool = False) -> Facts | None:
    """Return the title, price and running text of a page that offers something, or ``None``.

    A page offers something if its address is a product's or its text says so, and if it is no list of links
    or prices. ``anyway`` accepts any page with text, because a person named it.
    """
    body = next(document.tree.iter("body"), document.tree)
    running = _running(body, document.row_marks)
    main = running.text
    if len(squash(main)) < (1 if anyway else _SHORTEST):
        return None
    if not anyway and not _offers(document, running):
        return None
    name = document.headings[0] if document.headings else document.meta("og:title") or document.title
    price, currency = visible_price(document, main)
    return Facts(
        name=name,
        description=_without_title(main, name)[:MAX_DESCRIPTION],
        price=price,
        currency=currency,
        seller=document.meta("og:site_name", "author"),
        images=list(dict.fromkeys(document.metas.get("og:image", []) or _images(body))),
        source=READABLE,
    )


def main_text(document: PageDocument) -> str:
    """Return a page's running text without menus, other products and its title."""
    body = next(document.tree.iter("body"), document.tree)
    text = _running(body, document.row_marks).text
    return _without_title(text, document.headings[0] if document.headings else "")[:MAX_DESCRIPTION]


class _Running(NamedTuple):
    """The text without menus and the like, how many letters of it are in links, and the words of buttons."""

    text: str
    linked: int
    buttons: str


def _offers(document: PageDocument, running: _Running) -> bool:
    offers = bool(_OFFER.search(running.text) or _OFFER.search(running.buttons))
    if document.has_url and is_product_address(document.url):
        # A product's address may show a login wall, or say that the product is gone.
        return offers or not (barrier(document) or absence_words(document))
    is_linked = running.linked > _MOSTLY_LINKS * len(squash(running.text))
    return offers and not is_linked and len(BAHT.findall(running.text)) <= _MANY_PRICES


def _running(body: HtmlElement, rows: RowMarks) -> _Running:
    marked = islice(outer(body.iter("article", "main"), 1), 20)
    texts = {x: text for x in marked if len(squash(text := element_text(x))) >= _SHORTEST}
    root = max(texts, key=lambda x: len(texts[x]), default=body)
    frames: set[HtmlElement] = set()
    links: list[HtmlElement] = []
    buttons: list[str] = []
    walk = etree.iterwalk(root, events=("start",))
    for _, node in walk:
        if node is not root and _is_frame(node):
            frames.add(node)
            walk.skip_subtree()
        elif node.tag == "a":
            links.append(node)
        elif node.tag == "button":
            buttons.append(short_text(node, _LONGEST_LABEL))
    linked = sum(len(squash(element_text(x, without=frames.__contains__))) for x in outer(links, 1))
    return _Running(element_text(root, rows, frames.__contains__), linked, "\n".join(buttons))


def _is_frame(node: HtmlElement) -> bool:
    if node.tag in _FRAME_TAGS or _FRAME.search(mark_of(node)):
        return True
    return node.tag in _PERHAPS_FRAMES and not _holds_text(node)


def _holds_text(node: HtmlElement) -> bool:
    """Whether a form or header has much text for its fields, and more than its links, buttons and labels."""
    if sum(x.tag in _PERHAPS_FRAMES for x in node.iterancestors()) >= _MOST_AROUND:
        return False  # each reads the text once more

    def is_no_text(each: HtmlElement) -> bool:
        return each is not node and (each.tag in _NO_TEXT or bool(_FRAME.search(mark_of(each))))

    size = len(squash(element_text(node, without=is_no_text)))
    fields = sum((x.get("type") or "").strip().lower() not in _NO_FIELDS for x in node.iter(*_FIELDS))
    return size >= max(_SHORTEST, _MUCH * fields) and 2 * size > len(squash(element_text(node)))


def _without_title(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    return rest.strip() if title and squash(first) == squash(title) and rest.strip() else text


def _images(body: HtmlElement) -> list[str]:
    return [
        src for x in body.iter("img") if (src := x.get("src") or x.get("data-src")) and "data:" not in src
    ]
