"""Products of TikTok Shop's Open API (Get Product)."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import pictures_in, to_text
from crawler.pages.prices import price_of
from crawler.records.posts import dig

TIKTOK_SHOP_API = "tiktok-shop-open-api"


def tiktok_shop_product(record: Mapping[str, Any], seller: str) -> ShopProduct:
    """Return a record's product with the lowest price among its SKUs. Raises ``KeyError`` without an id."""
    skus = [x for x in record.get("skus") or [] if isinstance(x, Mapping)]
    prices = [(p, str(dig(x, "price", "currency") or "")) for x in skus if (p := _price(x))]
    cheapest = min(prices, key=lambda x: float(x[0]), default=("", ""))
    brand = str(dig(record, "brand", "name") or "")
    pairs = [
        (str(x.get("name") or ""), ", ".join(str(v.get("name") or "") for v in x.get("values") or []))
        for x in record.get("product_attributes") or []
    ]
    text = str(record.get("description") or "")
    shown = [
        next(iter(x.get("urls") or x.get("thumb_urls") or []), "") for x in record.get("main_images") or []
    ]
    pictures = dict.fromkeys([*shown, *pictures_in(text)])
    url = f"https://shop.tiktok.com/view/product/{record['id']}"
    return ShopProduct(
        url=url,
        canonicalUrl=url,
        name=to_text(str(record.get("title") or "")) or None,
        description=to_text(text) or None,
        brand=Brand(name=brand) if brand else None,
        sku=next((str(x["seller_sku"]) for x in skus if x.get("seller_sku")), None),
        price=cheapest[0] or None,
        currency=cheapest[1] or "THB",
        images=[Image(url=x) for x in pictures if x] or None,
        additionalProperties=[
            AdditionalProperty(name=n, value=v) for n, v in [*pairs, *_choices(skus)] if n and v
        ]
        or None,
        seller=seller or None,
        source=TIKTOK_SHOP_API,
    )


def _price(sku: Mapping[str, Any]) -> str:
    price = sku.get("price") or {}
    # The price that the buyer pays comes first; not every shop has it.
    names = ("sale_price", "tax_exclusive_price", "original_price")
    return next((p for x in names if (p := price_of(price.get(x)))), "")


def _choices(skus: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found: dict[str, dict[str, None]] = {}
    for sku in skus:
        for x in sku.get("sales_attributes") or []:
            found.setdefault(str(x.get("name") or ""), {})[str(x.get("value_name") or "")] = None
    return [(name, ", ".join(x for x in values if x)) for name, values in found.items()]
