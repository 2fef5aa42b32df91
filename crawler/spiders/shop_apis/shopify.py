"""Spider for Shopify shops: ``/products.json`` and ``/collections/HANDLE/products.json``."""

from collections.abc import Iterable, Iterator
from typing import Any

from crawler.api.shop import ShopApiSpider
from crawler.api.walk import Walk
from crawler.plan.watches import ShopifyWatch
from crawler.records.shopify import shopify_product
from labels.schema import Listing

_PER_PAGE = 250
"""Maximum page size."""


class ShopifySpider(ShopApiSpider):
    """Pages by number until a page is empty, as these files require."""

    name = "shopify"

    def __init__(self, watch: ShopifyWatch, **kwargs: Any) -> None:
        super().__init__(watch=watch, **kwargs)
        self.watch = watch

    def walks(self) -> Iterable[Walk]:
        paths = [f"/collections/{x}/products.json" for x in self.watch.collections] or ["/products.json"]
        for shop in self.shops:
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
        """Yield the listings of a page's products."""
        shop = walk.kept["shop"]
        return self.each(walk, data["products"], lambda x: shopify_product(x, shop, self.watch.currency))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        if not data["products"]:
            return None
        page = str(int(walk.params["page"]) + 1)
        return walk.onward(page, page=page)
