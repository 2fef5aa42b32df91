"""Spider for shops whose pages have schema.org Product data, or look like product pages."""

import logging
from collections.abc import AsyncIterator, Iterable
from typing import Any

from scrapy.http import Response, TextResponse

from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.product import ShopProductPage
from crawler.pages.visible import is_product_address
from crawler.pipeline.deposit import Collected
from crawler.pipeline.mapping import listing_from_product
from crawler.site import clean_url, holds_any
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
        self.count("pages")
        if not isinstance(response, TextResponse):
            return
        requested = str(response.meta.get("ruthan_start", ""))
        try:
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
        if page.take_anyway:
            return
        found = [(url, ITEM) for url in links.products]
        if links.next_page:
            found.append((links.next_page, NEXT))
        found += [(url, OTHER) for url in links.others]
        for request in self.onward(response, found):
            yield request

    def sitemap_priority(self, url: str) -> int:
        return ITEM if is_product_address(url) else OTHER

    def is_wanted(self, url: str) -> bool:
        """Whether to keep a product at this address."""
        return not self.only or holds_any(url, self.only)
