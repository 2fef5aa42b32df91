"""Spider for shops whose pages have schema.org Product data, or look like product pages."""

import logging
from collections.abc import AsyncIterator, Iterable
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse

from crawler.evidence.recorder import GONE_CODES
from crawler.pages.absence import absence_words
from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.product import JSON_LD, ShopProductPage
from crawler.pages.structured.marketplaces import EMBEDDED
from crawler.pages.structured.markup import MICRODATA
from crawler.pages.visible import PRODUCT_PATH, shows_own_price
from crawler.pipeline.deposit import Collected
from crawler.pipeline.mapping import listing_from_product
from crawler.site import clean_url
from crawler.spiders.websites.site import ITEM, NEXT, OTHER, SiteSpider
from labels.taxonomy import Platform

log = logging.getLogger(__name__)


class ShopSpider(SiteSpider):
    """Follows category, pagination and product links within the sites of its start URLs."""

    name = "shop"
    platform: Platform | None = None
    """Platform of the listings; ``None`` derives it from the address."""

    def __init__(
        self,
        urls: str | Iterable[str] = (),
        pages: Iterable[str] = (),
        only: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        self.named = {x for page in pages if (x := clean_url(page))}
        """Pages that become listings whatever they contain."""
        self.only = tuple(only)
        """Parts of an address, one of which a product's must contain; empty for any."""
        given = urls.split() if isinstance(urls, str) else list(urls)
        super().__init__(urls=[*given, *self.named], **kwargs)

    async def parse(
        self, response: Response, page: ShopProductPage, links: ShopNavigationPage
    ) -> AsyncIterator[Any]:
        if response.status not in GONE_CODES:
            self.count("pages")
        if not isinstance(response, TextResponse):
            if response.status in GONE_CODES:
                self.missing(response)
            return
        requested = str(response.meta.get("ruthan_start", ""))
        try:
            if response.status in GONE_CODES:
                if not _shows_product(page):
                    self.missing(response)
                    return
                self.count("pages")
            if (onward := self.led_on(response, page.document)) and not page.is_product:
                yield onward
                return
            page.take_anyway = requested in self.named
            if page.is_product and self.is_wanted(response.url):
                product = await page.to_item()
                assert response.request is not None
                listing = listing_from_product(product, url=response.url, platform=self.platform)
                yield Collected(listing, response.request)
        except Exception as error:
            # A page that our own parser fails on must not lose its links.
            log.exception("cannot read %s", response.url)
            self.note_failure(response.url, f"cannot be read as a product: {error}")
        if page.take_anyway or response.status in GONE_CODES:
            return
        found = [(url, ITEM) for url in links.products]
        if links.next_page:
            found.append((links.next_page, NEXT))
        found += [(url, OTHER) for url in links.others]
        for request in self.onward(response, found):
            yield request

    def page(self, url: str, **kwargs: Any) -> Request:
        # Shops that answer 404 to every page, and show it, would otherwise not be collected.
        meta = {**kwargs.pop("meta", {}), "handle_httpstatus_list": sorted(GONE_CODES)}
        return super().page(url, meta=meta, **kwargs)

    def missing(self, response: Response) -> None:
        """Report a page that the shop says does not exist."""
        reason = f"the shop answered HTTP {response.status}"
        self.note_failure(response.url, reason)
        if start := response.meta.get("ruthan_start"):
            self.start_failures[start] = reason

    def sitemap_priority(self, url: str) -> int:
        return ITEM if PRODUCT_PATH.search(url) else OTHER

    def is_wanted(self, url: str) -> bool:
        """Whether to keep a product at this address."""
        return not self.only or any(part in url for part in self.only)


def _shows_product(page: ShopProductPage) -> bool:
    """Whether a page shows a product although its status says that it does not exist."""
    if page.facts is None or absence_words(page.document):
        return False
    return page.facts.source in _CERTAIN or shows_own_price(page.document)


_CERTAIN = frozenset({JSON_LD, EMBEDDED, MICRODATA})
