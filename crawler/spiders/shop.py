"""The spider for shops whose pages carry schema.org Product data, or look as if they sell one product."""

import logging
from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Response, TextResponse

from crawler.deposit import Collected
from crawler.mapping import listing_from_product
from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.product import ShopProductPage
from crawler.pages.visible import PRODUCT_PATH
from crawler.spiders.site import ITEM, NEXT, OTHER, SiteSpider

log = logging.getLogger(__name__)


class ShopSpider(SiteSpider):
    """Follows category, pagination and product links inside the sites of its start URLs."""

    name = "shop"

    async def parse(
        self, response: Response, page: ShopProductPage, links: ShopNavigationPage
    ) -> AsyncIterator[Any]:
        self.count("pages")
        if not isinstance(response, TextResponse):
            return
        try:
            if page.is_product:
                product = await page.to_item()
                assert response.request is not None
                yield Collected(listing_from_product(product, url=response.url), response.request)
        except Exception as error:
            # A page that our own reading trips over must not cost its links.
            log.exception("cannot read %s", response.url)
            self.note_failure(response.url, f"cannot be read as a product: {error}")
        navigation = await links.to_item()
        for item in navigation.items or []:
            yield self.page(item.url, priority=ITEM)
        if navigation.nextPage:
            yield self.page(navigation.nextPage.url, priority=NEXT)
        for category in navigation.subCategories or []:
            yield self.page(category.url, priority=OTHER)

    def sitemap_priority(self, url: str) -> int:
        return ITEM if PRODUCT_PATH.search(url) else OTHER
