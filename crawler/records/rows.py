"""Rows of tables and JSON Lines: platforms' exports, partner feeds, hand-made lists."""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic import ValidationError
from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import to_text
from crawler.pages.prices import price_in, price_of
from crawler.pages.structured.facts import Facts, currency_of, facts_of, types_of
from crawler.pages.structured.main_product import PRODUCT_TYPES
from crawler.pipeline.mapping import listing_from_product, platform_of
from labels.schema import Listing
from labels.taxonomy import Platform

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "name", "productname", "itemname", "headline", "subject", "ชื่อ", "ชื่อสินค้า",
              "หัวข้อ"),
    "description": (
        "description", "desc", "productdescription", "detail", "details", "text", "caption", "message",
        "content", "body", "bodyhtml", "longdescription", "รายละเอียด", "รายละเอียดสินค้า", "คำอธิบาย", "ข้อความ",
    ),
    "price": ("price", "saleprice", "specialprice", "sellingprice", "productprice", "ราคา", "ราคาขาย"),
    "currency": ("currency", "pricecurrency", "สกุลเงิน"),
    "seller": (
        "seller", "sellername", "shop", "shopname", "store", "storename", "merchant", "pagename", "author",
        "username", "ร้าน", "ชื่อร้าน", "ร้านค้า", "ผู้ขาย",
    ),
    "seller_url": ("sellerurl", "shopurl", "storeurl", "shoplink", "ลิงก์ร้าน"),
    "url": (
        "url", "link", "productlink", "producturl", "permalink", "itemlink", "canonicalurl", "posturl", "ลิงก์",
        "ลิงก์สินค้า", "ลิงค์", "ลิงค์สินค้า",
    ),
    "images": (
        "images", "image", "imagelink", "imageurl", "imageurls", "additionalimagelink", "coverimage",
        "picture", "รูป", "รูปภาพ", "รูปสินค้า",
    ),
    "id": ("id", "itemid", "productid", "postid", "รหัส", "รหัสสินค้า"),
    "sku": ("sku", "sellersku", "parentsku"),
    "gtin": ("gtin", "ean", "barcode"),
    "brand": ("brand", "brandname", "vendor", "ยี่ห้อ", "แบรนด์"),
    "platform": ("platform", "แพลตฟอร์ม"),
}  # fmt: skip
"""Our fields and their names in tables; spaces, punctuation, case and a namespace (``g:``) are ignored."""

_KNOWN = {alias: ours for ours, aliases in COLUMNS.items() for alias in aliases}
_PARTS = re.compile(r"[\s_\-./()*]+")


class NotARow(ValueError):
    """A row without a listing; the message says why."""


def check_columns(names: Sequence[str]) -> None:
    """Raise :class:`NotARow` for a table with neither a title nor a description column."""
    if not {"title", "description"} & {_field(x) for x in names}:
        shown = ", ".join(x for x in names[:8] if x) or "none"
        raise NotARow(
            f"no column with a title or a description (columns: {shown}). "
            "Name them in the first row, such as: title, description, price, seller, url"
        )


def listing_from_row(row: Mapping[str, Any], origin: str) -> Listing:
    """Return a row's listing: ours, a schema.org Product, or named columns. Raises :class:`NotARow`."""
    if types_of(row) & PRODUCT_TYPES:
        return _from_facts(facts_of(row, "json-ld"), origin)
    if "id" in row and set(row) <= set(Listing.model_fields):
        try:
            return Listing.model_validate(row)
        except ValidationError:
            pass  # a table that happens to use our names; read as any other
    fields: dict[str, Any] = {}
    others: dict[str, str] = {}
    for name, value in row.items():
        if value in (None, "") or not isinstance(name, str):
            continue
        ours = _field(name)
        if ours and ours not in fields:
            fields[ours] = value
        elif not ours and isinstance(value, (str, int, float)):
            others[name.strip()] = str(value)
    title, description = to_text(_text(fields.get("title"))), to_text(_text(fields.get("description")))
    if not title and not description:
        raise NotARow("it has neither a title nor a description")
    price = _text(fields.get("price"))
    facts = Facts(
        name=title,
        description=description,
        price=price_of(price),
        currency=currency_of(_text(fields.get("currency"))) or _currency_in(price),
        seller=_text(fields.get("seller")),
        seller_url=_text(fields.get("seller_url")),
        url=_text(fields.get("url")),
        images=_images(fields.get("images")),
        brand=_text(fields.get("brand")),
        sku=_text(fields.get("sku")),
        gtins=[x] if (x := _text(fields.get("gtin"))) else [],
    )
    return _from_facts(
        facts, origin, own_id=_text(fields.get("id")), platform=fields.get("platform"), beside=others
    )


def row_id(origin: str, key: str) -> str:
    """Return an id for something without an address: the origin, and a hash of its key."""
    return f"{origin[:120]}-{sha256(key.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _from_facts(
    facts: Facts, origin: str, own_id: str = "", platform: Any = None, beside: Mapping[str, str] | None = None
) -> Listing:
    url = facts.url if facts.url.startswith(("http://", "https://")) else ""
    product = ShopProduct(
        url=url or "https://page.invalid/",
        canonicalUrl=url or None,
        name=facts.name or None,
        description=facts.description or None,
        brand=Brand(name=facts.brand) if facts.brand else None,
        sku=facts.sku or None,
        price=facts.price or None,
        currency=facts.currency or None,
        images=[Image(url=x) for x in facts.images] or None,
        additionalProperties=[AdditionalProperty(name=n, value=v) for n, v in facts.properties] or None,
        seller=facts.seller or None,
        sellerUrl=facts.seller_url if facts.seller_url.startswith("http") else None,
        source=facts.source or "table",
    )
    listing = listing_from_product(
        product,
        url=url or None,
        id=None if url else row_id(origin, own_id or f"{facts.name}\n{facts.description}"),
        platform=_platform(platform, url),
    )
    extra = {**listing.extra, "origin": origin, **({"columns": dict(beside)} if beside else {})}
    return listing.model_copy(update={"extra": extra})


def _platform(named: Any, url: str) -> Platform | None:
    text = _text(named).lower().replace(" ", "_")
    if text in set(Platform):
        return Platform(text)
    return platform_of(url) if url else None


def _field(name: str) -> str:
    return _KNOWN.get(_PARTS.sub("", name.strip().lower().rpartition(":")[2]), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _currency_in(price: str) -> str:
    if currency := price_in(price)[1]:
        return currency
    letters = re.sub(r"[\d.,\s]", "", price)
    return currency_of(letters)


def _images(value: Any) -> list[str]:
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = [value]
    members = value if isinstance(value, list) else re.split(r"[\s,;|]+", _text(value))
    return [x for x in map(_text, members) if x.startswith(("http://", "https://"))]
