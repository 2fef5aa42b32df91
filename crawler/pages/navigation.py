"""The links of a page: to products, to the next page, to other parts of the shop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

import attrs
from lxml.html import HtmlElement
from web_poet import field
from zyte_common_items import ProbabilityRequest, ProductNavigationPage, Request

from crawler.pages.document import PageDocument
from crawler.pages.paging import PAGE_NUMBER
from crawler.pages.structured.facts import Node, link
from crawler.pages.visible import is_product_address
from crawler.site import REMEMBERED, clean_url, site_of

_NOT_FOLLOWED = re.compile(
    r"/(?:cart|basket|checkout|login|log-in|signin|sign-in|logout|register|signup|my-?account|account|wishlist|"
    r"compare|order-?tracking|track-order|wp-admin|wp-login\.php|wp-json|feed|xmlrpc\.php|password|recover)(?:[/?.]|$)|"
    r"[?&](?:add-to-cart|add_to_wishlist|add-to-compare|sort|sort_by|orderby|order|dir|limit|per_page|"
    r"filter[\w\[\]-]*|min_price|max_price|replytocom|share)=|"
    r"[?&]view=(?:grid|list|table|tiles?|gallery|compact|large|small|mobile|desktop|print|all|\d+|"
    r"cart|checkout|user|login|registration|profile|remind|reset|wishlist|compare|askquestion)(?:[-_][\w-]*)?(?:&|$)|"
    r"[?&]action=[^&]*(?:add|remove|delete|empty|clear|updat|edit|save|buy|order|cart|basket|checkout|compare|"
    r"wish|favou?rite|log-?_?(?:in|out)|sign-?_?(?:in|out|up)|regist|password|subscribe|repl(?:y|ies)|vote|like|report|send)",
    re.IGNORECASE,
)
"""Addresses that act, need a login, or show the same products in another order."""
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|css|js|json|xml|rss|pdf|docx?|xlsx?|pptx?|zip|rar|7z|gz|apk|exe|"
    r"mp[34]|avi|mov|webm|woff2?|ttf|eot|txt|csv)$",
    re.IGNORECASE,
)
_NEXT_TEXT = re.compile(r"^(?:ถัดไป|หน้าถัดไป|หน้าต่อไป|next|next page|›|»|>|>>|→)\W*$", re.IGNORECASE)
_CARD = re.compile(
    r"\b(?:product|goods|item)[-_]?(?:card|item|tile|box|link|title|name|thumb|list)?\b", re.IGNORECASE
)

MAX_LINKS = 2_000


@attrs.define(slots=False, kw_only=True)
class ShopNavigationPage(ProductNavigationPage):
    """Same-site links, cleaned and deduplicated, in page order."""

    document: PageDocument

    @field
    def url(self) -> str:
        return self.document.url

    @field
    def categoryName(self) -> str | None:
        return self.document.headings[0] if self.document.headings else None

    @field
    def items(self) -> list[ProbabilityRequest] | None:
        return _requests(self.products)

    @field
    def subCategories(self) -> list[ProbabilityRequest] | None:
        return _requests(self.others)

    @field
    def nextPage(self) -> Request | None:
        return Request(url=self.next_page) if self.next_page else None

    @property
    def products(self) -> list[str]:
        """Addresses of products."""
        return self._links[0]

    @cached_property
    def others(self) -> list[str]:
        """Addresses of other parts of the shop."""
        return [x for x in self._links[1] if x != self.next_page]

    @cached_property
    def next_page(self) -> str | None:
        """Address of the next page of a list."""
        for node in [*self.document.tree.iter("link"), *self._anchors]:
            rel = (node.get("rel") or "").lower().split()
            text = _text_of(node).strip() if node.tag == "a" else ""
            label = (node.get("aria-label") or node.get("title") or "").strip()
            if "next" in rel or _NEXT_TEXT.match(text) or _NEXT_TEXT.match(label):
                url = self._followed(node.get("href") or "")
                if url and url != clean_url(self.document.url):
                    return url
        return None

    @cached_property
    def _anchors(self) -> list[HtmlElement]:
        return [x for x in self.document.tree.iter("a") if x.get("href")]

    @cached_property
    def _links(self) -> tuple[list[str], list[str]]:
        """Product links, and all others."""
        products = dict.fromkeys(self._named_products())
        others: dict[str, None] = {}
        own = clean_url(self.document.url)
        if refresh := self.document.refresh:
            others.update(dict.fromkeys(x for x in [self._followed(refresh.url)] if x and x != own))
        for node in self._anchors[:MAX_LINKS]:
            url = self._followed(node.get("href") or "")
            if url is None or url == own or "nofollow" in (node.get("rel") or "").lower().split():
                continue
            if _is_product_link(url, node):
                products[url] = None
            else:
                others[url] = None
        products.pop(own or "", None)
        return list(products), [x for x in others if x not in products]

    def _named_products(self) -> Iterator[str]:
        """Yield the products that the page's JSON-LD lists, with their addresses."""
        own, beside = self.document.products
        nodes: list[Node] = [*own, *beside, *_list_elements(self.document.json_ld)]
        for node in nodes:
            if url := self._followed(link(node.get("url"))):
                yield url

    @cached_property
    def _site(self) -> str | None:
        try:
            return site_of(self.document.url)
        except ValueError:
            return None

    def _followed(self, href: str) -> str | None:
        url = clean_url(self.document.as_sent(href), self.document.base_url) if href else None
        told = _told(url) if url else None
        return url if told is not None and told.site == self._site else None


def _text_of(node: HtmlElement) -> str:
    # Most links hold only text; text_content evaluates an XPath.
    return str(node.text_content()) if len(node) else node.text or ""


@dataclass(frozen=True)
class _Told:
    """What an address alone reveals; ``is_product`` is ``None`` if it is unclear."""

    site: str
    is_product: bool | None


@lru_cache(maxsize=REMEMBERED)
def _told(url: str) -> _Told | None:
    """Classify a cleaned address; ``None`` for one that is not followed."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}"
    if _FILE.search(parts.path) or _NOT_FOLLOWED.search(path):
        return None
    try:
        site = site_of(url)
    except ValueError:
        return None
    if PAGE_NUMBER.search(path):
        return _Told(site, False)
    return _Told(site, True if is_product_address(url) else None)


def _list_elements(documents: object) -> Iterator[Node]:
    stack: list[object] = [documents]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            if value.get("@type") == "ItemList":
                elements = value.get("itemListElement")
                yield from (x for x in elements if isinstance(x, dict)) if isinstance(elements, list) else ()
            stack.append(value.get("@graph"))
            stack.append(value.get("mainEntity"))


def _is_product_link(url: str, node: HtmlElement) -> bool:
    told = _told(url)
    if told is not None and told.is_product is not None:
        return told.is_product
    marks = (
        f"{node.get('class') or ''} {node.getparent().get('class') or ''}"
        if node.getparent() is not None
        else ""
    )
    return bool(_CARD.search(marks))


def _requests(urls: list[str]) -> list[ProbabilityRequest] | None:
    return [ProbabilityRequest(url=x) for x in urls] or None
