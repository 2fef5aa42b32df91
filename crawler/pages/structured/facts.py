"""Product facts from a page, and how to read them from schema.org nodes.

JSON-LD and microdata share one reader: a node is a mapping of property names, ``@type`` among them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from crawler.pages.plain_text import squash, to_text
from crawler.pages.prices import price_in, price_of
from crawler.pages.shown.gallery import MAX_IMAGES
from crawler.pages.shown.popularity import Popularity, rated

Node = Mapping[str, Any]

_TYPE_PREFIX = re.compile(r"^(?:https?://)?(?:www\.)?(?:schema\.org/|data-vocabulary\.org/|schema:)", re.I)
_GTIN_KEYS = ("gtin", "gtin8", "gtin12", "gtin13", "gtin14")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
_CROSSED_OUT = frozenset({"ListPrice", "StrikethroughPrice", "SRP", "MSRP"})
_CURRENCIES = {"฿": "THB", "บาท": "THB", "BAHT": "THB", "$": "USD"}

MAX_PROPERTIES = 100


@dataclass
class Facts:
    """A product as described by one source on the page; missing fields are empty."""

    name: str = ""
    description: str = ""
    brand: str = ""
    sku: str = ""
    mpn: str = ""
    gtins: list[str] = field(default_factory=list)
    price: str = ""
    currency: str = ""
    availability: str = ""
    seller: str = ""
    seller_url: str = ""
    images: list[str] = field(default_factory=list)
    url: str = ""
    properties: list[tuple[str, str]] = field(default_factory=list)
    sold: int | None = None
    rating: float | None = None
    ratings: int | None = None
    source: str = ""
    """The kind of markup this was read from."""

    def fill(self, other: "Facts") -> None:
        """Fill missing fields from ``other``; pictures and properties of both are merged."""
        self.images = [*self.images, *other.images]
        self.add_properties(other.properties)
        for each in fields(self):
            if not getattr(self, each.name):
                setattr(self, each.name, getattr(other, each.name))

    def add_properties(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Add the pairs that are new; a name with another value is a new pair."""
        known = {squash(f"{name}:{value}") for name, value in self.properties}
        for name, value in pairs:
            key = squash(f"{name}:{value}")
            if key not in known and len(self.properties) < MAX_PROPERTIES:
                known.add(key)
                self.properties.append((name, value))

    def add_popularity(self, found: Popularity) -> None:
        """Fill missing sales and ratings."""
        self.sold = self.sold if self.sold is not None else found.sold
        self.rating = self.rating if self.rating is not None else found.rating
        self.ratings = self.ratings if self.ratings is not None else found.ratings


def types_of(node: Node) -> set[str]:
    """Return a node's type names, without the schema.org prefix."""
    value = node.get("@type", ())
    names = value if isinstance(value, list) else [value]
    return {_TYPE_PREFIX.sub("", name) for name in names if isinstance(name, str)}


def facts_of(node: Node, source: str) -> Facts:
    """Read a schema.org Product node."""
    # Of a group, what its variants say: each is sold on its page.
    variants = [x for x in each(node.get("hasVariant")) if isinstance(x, Mapping)]
    offer = next((x for y in (node, *variants) if (x := _main_offer(y))), None)
    price, currency = _price(offer) if offer else ("", "")
    seller = _first(offer, "seller", "offeredBy") if offer else None
    found = rated(node)
    return Facts(
        name=words(node.get("name")),
        description=long_text(node.get("description"))
        or long_text([y for x in variants for y in each(x.get("description"))]),
        brand=words(_first(node, "brand", "manufacturer")),
        sku=words(_first(node, "sku", "productID") or (offer or {}).get("sku")),
        mpn=words(node.get("mpn")),
        gtins=_gtins(node) or (_gtins(offer) if offer else []),
        price=price,
        currency=currency,
        availability=_availability(offer),
        seller=words(seller),
        seller_url=link(seller),
        images=list(dict.fromkeys(_images(node.get("image"))))[:MAX_IMAGES],
        url=link(node.get("url")) or link((offer or {}).get("url")),
        properties=list(_properties(node))[:MAX_PROPERTIES],
        rating=found.rating,
        ratings=found.ratings,
        source=source,
    )


def each(value: Any) -> list[Any]:
    """Return the value as a list; ``None`` gives an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


_LEVELS = 5
"""Nodes inside one another that are searched for a name or an address."""


def words(value: Any, levels: int = _LEVELS) -> str:
    """Return a short text: a string, a number, or the name of a node; the first non-empty one."""
    for member in each(value):
        item = member
        if isinstance(item, Mapping):
            item = item.get("name", item.get("@value"))
            if isinstance(item, (list, Mapping)):
                item = words(item, levels - 1) if levels else None
        if isinstance(item, (str, int, float)) and not isinstance(item, bool):
            text = " ".join(to_text(str(item)).split())
            if text:
                return text
    return ""


def long_text(value: Any) -> str:
    """Return a long text with its lines; several are joined by a line feed."""
    parts: list[str] = []
    for member in each(value):
        item = member.get("@value", member.get("text")) if isinstance(member, Mapping) else member
        if isinstance(item, str) and (text := to_text(item)):
            parts.append(text)
    return "\n".join(dict.fromkeys(parts))


_LINK_KEYS = ("url", "contentUrl", "@id")
_WHOLE = ("https://", "http://", "/")
"""Starts of texts that are surely a URL; other ones may be relative."""
_NO_LINK = frozenset({"n/a", "n.a.", "n.a"})


def link(value: Any, levels: int = _LEVELS) -> str:
    """Return a URL: a string, or the ``url`` or ``@id`` of a node; of several, the first certain one."""
    found = ""
    for member in each(value):
        text = _link_of(member, levels)
        if text.startswith(_WHOLE):
            return text
        found = found or text
    return found


def _link_of(item: Any, levels: int) -> str:
    if isinstance(item, Mapping):
        found = (link(item.get(key), levels - 1) for key in _LINK_KEYS)
        return next(filter(None, found), "") if levels else ""
    text = item.strip() if isinstance(item, str) else ""
    is_other = text.startswith(("#", "_:", "data:")) or text.casefold() in _NO_LINK
    return text if ("/" in text or "." in text) and not is_other else ""


def currency_of(value: Any) -> str:
    """Return the ISO code of a currency as written on pages."""
    text = words(value).upper().rstrip(".")
    return _CURRENCIES.get(text, text if re.fullmatch(r"[A-Z]{3}", text) else "")


def _first(node: Node, *names: str) -> Any:
    return next((node[name] for name in names if node.get(name)), None)


def _main_offer(node: Node) -> Node | None:
    offers = [x for x in each(node.get("offers")) if isinstance(x, Mapping)]
    inner = [
        y for x in offers if not _costs(_price(x)[0]) for y in each(x.get("offers")) if isinstance(y, Mapping)
    ]
    priced = sorted((x for x in offers + inner if _price(x)[0]), key=lambda x: not _costs(_price(x)[0]))
    return priced[0] if priced else offers[0] if offers else None


def _costs(price: str) -> bool:
    """Whether a price is more than zero, which stands for one that is not told or of a variant sold out."""
    return any(digit not in "0." for digit in price)


def _price(offer: Node) -> tuple[str, str]:
    prices = list(_prices(offer))
    unpriced = ("", currency_of(offer.get("priceCurrency")))
    return next((x for x in prices if _costs(x[0])), prices[0] if prices else unpriced)


def _prices(offer: Node) -> Iterator[tuple[str, str]]:
    own = [x for x in each(offer.get("priceSpecification")) if isinstance(x, Mapping)]
    for source in sorted([offer, *own], key=_is_crossed_out):
        declared = currency_of(source.get("priceCurrency")) or currency_of(offer.get("priceCurrency"))
        for name in ("price", "lowPrice", "minPrice", "highPrice"):
            for value in each(source.get(name)):
                if price := price_of(value):
                    yield price, declared or (price_in(value)[1] if isinstance(value, str) else "")


def _is_crossed_out(source: Node) -> bool:
    """Whether a price is the one before a reduction, or the one that the maker recommends."""
    kind = source.get("priceType")
    return _TYPE_PREFIX.sub("", words(kind) or link(kind)) in _CROSSED_OUT


def _availability(offer: Node | None) -> str:
    text = words((offer or {}).get("availability"))
    name = _TYPE_PREFIX.sub("", text)
    if name in {"InStock", "LimitedAvailability", "OnlineOnly", "PreOrder", "PreSale", "InStoreOnly"}:
        return "InStock"
    return "OutOfStock" if name in {"OutOfStock", "SoldOut", "Discontinued", "BackOrder"} else ""


def _gtins(node: Node) -> list[str]:
    found = [re.sub(r"[\s-]", "", words(value)) for key in _GTIN_KEYS for value in each(node.get(key))]
    return list(dict.fromkeys(x for x in found if _GTIN.fullmatch(x)))


def _images(value: Any) -> Iterator[str]:
    for item in each(value):
        if url := link(item):
            yield url


def _properties(node: Node) -> Iterator[tuple[str, str]]:
    for item in (*each(node.get("additionalProperty")), *each(node.get("identifier"))):
        if not isinstance(item, Mapping):
            continue
        name, value = words(item.get("name") or item.get("propertyID")), _values(item.get("value"))
        unit = words(item.get("unitText"))
        if name and value:
            yield name, f"{value} {unit}".strip()
    for key, name in _PLAIN_PROPERTIES.items():
        if value := _values(node.get(key)):
            yield name, value


_PLAIN_PROPERTIES = {
    "countryOfOrigin": "country of origin",
    "activeIngredient": "active ingredient",
    "material": "material",
    "size": "size",
    "color": "color",
}
"""Text properties of a schema.org Product, and their names among the other properties."""


def _values(value: Any) -> str:
    return ", ".join(text for item in each(value) if (text := words(item)))
