"""Products of Lazada's Open Platform (``/products/get``)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import pictures_in, to_text
from crawler.pages.prices import price_of

LAZADA_API = "lazada-open-platform"
_OF_ONE_SKU = re.compile(r"-s\d+(?=\.html)")
_NO_BRAND = {"", "no brand", "nobrand"}
_TEXTS = ("short_description", "description")
_NOT_SHOWN = frozenset((*_TEXTS, "name", "brand", "video", "source"))
"""Attributes that are read elsewhere or not shown to buyers."""


def lazada_product(record: Mapping[str, Any], seller: str) -> ShopProduct:
    """Return a record's product with the lowest price among its SKUs.

    Attributes become properties: sellers put claims and licence numbers there. Raises ``KeyError`` for a
    record without an id.
    """
    attributes = record.get("attributes") or {}
    skus = [x for x in record.get("skus") or [] if isinstance(x, Mapping)]
    prices = [p for x in skus if (p := _price(x))]
    short, full = (to_text(str(attributes.get(x) or "")) for x in _TEXTS)
    brand = str(attributes.get("brand") or "")
    url = _address(str(record["item_id"]), skus)
    images = [
        *_pictures(record.get("images")),
        *(y for x in skus for y in _pictures(x.get("Images"))),
        *(y for x in _TEXTS for y in pictures_in(str(attributes.get(x) or ""))),
    ]
    pairs = [
        (str(name), to_text(str(value)))
        for name, value in attributes.items()
        # The same text in another language ("name_en") adds nothing; the site shows one.
        if name not in _NOT_SHOWN and not name.startswith(("name_", "description_", "short_description_"))
        if isinstance(value, (str, int, float))
    ]
    return ShopProduct(
        url=url,
        canonicalUrl=url,
        name=to_text(str(attributes.get("name") or "")) or None,
        # The highlights are next to the price, so they come first.
        description="\n".join(x for x in (short if short not in full else "", full) if x) or None,
        brand=Brand(name=brand) if brand.lower() not in _NO_BRAND else None,
        sku=next((str(x["SellerSku"]) for x in skus if x.get("SellerSku")), None),
        price=min(prices, key=float, default=None),
        currency="THB",
        images=[Image(url=x) for x in dict.fromkeys(images)] or None,
        additionalProperties=[AdditionalProperty(name=n, value=v) for n, v in [*pairs, *_choices(skus)] if v]
        or None,
        seller=seller or None,
        source=LAZADA_API,
    )


def _price(sku: Mapping[str, Any]) -> str:
    special = price_of(sku.get("special_price"))
    # A price of 0 means "no special price".
    return special if special and float(special) > 0 else price_of(sku.get("price"))


def _address(item: str, skus: list[Mapping[str, Any]]) -> str:
    """Return the item's page, not that of one of its SKUs, which come and go."""
    shown = next((x for sku in skus if (x := str(sku.get("Url") or "")).startswith("http")), "")
    return _OF_ONE_SKU.sub("", shown.partition("?")[0]) or f"https://www.lazada.co.th/products/-i{item}.html"


def _pictures(value: Any) -> list[str]:
    if isinstance(value, str):
        # Either a list or its textual form.
        try:
            value = json.loads(value)
        except ValueError:
            value = [value]
    return [x for x in value or [] if isinstance(x, str) and x.startswith("http")]


def _choices(skus: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found: dict[str, dict[str, None]] = {}
    for sku in skus:
        chosen = sku.get("saleProp")
        for name, value in chosen.items() if isinstance(chosen, Mapping) else ():
            found.setdefault(str(name), {})[str(value)] = None
    return [(name, ", ".join(values)) for name, values in found.items()]
