"""TikTok Shop's Open API: signatures over path, parameters and body checked, errors as numbers in an envelope, a token
that runs out on the second page, an empty page that is not the last, a product deleted between list and detail."""

import hmac
import json
import time
from contextlib import AbstractContextManager
from typing import Any

from .base import GATEWAY_PAGE, Answer, Asked, Platform, serving

KEY, SECRET = "68fictitious", "fictitious-tiktok-shop-app-secret"
SHOP = "7490000000000000001"
CIPHER = "ROW_fictitiousCipherOfTheShop"
ACCESS = ["ROW_fictitious-tts-access-1", "ROW_fictitious-tts-access-2"]
REFRESH = ["ROW_fictitious-tts-refresh-1", "ROW_fictitious-tts-refresh-2"]
CODE = "ROW_fictitious-tts-auth-code"
SECRETS = [SECRET, CODE, *ACCESS, *REFRESH]


def product(number: int, title: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "title": title,
        "status": "ACTIVATE",
        "description": f"<p>{text}</p><img src='https://p16.example/in-text.jpg'/>",
        "main_images": [{"uri": "tos/1", "urls": [f"https://p16-oec.example/{number}.jpeg"]}],
        "brand": {"id": "1", "name": "แบรนด์ตัวอย่าง"},
        "product_attributes": [
            {"id": "1", "name": "เลข อย.", "values": [{"id": "1", "name": "10-1-00000-5-0011"}]}
        ],
        "skus": [
            {
                "id": "1",
                "seller_sku": f"TT{number}",
                "price": {"currency": "THB", "sale_price": "399", "tax_exclusive_price": "420"},
                "sales_attributes": [{"name": "รสชาติ", "value_name": "ส้ม ลดไว"}],
            },
            {"id": "2", "price": {"currency": "THB", "sale_price": "350"}, "sales_attributes": []},
        ],
        **more,
    }


PRODUCTS = {
    "901": product(901, "คอลลาเจนผิวขาว", "ขาวถาวรใน 5 วัน 💖"),
    "903": product(903, "หมดอายุ", "x", status="SELLER_DEACTIVATED"),
    "904": product(904, "วิตามินรวม", "บำรุงร่างกาย"),
}
PAGES = {"": (["901", "902"], "t1"), "t1": ([], "t2"), "t2": (["903", "904"], "")}
"""Product ids by page token; 902 is deleted before it is asked for."""


def envelope(data: Any, code: int = 0, message: str = "Success", status: int = 200, **headers: str) -> Answer:
    return Answer({"code": code, "data": data, "message": message, "request_id": "2026fict"}, status, headers)


def is_signed(asked: Asked) -> bool:
    sent = sorted((k, v) for k, v in asked.query.items() if k not in {"sign", "access_token"})
    text = SECRET.encode() + asked.path.encode() + "".join(k + v for k, v in sent).encode()
    return hmac.digest(
        SECRET.encode(), text + asked.body + SECRET.encode(), "sha256"
    ).hex() == asked.query.get("sign")


def answer(platform: Platform, asked: Asked) -> Answer:  # noqa: PLR0911 (a table)
    if asked.path.startswith("/api/v2/token/"):
        return _tokens(platform, asked)
    if asked.query.get("app_key") != KEY or not is_signed(asked):
        return envelope(None, 106001, "Invalid credentials. The sign is invalid.", 401)
    if abs(int(asked.query["timestamp"]) - time.time()) > 300:
        return envelope(None, 106011, "Expired request.", 401)
    token = asked.headers.get("x-tts-access-token")
    if token not in ACCESS:
        return envelope(None, 105001, "Invalid credentials. The access_token is invalid.", 401)
    if asked.path == "/authorization/202309/shops":
        shop = {"id": SHOP, "name": "ร้านติ๊กต็อกตัวอย่าง", "region": "TH", "cipher": CIPHER, "code": "THLCFICT"}
        return envelope({"shops": [shop]})
    if asked.query.get("shop_cipher") != CIPHER:
        return envelope(None, 106013, "Invalid shop_cipher.", 400)
    if asked.path == "/product/202502/products/search" and asked.method == "POST":
        page = asked.query.get("page_token", "")
        if json.loads(asked.body) != {"status": "ACTIVATE"}:
            return envelope(None, 36009004, "Invalid parameter.", 400)
        if page == "t1" and platform.first("limit"):
            return envelope(None, 36009002, "Too many requests.", 429, **{"Retry-After": "0"})
        if page == "t2" and token == ACCESS[0]:
            return envelope(None, 105002, "Expired credentials. The access_token has expired.", 401)
        ids, following = PAGES[page]
        return envelope(
            {
                "products": [{"id": x, "title": "…", "status": "ACTIVATE"} for x in ids],
                "next_page_token": following,
                "total_count": 4,
            }
        )
    if asked.path.startswith("/product/202309/products/"):
        if platform.first("gateway"):
            return Answer(GATEWAY_PAGE)
        found = PRODUCTS.get(asked.path.rsplit("/", 1)[1])
        return envelope(found) if found else envelope(None, 12052260, "Product ID does not exist.")
    return envelope(None, 36009009, "Invalid path.", 404)


def _tokens(platform: Platform, asked: Asked) -> Answer:
    sent = asked.query
    if sent.get("app_key") != KEY or sent.get("app_secret") != SECRET:
        return envelope(None, 36004003, "invalid app_key or app_secret")
    if asked.path.endswith("/get"):
        is_right = sent.get("auth_code") == CODE and sent.get("grant_type") == "authorized_code"
        if not is_right or not platform.first("code"):
            return envelope(None, 36004004, "invalid auth code")
    elif sent.get("refresh_token") != REFRESH[0] or sent.get("grant_type") != "refresh_token":
        return envelope(None, 36004005, "can not find related auth record")
    return envelope(
        {
            "access_token": ACCESS[1],
            "access_token_expire_in": int(time.time()) + 604_800,
            "refresh_token": REFRESH[1],
            "refresh_token_expire_in": int(time.time()) + 5_184_000,
            "seller_name": "ร้านติ๊กต็อกตัวอย่าง",
        }
    )


def serving_tiktok_shop() -> AbstractContextManager[Platform]:
    return serving(answer)
