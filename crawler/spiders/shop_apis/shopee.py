"""Spider for shops on Shopee that authorized us, by the Open Platform API v2.

https://open.shopee.com/documents/v2/v2.product.get_item_list and …get_item_base_info, …get_model_list
"""

import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from scrapy import Request

from crawler.api.answers import ApiError, Busy, Gone, Refused, WrongKey, check_status, wait_of
from crawler.api.grants import Grant
from crawler.api.open_platform import OpenPlatformSpider
from crawler.api.signatures import shopee_signature
from crawler.api.tokens import ShopeeOptions
from crawler.api.walk import Walk
from crawler.plan.watches import ShopeeWatch
from crawler.records.shopee import shopee_item
from labels.schema import Listing

_PER_PAGE = 100
_PER_DETAIL = 50
"""Maximum items per ``get_item_base_info``."""
_REFUSED = {
    "error_auth",
    "invalid_access_token",
    "invalid_acceess_token",
    "error_permission",
}  # (their spelling)
_BUSY = {
    "error_busy", "error_get_shop_fail", "error_inner", "error_limit", "error_network", "error_rate_limit",
    "error_server", "error_system_busy", "error_too_many_request", "error_too_many_requests",
}  # fmt: skip
_GONE = {"error_item_not_found", "error_not_found"}
_DELETED = {"SELLER_DELETE", "SHOPEE_DELETE", "DELETED"}


class ShopeeSpider(OpenPlatformSpider[ShopeeOptions]):
    """Requests the shop's name, lists its items, and reads them by fifties and variations one by one."""

    name = "shopee"
    platform_name = "Shopee"

    def __init__(self, watch: ShopeeWatch, **kwargs: Any) -> None:
        super().__init__(shops=watch.shops, options=ShopeeOptions(), **kwargs)

    def signature(self, shop: str, path: str, params: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        token = self.token_of(shop)
        return {**self._signed(path, token, shop), "access_token": token, "shop_id": shop}

    def grant_request(self, shop: str, grant: Grant) -> Request:
        path = "/api/v2/auth/token/get" if grant.code else "/api/v2/auth/access_token/get"
        given = {"code": grant.code} if grant.code else {"refresh_token": grant.refresh_token}
        body = {**given, "shop_id": int(shop), "partner_id": int(self.options.partner_id)}
        return Request(
            f"{self.api_url}{path}?{urlencode(self._signed(path))}",
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body),
        )

    def grant_from(self, data: Any) -> Grant:
        return Grant(
            access_token=str(data["access_token"]),
            refresh_token=str(data["refresh_token"]),
            expires_at=time.time() + float(data.get("expire_in") or 0),
        )

    def walks(self) -> Iterable[Walk]:
        for shop in self.open_shops():
            yield Walk(
                target=self.target(shop),
                url=f"{self.api_url}/api/v2/shop/get_shop_info",
                read="read_shop",
                kept={"shop": shop},
            )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        error = str(data.get("error") or "") if isinstance(data, dict) else ""
        if not error:
            check_status(status, headers)
            return
        said = str(data.get("message") or "no message")
        message = f"{said} ({error}, request {data.get('request_id') or 'without id'})"
        lowered = said.lower()
        if error == "error_sign" or (error == "error_param" and "partner_id" in lowered):
            raise WrongKey(f"not signed as Shopee expects, see RUTHAN_SHOPEE_PARTNER_ID and _KEY: {message}")
        if error in _REFUSED or (error == "error_param" and "access_token" in lowered):
            raise Refused(message)
        if error in _BUSY or status == 429:
            raise Busy(message, wait_of(headers))
        if error in _GONE or "not found" in lowered or "not exist" in lowered:
            raise Gone(message)
        if "timestamp" in lowered:
            raise ApiError(f"this machine's clock and Shopee's differ by more than five minutes: {message}")
        raise ApiError(message)

    def read_shop(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the list of the shop's items on sale."""
        yield Walk(
            target=walk.target,
            url=f"{self.api_url}/api/v2/product/get_item_list",
            read="read_list",
            params={"offset": "0", "page_size": str(_PER_PAGE), "item_status": "NORMAL"},
            kept={**walk.kept, "name": str(data.get("shop_name") or "")},
            on_this=True,
        )

    def read_list(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield a page's items, in groups."""
        ids = [str(x["item_id"]) for x in data["response"].get("item") or []]
        for at in range(0, len(ids), _PER_DETAIL):
            yield self._details(walk, ids[at : at + _PER_DETAIL])

    def read_items(self, data: Any, walk: Walk) -> Iterator[Listing | Walk]:
        """Yield the listings of items; count those deleted since the list was made."""
        found = [x for x in data["response"].get("item_list") or [] if x.get("item_status") not in _DELETED]
        for _ in range(len(walk.kept["items"]) - len(found)):
            self.count("gone")
        shop, name = walk.kept["shop"], walk.kept["name"]
        yield from self.each(
            walk, [x for x in found if not x.get("has_model")], lambda x: shopee_item(x, shop, name)
        )
        for item in found:
            if item.get("has_model"):
                yield Walk(
                    target=f"{self.target(shop)} item {item['item_id']}",
                    url=f"{self.api_url}/api/v2/product/get_model_list",
                    read="read_models",
                    params={"item_id": str(item["item_id"])},
                    kept={"shop": shop, "name": name, "item": item},
                    on_this=True,
                    named=False,
                )

    def read_models(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listing of an item with variations: only these have prices and names."""
        kept = walk.kept
        return self.each(
            walk, [kept["item"]], lambda x: shopee_item(x, kept["shop"], kept["name"], data["response"])
        )

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        if walk.read != "read_list" or not data["response"].get("has_next_page"):
            return None
        offset = str(data["response"].get("next_offset") or int(walk.params["offset"]) + _PER_PAGE)
        return walk.onward(offset, offset=offset)

    async def _see_to(self, trouble: ApiError, walk: Walk, asked: Request) -> AsyncIterator[Any]:
        ids = walk.kept.get("items", [])
        if isinstance(trouble, Gone) and len(ids) > 1:
            # A single deleted item may cause the whole group to be refused.
            half = len(ids) // 2
            yield self.ask(self._details(walk, ids[:half]))
            yield self.ask(self._details(walk, ids[half:]))
            return
        async for request in super()._see_to(trouble, walk, asked):
            yield request

    def _details(self, walk: Walk, ids: list[str]) -> Walk:
        return Walk(
            target=walk.target,
            url=f"{self.api_url}/api/v2/product/get_item_base_info",
            read="read_items",
            params={"item_id_list": ",".join(ids)},
            kept={"shop": walk.kept["shop"], "name": walk.kept["name"], "items": ids},
            rests_on=walk.rests_on,
            named=False,
        )

    def _signed(self, path: str, token: str = "", shop: str = "") -> dict[str, str]:
        now = int(time.time())
        partner, key = self.options.partner_id, self.options.secret("partner_key")
        sign = shopee_signature(key, partner, path, now, token, shop)
        return {"partner_id": partner, "timestamp": str(now), "sign": sign}
