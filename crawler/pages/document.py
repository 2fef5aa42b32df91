"""A page, decoded and parsed once for all page objects."""

import re
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
from crawler.pages.shown.gallery import is_saved_copy
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
from crawler.site import with_query_in
from labels.evidence.decoding import decode_page

NO_URL = "https://page.invalid/"
"""Placeholder address of a page that was saved without one."""

_HEAD = 1_000
"""Characters of a page before its head, at most."""
_SAVED_FROM = "<!-- saved from url="
_SAVED_ADDRESS = re.compile(rf"{_SAVED_FROM}\(\d+\)(https?://[^\s<>]{{1,8000}}) -->", re.IGNORECASE)
_NETWORK = re.compile(
    r"https?://(?:[\w-]+\.)*(?:facebook|instagram|threads|tiktok|twitter|x|youtube)\.(?:com|net)(?=[/?#]|$)",
    re.IGNORECASE,
)
_POST = re.compile(
    r"/(?:posts?|permalink|photos?|videos?|reels?|shorts|live|v|r|tv|status|item|products?|pdp|stories)/[\w@.-]|"
    r"(?<!facebook\.com)/p/[\w-]|[?&](?:story_fbid|fbid|v|multi_permalinks)=\w",
    re.IGNORECASE,
)
"""What names one post of a network.

Its other addresses (feeds, groups, profiles, searches) show changing posts: pages saved there are told apart
by their text.
"""
_OF_A_VISIT = re.compile(
    r"(?<=[?&])(?:__cft__(?:\[|%5B)\d*(?:\]|%5D)|__tn__|mibextid|igsh)=[^&#]*&?", re.IGNORECASE
)
"""Parameters of a post's address that differ each time it is opened."""
INSTANT = 1.0
"""Seconds below which a refresh is a redirect.

Browsers continue before the page can be read, and the WCAG (technique G110) allows no other delay except for
a redirect. With a longer delay, the reader sees the page.
"""


def address_of_one(address: str) -> str:
    """Return the address of a page that a person saved; empty where a network shows changing posts."""
    if not _NETWORK.match(address):
        return address
    return _OF_A_VISIT.sub("", address) if _POST.search(address) else ""


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

    @property
    def text(self) -> str:
        """The decoded page."""
        return self._decoded[0]

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return decode_page(bytes(self.response.body), self.response.headers.get("Content-Type"))

    @property
    def is_fetched(self) -> bool:
        """Whether the address is known that the page was fetched from."""
        return str(self.response.url) != NO_URL

    def is_copy(self, picture: str) -> bool:
        """Whether an address is only that of a copy which the browser saved beside the page."""
        # Not every browser says that it saved a page.
        is_saved = not self.is_fetched or _SAVED_FROM in self.text[:_HEAD]
        # An address that stands in the page is an original.
        return is_saved and is_saved_copy(picture, self.base_url) and picture not in self.text

    @property
    def _saved_from(self) -> str:
        """The address that the browser wrote into a page it saved, or empty."""
        start = self.text.find(_SAVED_FROM, 0, _HEAD)
        found = _SAVED_ADDRESS.match(self.text, start) if start >= 0 else None
        return self._own_address(found[1]) if found else ""

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
        joined = _join(str(self.response.url), self.as_sent(url))
        return joined if joined.startswith(("http://", "https://")) and not joined.startswith(NO_URL) else ""

    @cached_property
    def url(self) -> str:
        """The address the page was fetched from; for a saved page, its declared one or :data:`NO_URL`.

        A page that declares none has the one from which the browser saved it.
        """
        if self.is_fetched:
            return str(self.response.url)
        return next(filter(None, map(self._address_of_one, self._told)), NO_URL)

    @property
    def _told(self) -> tuple[str, str]:
        return self.canonical, self._saved_from

    def _address_of_one(self, address: str) -> str:
        known = address_of_one(address)
        return self._own_address(known) if known else ""

    @property
    def place(self) -> str | None:
        """Where the page was fetched or saved, which may name no single page; ``None`` if unknown."""
        return str(self.response.url) if self.is_fetched else next(filter(None, self._told), None)

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

    def as_sent(self, url: str) -> str:
        """Return an address in the page with its query in the page's encoding."""
        return with_query_in(self._decoded[1], url.strip())

    def absolute(self, url: str) -> str:
        """Make the URL absolute; empty if impossible, as on a page without a known address."""
        joined = _join(self.base_url, self.as_sent(url))
        parts = urlsplit(joined) if joined else None
        if parts is None or parts.scheme not in {"http", "https"}:
            return ""
        return "" if joined.startswith(NO_URL) else joined

    @cached_property
    def refresh(self) -> Refresh | None:
        """Return where the page redirects by itself, as a browser with scripts would; ``None`` if nowhere."""
        ignored = ("script", "noscript", "template", "style")
        encoding = self._decoded[1]
        try:
            of_query = "utf-8" if encoding.startswith("utf") else encoding
            seconds, url = get_meta_refresh(self.text, self.base_url, of_query, ignored)
        except UnicodeEncodeError:  # a letter that the page's encoding lacks
            seconds, url = get_meta_refresh(self.text, self.base_url, "utf-8", ignored)
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
