"""Products of Shopify's ``products.json``."""

from collections.abc import Mapping
from typing import Any

from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import pictures_in, to_text
from crawler.pages.prices import price_of
from crawler.pages.shown.gallery import each_once

SHOPIFY = "shopify"


def shopify_product(record: Mapping[str, Any], shop: str, currency: str) -> ShopProduct:
    """Return a record's product; ``shop`` is the shop's URL without a trailing slash.

    Options and tags become properties: sellers put claims there. Raises ``KeyError`` for a record without a
    handle.
    """
    variants = [x for x in record.get("variants") or [] if isinstance(x, Mapping)]
    prices = [p for x in variants if (p := price_of(str(x.get("price") or "")))]
    images = [str(x["src"]) for x in record.get("images") or [] if isinstance(x, Mapping) and x.get("src")]
    tags = record.get("tags") or []
    tag_text = tags if isinstance(tags, str) else ", ".join(str(x) for x in tags)
    url = f"{shop}/products/{record['handle']}"
    images += pictures_in(record.get("body_html") or "", url)
    return ShopProduct(
        url=url,
        canonicalUrl=url,
        name=to_text(str(record.get("title") or "")) or None,
        description=to_text(record.get("body_html") or "") or None,
        brand=Brand(name=record["vendor"]) if record.get("vendor") else None,
        sku=next((str(x["sku"]) for x in variants if x.get("sku")), None),
        price=min(prices, key=float, default=None),
        currency=currency,
        availability=_availability(variants),
        images=[Image(url=x) for x in each_once(images)] or None,
        additionalProperties=_properties(
            [("Type", record.get("product_type")), ("Tags", tag_text), *_options(record)]
        ),
        seller=record.get("vendor") or None,
        sellerUrl=shop,
        source=SHOPIFY,
    )


def _availability(variants: list[Mapping[str, Any]]) -> str | None:
    known = [bool(x["available"]) for x in variants if "available" in x]
    return None if not known else "InStock" if any(known) else "OutOfStock"


def _options(record: Mapping[str, Any]) -> list[tuple[str, Any]]:
    options = [x for x in record.get("options") or [] if isinstance(x, Mapping)]
    return [
        (str(x.get("name") or ""), ", ".join(map(str, x.get("values") or [])))
        for x in options
        if x.get("values") != ["Default Title"]  # what Shopify writes where there is no choice
    ]


def _properties(pairs: list[tuple[str, Any]]) -> Any:
    return [AdditionalProperty(name=n, value=str(v)) for n, v in pairs if n and v] or None
