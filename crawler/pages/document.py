"""A page, decoded and parsed once for all page objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from w3lib.html import get_meta_refresh
from web_poet import HttpResponse
from web_poet.pages import Injectable

from crawler.pages.plain_text import RowMarks, element_text, parse_html
from crawler.pages.shown.nesting import flatten, outer, outside
from crawler.pages.shown.row_marks import row_marks
from crawler.pages.shown.rows import Row, labelled_rows
from crawler.pages.shown.visibility import is_hidden
from crawler.pages.shown.zones import own_elements
from crawler.pages.structured.embedded import embedded_states
from crawler.pages.structured.facts import Node
from crawler.pages.structured.json_blocks import json_ld
from crawler.pages.structured.main_product import find_products
from crawler.pages.structured.microdata import Item, microdata_items
from labels.evidence.decoding import decode_page

NO_URL = "https://page.invalid/"
"""Placeholder address of a page that was saved without one."""

_HEAD = 1_000
"""Characters of a page before its head, at most."""
INSTANT = 1.0
"""Seconds below which a refresh is a redirect.

Browsers continue before the page can be read, and the WCAG (technique G110) allows no other delay except for
a redirect. With a longer delay, the reader sees the page.
"""


@dataclass(frozen=True)
class Refresh:
    """Target and delay of ``<meta http-equiv="refresh">``."""

    url: str
    seconds: float

    @property
    def is_instant(self) -> bool:
        """Whether browsers show the target instead of the page."""
        return self.seconds < INSTANT


class PageDocument(Injectable):
    """Text, tree, metadata and JSON-LD of one response, each computed on first use."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response

    @cached_property
    def text(self) -> str:
        """The decoded page."""
        return decode_page(bytes(self.response.body), self.response.headers.get("Content-Type"))[0]

    @property
    def is_saved(self) -> bool:
        """Whether a browser saved the page together with its pictures, and said so at its beginning."""
        return "<!-- saved from url=" in self.text[:_HEAD]

    @cached_property
    def tree(self) -> HtmlElement:
        """The parsed page, no deeper than :data:`~crawler.pages.shown.nesting.DEEPEST`."""
        tree = parse_html(self.text)
        self._is_flattened = flatten(tree)
        return tree

    @cached_property
    def json_ld(self) -> list[Any]:
        """The JSON-LD documents; broken ones are repaired where possible."""
        return json_ld(self.text)

    @cached_property
    def states(self) -> list[Any]:
        """The data that the page's own scripts start from."""
        return embedded_states(self.text)

    @cached_property
    def own_elements(self) -> list[HtmlElement]:
        """The elements about the page's own product, without menus, other products or reviews."""
        return list(own_elements(self.tree))

    @cached_property
    def rows(self) -> list[Row]:
        """The labelled rows shown on the page."""
        return labelled_rows(self.own_elements)

    @cached_property
    def row_marks(self) -> RowMarks:
        """The elements of these rows, and of rows whose labels are unknown."""
        return row_marks(self.rows, self.own_elements)

    @cached_property
    def products(self) -> tuple[list[Node], list[Node]]:
        """The standalone JSON-LD products, and those mentioned along with them."""
        return find_products(self.json_ld)

    @cached_property
    def microdata(self) -> list[Item]:
        """The items of the page's microdata, however deep."""
        if "itemscope" not in self.text.lower():
            return []
        base_url = self.base_url
        return microdata_items(parse_html(self.text) if self._is_flattened else self.tree, base_url)

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """``<meta>`` contents by lower-case property or name, in order."""
        found: dict[str, list[str]] = {}
        for node in self.tree.iter("meta"):
            content = (node.get("content") or "").strip()
            for key in {node.get("property"), node.get("name"), node.get("itemprop")} - {None}:
                if content and key:
                    found.setdefault(key.strip().lower(), []).append(content)
        return found

    def meta(self, *names: str) -> str:
        """Return the first content of the first of these names that the page has, or an empty string."""
        return next((self.metas[name][0] for name in names if name in self.metas), "")

    @cached_property
    def canonical(self) -> str:
        """The page's declared address (``rel=canonical`` or ``og:url``), absolute, or empty."""
        for node in self.tree.iter("link"):
            if "canonical" in (node.get("rel") or "").lower().split() and node.get("href"):
                return self._own_address(node.get("href") or "")
        return self._own_address(self.meta("og:url")) if self.meta("og:url") else ""

    def _own_address(self, url: str) -> str:
        joined = _join(str(self.response.url), url.strip())
        return joined if joined.startswith(("http://", "https://")) and not joined.startswith(NO_URL) else ""

    @cached_property
    def url(self) -> str:
        """The address the page was fetched from; for a saved page, its declared one or :data:`NO_URL`."""
        fetched = str(self.response.url)
        return self.canonical or fetched if fetched == NO_URL else fetched

    @property
    def has_url(self) -> bool:
        """Whether the page's address is known."""
        return urlsplit(self.url).hostname != urlsplit(NO_URL).hostname

    @cached_property
    def base_url(self) -> str:
        """The base of relative links."""
        for node in self.tree.iter("base"):
            if node.get("href"):
                return _join(self.url, node.get("href") or "") or self.url
        return self.url

    def absolute(self, url: str) -> str:
        """Make the URL absolute; empty if impossible, as on a page without a known address."""
        joined = _join(self.base_url, url.strip())
        parts = urlsplit(joined) if joined else None
        if parts is None or parts.scheme not in {"http", "https"}:
            return ""
        return "" if joined.startswith(NO_URL) else joined

    @cached_property
    def refresh(self) -> Refresh | None:
        """Return where the page redirects by itself, as a browser with scripts would; ``None`` if nowhere."""
        seconds, url = get_meta_refresh(
            self.text, self.base_url, ignore_tags=("script", "noscript", "template", "style")
        )
        target = self.absolute(url) if url else ""
        return Refresh(target, seconds or 0.0) if target else None

    @cached_property
    def headings(self) -> list[str]:
        """Texts of the ``<h1>`` elements: the visible ones, or else those that the page hides by itself."""
        texts = {x: text for x in outer(self.tree.iter("h1")) if (text := " ".join(element_text(x).split()))}
        shown = outside(texts, is_hidden)
        return [texts[node] for node in shown] or list(texts.values())

    @cached_property
    def title(self) -> str:
        """Text of ``<title>``."""
        node = next(self.tree.iter("title"), None)
        return " ".join((node.text_content() or "").split()) if node is not None else ""

    def with_hint(self, *hints: str) -> Iterator[HtmlElement]:
        """Yield the body's elements whose id, class or itemprop contains one of these words."""
        for node in self.tree.iter(
            "div", "section", "article", "p", "span", "td", "ul", "table", "dl", "main"
        ):
            if not node.attrib:
                continue
            mark = f"{node.get('id') or ''} {node.get('class') or ''} {node.get('itemprop') or ''}".lower()
            if any(hint in mark for hint in hints):
                yield node


def _join(base: str, url: str) -> str:
    try:
        joined = urljoin(base, url)
        urlsplit(joined)
    except ValueError:
        return ""
    return joined
