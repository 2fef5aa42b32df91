"""Products of WooCommerce's Store API."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import pictures_in, to_text
from crawler.pages.shown.gallery import each_once

WOOCOMMERCE = "woocommerce"


def woocommerce_product(record: Mapping[str, Any], shop: str) -> ShopProduct:
    """Return a record's product. Prices come in the currency's smallest unit. Raises ``KeyError``."""
    prices = record.get("prices") or {}
    short, full = to_text(record.get("short_description") or ""), to_text(record.get("description") or "")
    attributes = [
        (
            to_text(str(x.get("name") or "")),
            ", ".join(to_text(str(t.get("name"))) for t in x.get("terms") or []),
        )
        for x in record.get("attributes") or []
    ]
    groups = [
        (label, ", ".join(to_text(str(x.get("name"))) for x in record.get(field) or []))
        for label, field in (("Categories", "categories"), ("Tags", "tags"))
    ]
    brands = [to_text(str(x["name"])) for x in record.get("brands") or [] if x.get("name")]
    url = str(record["permalink"])
    images = [
        *(str(x["src"]) for x in record.get("images") or [] if x.get("src")),
        *(y for x in ("short_description", "description") for y in pictures_in(record.get(x) or "", url)),
    ]
    return ShopProduct(
        url=url,
        canonicalUrl=url,
        name=to_text(str(record.get("name") or "")) or None,
        # The short description is next to the price, so it comes first; it may repeat the long one.
        description="\n".join(x for x in (short if short not in full else "", full) if x) or None,
        brand=Brand(name=brands[0]) if brands else None,
        sku=record.get("sku") or None,
        price=_price(prices),
        currency=prices.get("currency_code") or None,
        availability=None
        if record.get("is_in_stock") is None
        else "InStock"
        if record["is_in_stock"]
        else "OutOfStock",
        images=[Image(url=x) for x in each_once(images)] or None,
        additionalProperties=[
            AdditionalProperty(name=n, value=v) for n, v in [*attributes, *groups] if n and v
        ]
        or None,
        seller=shop.split("/")[2],
        sellerUrl=shop,
        source=WOOCOMMERCE,
    )


def _price(prices: Mapping[str, Any]) -> str | None:
    """Convert a price: ``"159000"`` with minor unit 2 is 1590.00; a range gives its lowest."""
    span = prices.get("price_range") or {}
    raw = str(prices.get("price") or span.get("min_amount") or "")
    if not raw.isdigit():
        return None
    unit = int(prices.get("currency_minor_unit", 2))
    padded = raw.zfill(unit + 1)
    return f"{padded[:-unit]}.{padded[-unit:]}" if unit else raw
