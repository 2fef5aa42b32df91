"""Spider for shops on LINE SHOPPING that gave us their own key, by the open API of MyShop.

https://developers-oaplus.line.biz
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crawler.api.answers import ApiError, Busy, Gone, Refused, check_status, wait_of
from crawler.api.open_platform import OpenPlatformSpider
from crawler.api.tokens import LineShoppingOptions
from crawler.api.walk import Walk
from crawler.plan.watches import LineShoppingWatch
from crawler.records.line_shopping import line_shopping_product
from labels.schema import Listing

_PER_PAGE = 100


class LineShoppingSpider(OpenPlatformSpider[LineShoppingOptions]):
    """Pages by number. A key does not expire; the shop can revoke it."""

    name = "line_shopping"
    platform_name = "LINE SHOPPING"
    key_header = "X-API-KEY"
    renewable = False

    def __init__(self, watch: LineShoppingWatch, **kwargs: Any) -> None:
        super().__init__(shops=watch.shops, options=LineShoppingOptions(), **kwargs)

    def walks(self) -> Iterable[Walk]:
        for shop in self.open_shops():
            yield Walk(
                target=self.target(shop),
                url=f"{self.api_url}/myshop/v1/products",
                read="read",
                params={"page": "1", "perPage": str(_PER_PAGE)},
                kept={"shop": shop},
            )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        if status < 400:
            check_status(status, headers)
            return
        said = data if isinstance(data, dict) else {}
        message = f"{said.get('message') or 'no message'} ({said.get('code') or f'HTTP {status}'})"
        if status in {401, 403}:
            raise Refused(f"the key is not accepted: {message}")
        if status == 429 or status >= 500:
            raise Busy(message, wait_of(headers))
        if status == 404:
            raise Gone(message)
        raise ApiError(message)

    def read(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of products that the shop shows."""
        return self.each(walk, data["data"], lambda x: line_shopping_product(x, walk.kept["shop"]))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        page = int(walk.params["page"])
        # A page may hold only hidden products; only an empty one is the end, whatever the numbers say.
        if not data["data"] or page >= int(data.get("totalPage") or 0):
            return None
        return walk.onward(str(page + 1), page=str(page + 1))
