"""The spider for Shopify shops: ``/products.json`` and ``/collections/HANDLE/products.json``."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from crawler.api.spider import ApiSpider
from crawler.api.walk import Walk
from crawler.mapping import listing_from_product
from crawler.plan.watches import ShopifyWatch
from crawler.records.shopify import shopify_product
from crawler.site import site_of
from labels.schema import Listing

_PER_PAGE = 250
"""The most that a page holds."""


class ShopifySpider(ApiSpider):
    """Pages by number until a page is empty, as these files are paged."""

    name = "shopify"
    by_token: ClassVar[bool] = False

    def __init__(self, watch: ShopifyWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch
        self.api_url = watch.shops[0]

    @property
    def sites(self) -> set[str]:
        return {site_of(x) for x in self.watch.shops}

    def walks(self) -> Iterable[Walk]:
        paths = [f"/collections/{x}/products.json" for x in self.watch.collections] or ["/products.json"]
        for shop in self.watch.shops:
            root = "/".join(shop.split("/", 3)[:3])
            for path in paths:
                yield Walk(
                    target=f"{root}{path}",
                    url=f"{root}{path}",
                    read="read",
                    params={"limit": str(_PER_PAGE), "page": "1"},
                    kept={"shop": root},
                )

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Listings of a page's products."""
        shop = walk.kept["shop"]
        for record in data["products"]:
            product = shopify_product(record, shop, self.watch.currency)
            yield listing_from_product(product, url=product.url)

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        if not data["products"]:
            return None
        page = str(int(walk.params["page"]) + 1)
        return walk.onward(page, page=page)
