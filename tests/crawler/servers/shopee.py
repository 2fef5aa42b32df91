"""Shopee's Open Platform: signatures checked, a token that runs out between two pages, refresh tokens that are taken
once, errors with status 200 (one of them misspelt, as the platform sends it), an item deleted between list and detail
that refuses its whole group, variations whose prices stand elsewhere, a gateway's HTML page with status 200."""

import hmac
import json
import time
from contextlib import AbstractContextManager
from typing import Any

from .base import GATEWAY_PAGE, Answer, Asked, Platform, serving

PARTNER, KEY = "2009999", "shpk-fictitious-partner-key-0001"
SHOP, OTHER_SHOP, EMPTY_SHOP = "600001", "600002", "600003"
CODE = "fictitious-code-of-the-agreement"
ACCESS = ["fictitious-shopee-access-1", "fictitious-shopee-access-2", "fictitious-shopee-access-3"]
REFRESH = ["fictitious-shopee-refresh-1", "fictitious-shopee-refresh-2", "fictitious-shopee-refresh-3"]
SECRETS = [KEY, CODE, *ACCESS, *REFRESH]
REQUEST_ID = "0f3a9c2e7d5b4f60a1b2c3d4e5f60718"


def item(number: int, name: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "item_id": number,
        "category_id": 100001,
        "item_name": name,
        "description": text,
        "description_type": "normal",
        "item_sku": f"SP{number}",
        "attribute_list": [
            {
                "original_attribute_name": "เลขสารบบอาหาร",
                "attribute_value_list": [{"original_value_name": "10-1-00000-5-0009", "value_unit": ""}],
            },
            {
                "original_attribute_name": "น้ำหนักสุทธิ",
                "attribute_value_list": [{"original_value_name": "30", "value_unit": "g"}],
            },
        ],
        "price_info": [{"currency": "THB", "original_price": 990, "current_price": 590}],
        "image": {"image_url_list": [f"https://cf.shopee.example/file/{number}?sign=small"]},
        "item_status": "NORMAL",
        "has_model": False,
        "brand": {"brand_id": 0, "original_brand_name": "NoBrand"},
        **more,
    }


EXTENDED = {
    "extended_description": {
        "field_list": [
            {"field_type": "text", "text": "ทาแล้วหายปวดเข่าถาวร 🦵"},
            {"field_type": "image", "image_info": {"image_url": "https://cf.shopee.example/file/in-text"}},
            {"field_type": "text", "text": "ไม่ต้องผ่าตัด"},
        ]
    }
}
ITEMS = {
    1: item(1, "แคปซูลหุ่นเพรียว", "ลดพุงใน 7 วัน ✅\nส่งฟรี #ลดน้ำหนัก"),
    2: item(2, "ครีมทาเข่า", "", description_type="extended", description_info=EXTENDED),
    4: item(4, "ชาชง", "หอมชื่นใจ", has_model=True, price_info=None),
    5: item(5, "ถูกลบแล้ว", "x", item_status="SELLER_DELETE"),
    6: item(6, "หน้าที่สอง", "ล้างพิษตับ"),
}
MODELS = {
    4: {
        "tier_variation": [{"name": "แพ็ก", "option_list": [{"option": "1 แถม 1"}, {"option": "สูตรลดไว"}]}],
        "model": [
            {"model_id": 41, "price_info": [{"currency": "THB", "current_price": 250}]},
            {"model_id": 42, "price_info": [{"currency": "THB", "current_price": 199.5}]},
        ],
    }
}
PAGES = {"0": [1, 2, 3, 4, 5], "100": [], "200": [6]}
"""Item ids by offset; 3 is deleted before it is asked for, and a page in the middle is empty."""


def told(error: str, message: str, status: int = 200, **headers: str) -> Answer:
    return Answer({"error": error, "message": message, "request_id": REQUEST_ID}, status, headers)


def good(**content: Any) -> Answer:
    return Answer({"error": "", "message": "", "warning": "", "request_id": REQUEST_ID, **content})


def is_signed(asked: Asked) -> bool:
    query = asked.query
    text = (
        f"{PARTNER}{asked.path}{query['timestamp']}{query.get('access_token', '')}{query.get('shop_id', '')}"
    )
    return hmac.compare_digest(hmac.digest(KEY.encode(), text.encode(), "sha256").hex(), query["sign"])


def answer(platform: Platform, asked: Asked) -> Answer:  # noqa: PLR0911, PLR0912 (a table)
    query = asked.query
    if "sign" not in query:
        return told("error_param", "There is no sign in query.")
    if abs(int(query["timestamp"]) - time.time()) > 300:
        return told("error_param", "Invalid timestamp")
    if query["partner_id"] != PARTNER or not is_signed(asked):
        return told("error_sign", "Wrong sign.", 403)
    if asked.path.startswith("/api/v2/auth/"):
        return _tokens(platform, asked)
    if query["shop_id"] == OTHER_SHOP:
        return told("error_auth", "Invalid access_token.", 403)
    if query["access_token"] not in ACCESS[1:]:
        return told("invalid_acceess_token", "Invalid access_token, please have a check.")
    if asked.path == "/api/v2/shop/get_shop_info":
        return good(shop_name="ร้านชอปปีตัวอย่าง", region="TH", status="NORMAL")
    if asked.path == "/api/v2/product/get_item_list":
        return _list(platform, query)
    if asked.path == "/api/v2/product/get_item_base_info":
        ids = [int(x) for x in query["item_id_list"].split(",")]
        if platform.first("gateway"):
            return Answer(GATEWAY_PAGE)
        if len(ids) > 50:
            return told("error_param", "parameter invalid")
        if 3 in ids:
            return told("error_item_not_found", "Item_id is not found.")
        return good(response={"item_list": [ITEMS[x] for x in ids if x in ITEMS]})
    if asked.path == "/api/v2/product/get_model_list":
        return good(response=MODELS[int(query["item_id"])])
    return told("error_not_found", "no such api", 404)


def _tokens(platform: Platform, asked: Asked) -> Answer:
    body = json.loads(asked.body)
    if body["partner_id"] != int(PARTNER) or not isinstance(body["shop_id"], int):
        return told("error_param", "Wrong parameters, detail: partner_id or shop_id.")
    number = platform.times.get("tokens", 0)
    if asked.path == "/api/v2/auth/token/get":
        if body.get("code") != CODE or not platform.first("code"):
            return told("error_auth", "Invalid code", 403)
    elif body.get("refresh_token") != REFRESH[number] or str(body["shop_id"]) not in {SHOP, EMPTY_SHOP}:
        return told("error_auth", "Your refresh_token is invalid.", 403)
    platform.times["tokens"] = number + 1
    return Answer(
        {
            "access_token": ACCESS[number + 1],
            "refresh_token": REFRESH[number + 1],
            "expire_in": 14_400,
            "request_id": REQUEST_ID,
            "error": "",
            "message": "",
        }
    )


def _list(platform: Platform, query: dict[str, str]) -> Answer:
    if query["shop_id"] == EMPTY_SHOP:
        return good(response={"total_count": 0, "has_next_page": False, "next": ""})
    offset = query["offset"]
    if offset == "100" and platform.first("limit"):
        return told("error_rate_limit", "Too many requests, please try later.", 429, **{"Retry-After": "0"})
    if offset == "200" and query["access_token"] != ACCESS[2]:
        return told("error_auth", "Invalid access_token.", 403)
    last = offset == "200"
    return good(
        response={
            "item": [{"item_id": x, "item_status": "NORMAL", "update_time": 1} for x in PAGES[offset]],
            "total_count": 6,
            "has_next_page": not last,
            **({} if last else {"next_offset": int(offset) + 100}),
        }
    )


def serving_shopee() -> AbstractContextManager[Platform]:
    return serving(answer)
