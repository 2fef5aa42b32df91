"""Spider for WooCommerce shops, by the Store API, which every shop opens to its own pages."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from crawler.api.answers import Gone, check_status
from crawler.api.shop import ShopApiSpider
from crawler.api.walk import Walk
from crawler.records.woocommerce import woocommerce_product
from labels.schema import Listing

_PATH = "/wp-json/wc/store/v1/products"
_PER_PAGE = 100


class WooCommerceSpider(ShopApiSpider):
    """Pages by number until a page is empty."""

    name = "woocommerce"
    limit_name: ClassVar[str] = "per_page"

    def walks(self) -> Iterable[Walk]:
        for root in self.shops:
            yield Walk(
                target=root,
                url=f"{root}{_PATH}",
                read="read",
                params={"per_page": str(_PER_PAGE), "page": "1"},
                kept={"shop": root},
            )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        if status == 404 and isinstance(data, dict) and data.get("code") == "rest_no_route":
            raise Gone("the shop has no Store API: crawl its pages instead (source: shop)")
        check_status(status, headers, str(data.get("message", "")) if isinstance(data, dict) else "")

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of a page's products."""
        shop = walk.kept["shop"]
        return self.each(walk, data, lambda x: woocommerce_product(x, shop))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        # Read until a page is empty: caches in front of shops often strip X-WP-TotalPages.
        if not data:
            return None
        page = str(int(walk.params["page"]) + 1)
        return walk.onward(page, page=page)
