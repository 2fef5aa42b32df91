"""Public JSON of shops, crawled as politely as their pages."""

from typing import Any, ClassVar

from crawler.api.spider import ApiSpider
from crawler.plan.watches import ShopifyWatch, WooCommerceWatch
from crawler.site import site_of


class ShopApiSpider(ApiSpider):
    """Spider without a token: obeys robots.txt and paces itself with AutoThrottle."""

    by_token: ClassVar[bool] = False
    custom_settings = {"DEPTH_LIMIT": 0}  # noqa: RUF012 (Scrapy declares it)

    def __init__(self, watch: ShopifyWatch | WooCommerceWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shops = [x.rstrip("/") for x in watch.shops]
        self.api_url = self.shops[0]

    @property
    def sites(self) -> set[str]:
        return {site_of(x) for x in self.shops}
