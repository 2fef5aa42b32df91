"""LINE SHOPPING's open API (MyShop): a key in a header, pages by number, products that the shop does not show, a limit
answered with 429, an HTML page with status 200."""

from contextlib import AbstractContextManager
from typing import Any

from .base import GATEWAY_PAGE, Answer, Asked, Platform, serving

SHOP, KEY = "@demo-herbs", "RklDVElUSU9VUy1MSU5FLVNIT1BQSU5HLUtFWQ=="
SECRETS = [KEY]


def product(number: int, name: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "code": f"LS{number}",
        "brand": "",
        "description": text,
        "imageUrls": [f"https://shop-phinf.example/{number}.jpg"],
        "isDisplay": True,
        "variants": [
            {"id": 1, "sku": f"LS{number}-1", "price": 500, "discountedPrice": 450,
             "options": [{"name": "ขนาด", "value": "กล่องใหญ่ หายไว"}]},
            {"id": 2, "sku": None, "price": 480, "discountedPrice": None, "options": []},
        ],
        **more,
    }  # fmt: skip


PAGES = {
    "1": [product(1, "น้ำมันสมุนไพร", "นวดแล้วหายจากอัมพฤกษ์ 🙏\nเลขทะเบียน G 999/60"), product(2, "ซ่อนไว้", "x", isDisplay=False)],
    "2": [product(3, "ยาดมสมุนไพร", "หอมสดชื่น")],
    "3": [],
}  # fmt: skip


def answer(platform: Platform, asked: Asked) -> Answer:
    if asked.headers.get("x-api-key") != KEY:
        return Answer({"code": "UNAUTHORIZED", "message": "Unauthorized", "timestamp": 1}, 401)
    if asked.path != "/myshop/v1/products":
        return Answer({"code": "NOT_FOUND", "message": "Not found", "timestamp": 1}, 404)
    page = asked.query["page"]
    if page == "2":
        if platform.first("limit"):
            return Answer(
                {"code": "TOO_MANY_REQUESTS", "message": "Rate limit", "timestamp": 1},
                429,
                {"Retry-After": "0"},
            )
        if platform.first("gateway"):
            return Answer(GATEWAY_PAGE)
    return Answer({"data": PAGES[page], "currentPage": int(page), "totalPage": 3, "totalRow": 3})


def serving_line_shopping() -> AbstractContextManager[Platform]:
    return serving(answer)
