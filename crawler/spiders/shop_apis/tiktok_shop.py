"""Spider for TikTok shops that authorized us, by TikTok Shop's Open API.

https://partner.tiktokshop.com/docv2/page/search-products-202502 and …/get-product-202309
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from scrapy import Request

from crawler.api.answers import ApiError, Busy, Gone, Refused, WrongKey, check_status, wait_of
from crawler.api.grants import Grant
from crawler.api.open_platform import OpenPlatformSpider
from crawler.api.signatures import tiktok_shop_signature
from crawler.api.tokens import TiktokShopOptions
from crawler.api.walk import Walk
from crawler.plan.watches import TiktokShopWatch
from crawler.records.tiktok_shop import tiktok_shop_product
from labels.schema import Listing

_PER_PAGE = 100
_REFUSED = {105001, 105002}
_WRONG_KEY = {106001, 10008}
_BUSY = {36009002, 36009003}
_GONE = {12052260}


class TiktokShopSpider(OpenPlatformSpider[TiktokShopOptions]):
    """Looks up the token's shops, searches the shop's products, and reads them one by one."""

    name = "tiktok_shop"
    platform_name = "TikTok Shop"
    key_header = "x-tts-access-token"

    def __init__(self, watch: TiktokShopWatch, **kwargs: Any) -> None:
        super().__init__(shops=watch.shops, options=TiktokShopOptions(), **kwargs)

    def signature(self, shop: str, path: str, params: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        common = {"app_key": self.options.app_key, "timestamp": str(int(time.time()))}
        secret = self.options.secret("app_secret")
        return {**common, "sign": tiktok_shop_signature(secret, path, {**params, **common}, body)}

    def grant_request(self, shop: str, grant: Grant) -> Request:
        path, given = (
            ("get", {"auth_code": grant.code, "grant_type": "authorized_code"})
            if grant.code
            else ("refresh", {"refresh_token": grant.refresh_token, "grant_type": "refresh_token"})
        )
        keys = {"app_key": self.options.app_key, "app_secret": self.options.secret("app_secret")}
        return Request(f"{self.options.token_url}/api/v2/token/{path}?{urlencode({**keys, **given})}")

    def grant_from(self, data: Any) -> Grant:
        given = data["data"]
        return Grant(
            access_token=str(given["access_token"]),
            refresh_token=str(given.get("refresh_token") or ""),
            expires_at=float(given.get("access_token_expire_in") or 0),
        )

    def walks(self) -> Iterable[Walk]:
        for shop in self.open_shops():
            yield Walk(
                target=self.target(shop),
                url=f"{self.api_url}/authorization/202309/shops",
                read="read_shops",
                kept={"shop": shop},
            )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        code = int(data.get("code") or 0) if isinstance(data, dict) else 0
        if code == 0:
            check_status(status, headers)
            return
        said = str(data.get("message") or "no message")
        message = f"{said} ({code}, request {data.get('request_id') or 'without id'})"
        # The token service's codes are not documented; its messages name the key.
        if code in _WRONG_KEY or "app_key" in said or "app_secret" in said:
            raise WrongKey(
                f"not signed as TikTok Shop expects, see RUTHAN_TIKTOK_SHOP_APP_KEY and _SECRET: {message}"
            )
        if code in _REFUSED:
            raise Refused(message)
        if code in _BUSY or status == 429 or status >= 500:
            raise Busy(message, wait_of(headers))
        if code in _GONE or "not exist" in said.lower() or "not found" in said.lower():
            raise Gone(message)
        raise ApiError(message)

    def read_shops(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the search for the shop's products on sale."""
        shop = walk.kept["shop"]
        given = [x for x in data["data"].get("shops") or [] if shop in {str(x.get("id")), str(x.get("code"))}]
        if not given:
            self.start_failures[walk.target] = "the token is for other shops"
            self.note_failure(walk.target, "the token is for other shops: is the shop's id right?")
            return
        cipher = str(given[0]["cipher"])
        yield Walk(
            target=walk.target,
            url=f"{self.api_url}/product/202502/products/search",
            read="read_list",
            params={"page_size": str(_PER_PAGE), "page_token": "", "shop_cipher": cipher},
            body={"status": "ACTIVATE"},
            kept={"shop": shop, "name": str(given[0].get("name") or ""), "cipher": cipher},
            on_this=True,
        )

    def read_list(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield a page's products one by one: a list has neither descriptions nor pictures."""
        for record in data["data"].get("products") or []:
            yield Walk(
                target=f"{walk.target} product {record['id']}",
                url=f"{self.api_url}/product/202309/products/{record['id']}",
                read="read_product",
                params={"shop_cipher": walk.kept["cipher"]},
                kept={"shop": walk.kept["shop"], "name": walk.kept["name"]},
                rests_on=walk.rests_on,
                named=False,
            )

    def read_product(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield a product's listing; count one taken down since the list was made."""
        record = data.get("data") or {}
        if not record or record.get("status") in {"DELETED", "PLATFORM_DEACTIVATED", "SELLER_DEACTIVATED"}:
            self.count("gone")
            return
        yield from self.each(walk, [record], lambda x: tiktok_shop_product(x, walk.kept["name"]))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        if walk.read != "read_list":
            return None
        token = str(data["data"].get("next_page_token") or "")
        return walk.onward(token, page_token=token)
