"""Rows of tables and JSON Lines: platforms' exports, partner feeds, hand-made lists."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError
from zyte_common_items import AdditionalProperty, Brand, Image

from crawler.pages.item import ShopProduct
from crawler.pages.plain_text import squash, to_text
from crawler.pages.prices import price_in, price_of
from crawler.pages.structured.facts import Facts, currency_of, facts_of, link, types_of
from crawler.pages.structured.main_product import PRODUCT_TYPES
from crawler.pipeline.mapping import listing_from_product, listing_id, platform_of
from crawler.records.columns import Columns, columns_of, field_of, text_of, units_in
from crawler.site import identity_url
from labels.schema import Listing
from labels.taxonomy import Platform

_WEB: Final = ("http://", "https://")


class NotARow(ValueError):
    """A row without a listing; the message says why."""


def check_columns(names: Sequence[str]) -> None:
    """Raise :class:`NotARow` for a table with neither a title nor a description column."""
    if not holds_text(names):
        shown = ", ".join(x for x in names[:8] if x) or "none"
        raise NotARow(
            f"no column with a title or a description (columns: {shown}). "
            "Name them in the first row, such as: title, description, price, seller, url"
        )


def holds_text(names: Iterable[str]) -> bool:
    """Whether one of these names is that of a title or a description."""
    return not {"title", "description"}.isdisjoint(map(field_of, names))


def listing_from_row(row: Mapping[str, Any], origin: str, shared: Collection[str] = ()) -> Listing:
    """Return a row's listing: ours, a schema.org Product, or named columns. Raises :class:`NotARow`.

    ``shared`` has the addresses that name no single product (:func:`shared_addresses`).
    """
    if types_of(row) & PRODUCT_TYPES:
        return _from_facts(facts_of(row, "json-ld"), origin, shared)
    if (ours := _ours(row)) is not None:
        return ours
    columns = columns_of(row)
    fields = columns.fields
    title, description = to_text(_text(fields.get("title"))), columns.description()
    if not title and not description and not columns.texts:
        raise NotARow("it has neither a title nor a description")
    price = _text(fields.get("price"))
    facts = Facts(
        name=title,
        description=description,
        price=price_of(price),
        currency=currency_of(_text(fields.get("currency"))) or _currency_in(price, columns),
        seller=_text(fields.get("seller")),
        seller_url=_text(fields.get("seller_url")),
        url=_text(fields.get("url")),
        images=list(dict.fromkeys(image for value in columns.images for image in _images(value))),
        properties=columns.texts,
        brand=_text(fields.get("brand")),
        sku=_text(fields.get("sku")),
        gtins=[x] if (x := _text(fields.get("gtin"))) else [],
    )
    return _from_facts(
        facts,
        origin,
        shared,
        own_id=_text(fields.get("id")),
        platform=fields.get("platform"),
        beside=columns.others,
    )


def shared_addresses(rows: Iterable[Mapping[str, Any] | str]) -> frozenset[str]:
    """Return the addresses that a file's rows give to several products, such as their shop's."""
    first: dict[str, tuple[str, str]] = {}
    shared = set()
    for row in rows:
        if isinstance(row, str):
            continue
        try:
            url, own_id, name = _product_in(row)
        except ValueError:
            continue  # reported when the row is read
        if not url.startswith(_WEB):
            continue
        known_id, known_name = first.setdefault(identity_url(url, url), (own_id, name))
        if name != known_name and not (own_id and own_id == known_id):
            shared.add(identity_url(url, url))
    return frozenset(shared)


def _product_in(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return a row's address, its own id, and its title or else its description."""
    if types_of(row) & PRODUCT_TYPES:
        facts = facts_of(row, "json-ld")
        return facts.url, "", squash(facts.name or facts.description)
    if _ours(row) is not None:
        return "", "", ""
    found: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(name, str) and (ours := field_of(name)) and (text := text_of(ours, value)):
            found.setdefault(ours, text)
    name = squash(found.get("title") or found.get("description", ""))
    return found.get("url", ""), found.get("id", ""), name


def _ours(row: Mapping[str, Any]) -> Listing | None:
    """Return a row that is a listing of ours, as this program writes it."""
    # Others use the same names, but a table holds no object, and no one else writes both of these.
    if not isinstance(row.get("extra"), Mapping) or "captured_at" not in row:
        return None
    try:
        return Listing.model_validate(row)
    except ValidationError:
        return None


def row_id(origin: str, key: str) -> str:
    """Return an id for something without an address: the origin, and a hash of its key."""
    return f"{origin[:120]}-{sha256(key.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _key(facts: Facts, own_id: str) -> str:
    """Return what tells a row without an address from others."""
    # Several shops number their products from 1, and some shops give a number twice.
    return (
        f"{own_id}\n{facts.seller}\n{squash(facts.name)}" if own_id else f"{facts.name}\n{facts.description}"
    )


def _from_facts(
    facts: Facts,
    origin: str,
    shared: Collection[str],
    own_id: str = "",
    platform: Any = None,
    beside: Mapping[str, str] | None = None,
) -> Listing:
    url = facts.url if facts.url.startswith(_WEB) else ""
    id = None if url else row_id(origin, _key(facts, own_id))
    if url and (address := identity_url(url, url)) in shared:
        id = listing_id(f"{address}#{own_id or squash(facts.name or facts.description)}")
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
        id=id,
        platform=_platform(platform, url),
    )
    extra = {**listing.extra, "origin": origin, **({"columns": dict(beside)} if beside else {})}
    return listing.model_copy(update={"extra": extra})


def _platform(named: Any, url: str) -> Platform | None:
    text = _text(named).lower().replace(" ", "_")
    if text in set(Platform):
        return Platform(text)
    return platform_of(url) if url else None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _currency_in(price: str, columns: Columns) -> str:
    """Return the currency beside a price, or in brackets in the name of its column."""
    if currency := price_in(price)[1]:
        return currency
    letters = re.sub(r"[\d.,\s]", "", price)
    units = units_in(columns.names.get("price", ""))
    return currency_of(letters) or next((x for unit in units if (x := price_in(f"1 {unit}")[1])), "")


def _images(value: Any) -> list[str]:
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = [value]
    if isinstance(value, Mapping):
        value = [value]
    members = value if isinstance(value, list) else re.split(r"[\s,;|]+", _text(value))
    addresses = ((link(x) or link(x.get("src"))) if isinstance(x, Mapping) else _text(x) for x in members)
    return [x for x in addresses if x.startswith(_WEB)]
