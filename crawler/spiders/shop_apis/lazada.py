"""Spider for shops on Lazada that authorized us, by the Open Platform.

https://open.lazada.com/apps/doc/api?path=%2Fproducts%2Fget
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy import Request

from crawler.api.answers import ApiError, Busy, Refused, WrongKey, check_status, wait_of
from crawler.api.grants import Grant
from crawler.api.open_platform import OpenPlatformSpider
from crawler.api.signatures import lazada_signature
from crawler.api.tokens import LazadaOptions
from crawler.api.walk import Walk
from crawler.plan.watches import LazadaWatch
from crawler.records.lazada import lazada_product
from labels.schema import Listing

_PER_PAGE = 50
_LARGEST_OFFSET = 10_000
_REFUSED = {
    "IllegalAccessToken",
    "AccessTokenExpired",
    "MissingAccessToken",
    "IllegalRefreshToken",
    "InvalidCode",
}
_WRONG_KEY = {"IncompleteSignature", "InvalidSignature", "InvalidAppKey", "MissingAppKey", "InvalidSign"}
_LIMIT = {"ApiCallLimit", "AppCallLimit", "SellerCallLimit", "901"}
_THEIRS = {"SYSTEM", "ISP"}
"""Error types caused by the platform, not by the request."""
_BAN = re.compile(r"last (?:for )?(\d+)\b", re.IGNORECASE)


class LazadaSpider(OpenPlatformSpider[LazadaOptions]):
    """Requests the seller's name, then lists products, which come complete."""

    name = "lazada"
    platform_name = "Lazada"

    def __init__(self, watch: LazadaWatch, **kwargs: Any) -> None:
        super().__init__(shops=watch.shops, options=LazadaOptions(), **kwargs)

    def signature(self, shop: str, path: str, params: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        # The signature covers the path after the service's own ("/rest").
        own = path.removeprefix(urlsplit(self.api_url).path)
        return self._signed(own, {**params, "access_token": self.token_of(shop)}, beside=params)

    def grant_request(self, shop: str, grant: Grant) -> Request:
        path = "/auth/token/create" if grant.code else "/auth/token/refresh"
        form = {"code": grant.code} if grant.code else {"refresh_token": grant.refresh_token}
        return Request(
            f"{self.options.token_url}{path}?{urlencode(self._signed(path, form, beside=form))}",
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form),
        )

    def grant_from(self, data: Any) -> Grant:
        return Grant(
            access_token=str(data["access_token"]),
            refresh_token=str(data.get("refresh_token") or ""),
            expires_at=time.time() + float(data.get("expires_in") or 0),
        )

    def walks(self) -> Iterable[Walk]:
        for shop in self.open_shops():
            yield Walk(
                target=self.target(shop),
                url=f"{self.api_url}/seller/get",
                read="read_seller",
                kept={"shop": shop},
            )

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        code = str(data.get("code") or "0") if isinstance(data, dict) else "0"
        if code == "0":
            check_status(status, headers)
            return
        said = str(data.get("message") or "no message")
        message = f"{said} ({code}, request {data.get('request_id') or 'without id'})"
        if code in _WRONG_KEY:
            raise WrongKey(f"not signed as Lazada expects, see RUTHAN_LAZADA_APP_KEY and _SECRET: {message}")
        if code in _REFUSED:
            raise Refused(message)
        if code in _LIMIT or status == 429:
            ban = _BAN.search(said)
            raise Busy(message, float(ban.group(1)) if ban else wait_of(headers))
        if data.get("type") in _THEIRS or status >= 500:
            raise Busy(message, wait_of(headers))
        raise ApiError(message)

    def read_seller(self, data: Any, walk: Walk) -> Iterator[Walk]:
        """Yield the list of the seller's products on sale."""
        yield Walk(
            target=walk.target,
            url=f"{self.api_url}/products/get",
            read="read_products",
            params={"filter": "live", "limit": str(_PER_PAGE), "offset": "0"},
            kept={**walk.kept, "name": str(data["data"].get("name") or "")},
            on_this=True,
        )

    def read_products(self, data: Any, walk: Walk) -> Iterator[Listing]:
        """Yield the listings of products; a response without any has no list at all."""
        records = (data.get("data") or {}).get("products") or []
        return self.each(walk, records, lambda x: lazada_product(x, walk.kept["name"]))

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        if walk.read != "read_products":
            return None
        page = data.get("data") or {}
        offset = int(walk.params["offset"]) + int(walk.params["limit"])
        if not page.get("products") or offset >= int(page.get("total_products") or 0):
            return None
        if offset > _LARGEST_OFFSET:
            self.note_cut(walk.target, f"Lazada lists the first {_LARGEST_OFFSET:,} products only")
            return None
        return walk.onward(str(offset), offset=str(offset))

    def _signed(self, path: str, params: Mapping[str, str], beside: Mapping[str, str]) -> dict[str, str]:
        """Return all parameters with the signature, without those sent elsewhere."""
        whole = {
            **params,
            "app_key": self.options.app_key,
            "sign_method": "sha256",
            "timestamp": str(int(time.time() * 1000)),
        }
        whole["sign"] = lazada_signature(self.options.secret("app_secret"), path, whole)
        return {name: value for name, value in whole.items() if name not in beside}
