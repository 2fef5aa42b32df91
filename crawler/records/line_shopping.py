"""Products of LINE SHOPPING's open API (MyShop)."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import to_text
from crawler.pages.prices import price_of

LINE_SHOPPING_API = "line-shopping-open-api"


def line_shopping_product(record: Mapping[str, Any], shop: str) -> ShopProduct | None:
    """Return a record's product; ``None`` if the shop hides it.

    ``shop`` is the shop's LINE account with its @. Raises ``KeyError`` for a record without an id.
    """
    if record.get("isDisplay") is False:
        return None
    variants = [x for x in record.get("variants") or [] if isinstance(x, Mapping)]
    prices = [p for x in [*variants, record] if (p := _price(x))]
    options: dict[str, dict[str, None]] = {}
    for variant in variants:
        for x in variant.get("options") or []:
            options.setdefault(str(x.get("name") or ""), {})[str(x.get("value") or "")] = None
    url = f"https://shop.line.me/{shop}/product/{record['id']}"
    return ShopProduct(
        url=url,
        canonicalUrl=url,
        name=to_text(str(record.get("name") or "")) or None,
        description=to_text(str(record.get("description") or "")) or None,
        brand=Brand(name=str(record["brand"])) if record.get("brand") else None,
        sku=next((str(x["sku"]) for x in variants if x.get("sku")), None),
        price=min(prices, key=float, default=None),
        currency="THB",
        images=[Image(url=x) for x in record.get("imageUrls") or [] if str(x).startswith("http")] or None,
        additionalProperties=[
            AdditionalProperty(name=n, value=", ".join(v for v in values if v))
            for n, values in options.items()
            if n and any(values)
        ]
        or None,
        seller=shop,
        sellerUrl=f"https://shop.line.me/{shop}",
        source=LINE_SHOPPING_API,
    )


def _price(record: Mapping[str, Any]) -> str:
    reduced = price_of(record.get("discountedPrice"))
    return reduced if reduced and float(reduced) > 0 else price_of(record.get("price"))
