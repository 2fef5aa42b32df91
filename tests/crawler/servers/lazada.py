"""Lazada's Open Platform: signatures checked, everything with status 200, a ban of a second, pictures as a list or as the
text of one, a page without a list, a token that runs out on the second page."""

import hmac
import time
from contextlib import AbstractContextManager
from typing import Any

from .base import GATEWAY_PAGE, Answer, Asked, Platform, serving

KEY, SECRET = "100999", "fictitiousLazadaAppSecret0001"
SELLER = "TH1FICT"
ACCESS = ["50000600-fictitious-lazada-access-1", "50000600-fictitious-lazada-access-2"]
REFRESH = ["50001600-fictitious-lazada-refresh-1", "50001600-fictitious-lazada-refresh-2"]
CODE = "0_100999_fictitiousLazadaCode"
SECRETS = [SECRET, CODE, *ACCESS, *REFRESH]
REQUEST_ID = "2101fict0000000000000001"


def product(number: int, name: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "item_id": number,
        "primary_category": 8707,
        "status": "Active",
        "images": [f"https://th-live.slatic.example/p/{number}.jpg"],
        "attributes": {
            "name": name,
            "short_description": "<ul><li>ขาวไวใน 3 วัน</li></ul>",
            "description": f"<div><p>{text}</p><img src='//th.example/{number}-in-text.jpg'><script>x()</script></div>",
            "brand": "No Brand",
            "source": "asc",
            "name_en": "English name",
            "registration_number": "เลขที่จดแจ้ง 10-1-6400000002",
        },
        "skus": [
            {
                "Status": "active",
                "SellerSku": f"LZ{number}",
                "SkuId": number * 10,
                "Url": f"https://www.lazada.co.th/products/serum-i{number}-s{number * 10}.html?mp=1",
                "price": 1290.0,
                "special_price": 890.0,
                "saleProp": {"ขนาด": "30 ml"},
                "Images": ["", f"https://th-live.slatic.example/p/{number}-sku.jpg"],
            },
            {"Status": "active", "SellerSku": "b", "price": 990.0, "special_price": 0.0, "Images": []},
        ],
        **more,
    }


PRODUCTS = {
    "0": [
        product(701, "เซรั่มหน้าใส", "รักษาฝ้าถาวร ✨"),
        {"primary_category": 1, "attributes": {"name": "ไม่มีเลขสินค้า"}, "skus": []},
    ],
    "50": [product(702, "โลชั่นกันแดด", "ทาก่อนออกแดด", images='["https://th-live.slatic.example/p/702.jpg"]')],
}


def error(code: str, message: str, kind: str = "ISV") -> Answer:
    return Answer({"type": kind, "code": code, "message": message, "request_id": REQUEST_ID})


def is_signed(asked: Asked, path: str) -> bool:
    sent = {**asked.query, **(asked.form if asked.method == "POST" else {})}
    sign = sent.pop("sign", "")
    text = path + "".join(k + sent[k] for k in sorted(sent))
    return hmac.digest(SECRET.encode(), text.encode(), "sha256").hex().upper() == sign


def answer(platform: Platform, asked: Asked) -> Answer:  # noqa: PLR0911 (a table)
    path = asked.path.removeprefix("/rest")
    if asked.query.get("app_key") != KEY:
        return error("InvalidAppKey", "The specified App Key is invalid")
    if asked.query.get("sign_method") != "sha256" or not is_signed(asked, path):
        return error("IncompleteSignature", "The request signature does not conform to platform standards")
    if abs(int(asked.query["timestamp"]) / 1000 - time.time()) > 7200:
        return error("IllegalTimestamp", "The request is expired")
    if path.startswith("/auth/token/"):
        return _tokens(platform, asked)
    token = asked.query.get("access_token")
    if token not in ACCESS:
        return error("IllegalAccessToken", "The specified access token is invalid or expired")
    if path == "/seller/get":
        if platform.first("gateway"):
            return Answer(GATEWAY_PAGE)
        data = {"name": "ร้านลาซาดาตัวอย่าง", "seller_id": 1, "short_code": SELLER}
        return Answer({"data": data, "code": "0", "request_id": REQUEST_ID})
    if path == "/products/get":
        return _products(platform, asked, str(token))
    return error("InvalidApiPath", "The specified Api Path is invalid")


def _tokens(platform: Platform, asked: Asked) -> Answer:
    if asked.path.endswith("/create"):
        if asked.form.get("code") != CODE or not platform.first("code"):
            return error("InvalidCode", "Invalid authorization code")
    elif asked.form.get("refresh_token") != REFRESH[0]:
        return error("IllegalRefreshToken", "The specified refresh token is invalid or expired")
    return Answer(
        {
            "access_token": ACCESS[1],
            "refresh_token": REFRESH[1],
            "expires_in": 2_592_000,
            "refresh_expires_in": 15_552_000,
            "country": "th",
            "account_platform": "seller_center",
            "code": "0",
            "request_id": REQUEST_ID,
        }
    )


def _products(platform: Platform, asked: Asked, token: str) -> Answer:
    if int(asked.query["limit"]) > 50:
        return error("19", "Invalid Limit")
    offset = asked.query["offset"]
    if offset == "50":
        if token == ACCESS[0]:
            return error("IllegalAccessToken", "The specified access token is invalid or expired")
        if platform.first("limit"):
            return error(
                "ApiCallLimit",
                "Api access frequency exceeds the limit. this ban will last 0 seconds",
                "SYSTEM",
            )
        if platform.first("inner"):
            return error("6", "E006: Unexpected internal error", "ISP")
    data: dict[str, Any] = {"total_products": 101}
    if offset in PRODUCTS:
        data["products"] = PRODUCTS[offset]
    return Answer({"data": data, "code": "0", "request_id": REQUEST_ID})


def serving_lazada() -> AbstractContextManager[Platform]:
    return serving(answer)
