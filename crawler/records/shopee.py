"""Items of Shopee's Open Platform (``get_item_base_info``, ``get_model_list``)."""

from collections.abc import Mapping, Sequence
from typing import Any

from zyte_common_items import AdditionalProperty, Brand, Gtin, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import to_text
from crawler.pages.prices import price_of
from crawler.records.posts import dig

SHOPEE_API = "shopee-open-platform"
_NO_GTIN = {"", "0", "00"}
_NO_BRAND = {"", "nobrand", "no brand"}


def shopee_item(
    record: Mapping[str, Any], shop: str, shop_name: str, models: Mapping[str, Any] | None = None
) -> ShopProduct:
    """Return an item's product; ``models`` is the response of ``get_model_list`` if it has variations.

    Attributes and the names of variations become properties: sellers put claims there. Raises ``KeyError``
    for a record without an id.
    """
    prices = [*_prices(record), *(p for x in (models or {}).get("model") or [] for p in _prices(x))]
    cheapest = min(prices, key=lambda x: float(x[0]), default=("", ""))
    texts, pictures = _description(record)
    brand = str(dig(record, "brand", "original_brand_name") or "")
    gtin = str(record.get("gtin_code") or "")
    url = f"https://shopee.co.th/product/{shop}/{record['item_id']}"
    images = [*(dig(record, "image", "image_url_list") or []), *pictures]
    return ShopProduct(
        url=url,
        canonicalUrl=url,
        name=to_text(str(record.get("item_name") or "")) or None,
        description="\n".join(texts) or None,
        brand=Brand(name=brand) if brand.lower() not in _NO_BRAND else None,
        sku=record.get("item_sku") or None,
        gtin=[Gtin(type="gtin13", value=gtin)] if gtin not in _NO_GTIN else None,
        price=cheapest[0] or None,
        currency=cheapest[1] or "THB",
        images=[Image(url=x) for x in dict.fromkeys(images) if str(x).startswith("http")] or None,
        additionalProperties=[
            AdditionalProperty(name=n, value=v) for n, v in [*_attributes(record), *_variations(models)]
        ]
        or None,
        seller=shop_name or None,
        sellerUrl=f"https://shopee.co.th/shop/{shop}",
        source=SHOPEE_API,
    )


def _prices(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (price, str(x.get("currency") or ""))
        for x in record.get("price_info") or []
        if (price := price_of(x.get("current_price") or x.get("original_price")))
    ]


def _description(record: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the texts and pictures of a description, which is a text or a list of both."""
    plain = to_text(str(record.get("description") or ""))
    fields: Sequence[Any] = dig(record, "description_info", "extended_description", "field_list") or []
    texts = [to_text(str(x.get("text") or "")) for x in fields if isinstance(x, Mapping)]
    pictures = [str(dig(x, "image_info", "image_url") or "") for x in fields]
    # If a shop has both descriptions, the plain one repeats the extended one.
    shown = [x for x in texts if x and x not in plain]
    return [x for x in (plain, *shown) if x], [x for x in pictures if x]


def _attributes(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = []
    for attribute in record.get("attribute_list") or []:
        values = [
            f"{x.get('original_value_name') or ''} {x.get('value_unit') or ''}".strip()
            for x in attribute.get("attribute_value_list") or []
        ]
        pairs.append((str(attribute.get("original_attribute_name") or ""), ", ".join(x for x in values if x)))
    return [(n, v) for n, v in pairs if n and v]


def _variations(models: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    tiers = [
        (str(x.get("name") or "ตัวเลือก"), [str(o.get("option") or "") for o in x.get("option_list") or []])
        for x in (models or {}).get("tier_variation") or []
    ]
    return [(name, ", ".join(x for x in options if x)) for name, options in tiers if any(options)]
