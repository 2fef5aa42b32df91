"""Products in the embedded data of marketplaces: Shopee, Lazada, TikTok Shop, and simpler ones.

A page is recognized by the shape of its data, not by its address: saved pages often have none.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import squash, to_text
from crawler.pages.prices import price_of
from crawler.pages.shown.gallery import MAX_IMAGES
from crawler.pages.shown.popularity import count_of, rating_of
from crawler.pages.structured.embedded import nodes_where
from crawler.pages.structured.facts import (
    MAX_PROPERTIES,
    Facts,
    Node,
    currency_of,
    each,
    link,
    words,
)
from crawler.pages.structured.main_product import Candidate, PageClues, choose

log = logging.getLogger(__name__)

EMBEDDED = "embedded"
_SHOPEE_UNIT = 100_000
"""Shopee writes prices in hundred-thousandths of a baht."""
_TIKTOK_PRICES = (
    "real_price", "min_sku_price", "sale_price_decimal", "sale_price_format", "original_price", "min_price",
)  # fmt: skip
_SHOPEE_PARTS = ("shop_detailed", "product_attributes", "product_images", "product_review", "product_price")
_SHOPEE_FILES = "https://down-th.img.susercontent.com/file/"
_OF_OTHERS = re.compile(
    r"related|recommend|similar|up-?_?sell|cross-?_?sell|you-?_?may|also-?_?(?:like|bought|view)|recently|(?:last|recent)-?_?viewed",
    re.IGNORECASE,
)
"""Keys of data about other products."""
_CUT = re.compile(r"(?:\.\.\.|…)\s*$")
_SHORTEST_COPY = 20
_NAMES = ("name", "title", "productName", "product_name", "subject")
_TEXTS = ("description", "desc", "productDescription", "product_description", "detail", "details", "body")
_REDUCED = (
    "salePrice", "sale_price", "discountedPrice", "discounted_price", "specialPrice", "special_price",
)  # fmt: skip
"""Prices that are paid instead of the price beside them; 0 says that nothing is taken off."""
_PRICES = ("price", *_REDUCED, "sellingPrice", "finalPrice", "minPrice", "displayPrice")
_SELLERS = ("seller", "shop", "store", "merchant", "member", "owner")
_ROWS = (
    "attributes", "product_attributes", "productAttributes", "attrs", "specifications", "specification",
    "specs", "spec", "properties", "product_properties",
    "additionalInformation", "additional_info", "parameters",
)  # fmt: skip
_PAIR_NAMES = (
    "name",
    "display_name",
    "displayName",
    "label",
    "key",
    "title",
    "attribute_name",
    "attrName",
    "attr_name",
)
_PAIR_VALUES = ("value", "values", "text", "content", "attribute_value", "attrValue", "attr_value", "options")
_SOLD = (
    "historical_sold",
    "global_sold",
    "sold",
    "soldCount",
    "sold_count",
    "totalSold",
    "itemSoldCntShow",
    "sales",
)
_STARS = (
    "rating_star",
    "average",
    "averageRating",
    "ratingAverage",
    "product_rating",
    "product_overall_score",
    "score",
    "rating",
)
_RATED = (
    "total_rating_count", "rateCount", "ratingCount", "rating_count", "allReviewsCount",
    "product_review_count",
    "review_count", "reviewCount", "totalReviews", "total",
)  # fmt: skip


def embedded_facts(document: PageDocument, clues: PageClues, known: Facts | None = None) -> Facts | None:
    """Return the page's product from its embedded data; ``known`` is what the markup says of it."""
    if "<script" not in document.text:
        return None
    states = document.states
    if not states:
        return None
    for reader in (
        partial(_shopee, document=document), _lazada, _tiktok_shop, partial(_plain, clues=clues, known=known)
    ):  # fmt: skip
        try:
            facts = reader(states)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            # The data has an unexpected shape: the page still has its markup and its visible text.
            log.warning("embedded data of %s cannot be read", document.url, exc_info=True)
            continue
        if facts is not None:
            return facts
    return None


def _shopee(states: list[Any], document: PageDocument) -> Facts | None:
    """Read the item of the page's address: the data may hold those that were looked at before."""

    def is_item(node: Node) -> bool:
        return bool(
            (node.get("itemid") or node.get("item_id"))
            and (node.get("title") or node.get("name"))
            and ("shopid" in node or "shop_id" in node)
        )

    def is_page(node: Node) -> bool:
        item = node.get("item")
        return isinstance(item, Mapping) and is_item(item) and any(x in node for x in _SHOPEE_PARTS)

    numbers = set(re.findall(r"\d+", f"{document.url} {document.canonical}"))

    def own(found: Iterator[Node], item_of: Callable[[Node], Node]) -> Node | None:
        nodes = list(found)
        named = (x for x in nodes if str(item_of(x).get("itemid") or item_of(x).get("item_id")) in numbers)
        return next(named, nodes[0] if nodes else None)

    page: Node = own(nodes_where(states, is_page), lambda x: _mapping(x.get("item"))) or {}
    item = page.get("item") or own(
        nodes_where(states, lambda x: is_item(x) and isinstance(x.get("description"), str)), lambda x: x
    )
    if item is None:
        return None
    shop_id = item.get("shopid") or item.get("shop_id")
    shops = nodes_where(
        states,
        lambda x: (
            (x.get("shopid") or x.get("shop_id")) == shop_id
            and bool(x.get("account") or x.get("shop_location"))
        ),
    )
    shop = page.get("shop_detailed") or next(shops, {})
    amount = _mapping(_mapping(page.get("product_price")).get("price"))
    raw = item.get("price") or item.get("price_min") or amount.get("single_value") or amount.get("range_min")
    username = _mapping(shop.get("account")).get("username")
    variations = [
        (words(x.get("name")), ", ".join(_strings(x.get("options"))))
        for x in each(item.get("tier_variations"))
        if isinstance(x, Mapping)
    ]
    pictures = [
        *_strings(_mapping(page.get("product_images")).get("images")),
        *_strings(item.get("images")),
        *_strings(item.get("image")),
    ]
    return Facts(
        name=words(item.get("title") or item.get("name")),
        description=to_text(str(item.get("description") or ""))
        or _blocks(_mapping(page.get("product_description")).get("paragraph_list")),
        brand=words(item.get("brand")),
        price=price_of(float(raw) / _SHOPEE_UNIT) if isinstance(raw, (int, float)) and raw > 0 else "",
        currency=currency_of(item.get("currency")) or "THB",
        seller=words(shop.get("name")) or words(username),
        seller_url=f"https://shopee.co.th/{username}" if username else f"https://shopee.co.th/shop/{shop_id}",
        images=[x if "/" in x else f"{_SHOPEE_FILES}{x}" for x in dict.fromkeys(pictures)][:MAX_IMAGES],
        properties=[
            *_rows_of(item),
            *_pairs(_mapping(page.get("product_attributes")).get("attrs")),
            *(x for x in variations if all(x)),
        ],
        source=EMBEDDED,
        **_popularity(_mapping(page.get("product_review")), item, _mapping(item.get("item_rating"))),
    )


def _lazada(states: list[Any]) -> Facts | None:
    def is_page(node: Node) -> bool:
        product = node.get("product")
        return isinstance(product, Mapping) and bool(product.get("title")) and "skuInfos" in node

    page = next(nodes_where(states, is_page), None)
    if page is None:
        return None
    product, seller = page["product"], page.get("seller") or {}
    texts = [to_text(str(product.get(x) or "")) for x in ("highlights", "desc")]
    infos = [x for x in _values(page["skuInfos"]) if isinstance(x, Mapping)]
    sale = next(
        (p for x in infos if isinstance(p := dict(x.get("price") or {}).get("salePrice"), Mapping)), {}
    )
    features: dict[str, Any] = {}
    for each_sku in _values(page.get("specifications")):
        features |= dict(each_sku.get("features") or {}) if isinstance(each_sku, Mapping) else {}
    pictures = [
        x.get("src") or x.get("poster")
        for gallery in _values(page.get("skuGalleries"))
        for x in each(gallery)
        if isinstance(x, Mapping)
    ]
    return Facts(
        name=words(product["title"]),
        description="\n".join(dict.fromkeys(x for x in texts if x)),
        brand=words(product.get("brand")),
        price=price_of(sale.get("value")) or price_of(sale.get("text")),
        currency=currency_of(page.get("currency")) or "THB",
        seller=words(seller.get("name")),
        seller_url=_absolute(seller.get("url")),
        images=list(dict.fromkeys(_absolute(x) for x in _strings(pictures)))[:MAX_IMAGES],
        properties=[(k, words(v)) for k, v in features.items() if words(v)][:MAX_PROPERTIES],
        source=EMBEDDED,
        **_popularity(
            _mapping(_mapping(page.get("review")).get("ratings")),
            _mapping(page.get("pc_reviews_v3")),
            _mapping(product.get("rating")),
            product,
            page,
        ),
    )


def _tiktok_shop(states: list[Any]) -> Facts | None:
    """Read both shapes: ``product_base`` with seller, or ``product_model`` with seller and price models."""

    def is_page(node: Node) -> bool:
        older = isinstance(node.get("product_base"), Mapping) and "product_id" in node
        return older or (isinstance(x := node.get("product_model"), Mapping) and bool(x.get("name")))

    page = next(nodes_where(states, is_page), None)
    if page is None:
        return None
    base = _mapping(page.get("product_base") or page.get("product_model"))
    seller = _mapping(page.get("seller") or page.get("seller_model"))
    offer = _mapping(_mapping(page.get("promotion_model")).get("promotion_product_price"))
    price = _mapping(base.get("price")) or _mapping(offer.get("min_price") or offer)
    raw = next((price[x] for x in _TIKTOK_PRICES if price.get(x)), None)
    return Facts(
        name=words(base.get("title") or base.get("name")),
        description=_blocks(base.get("desc_detail") or base.get("description")),
        brand=words(_mapping(base.get("brand")).get("name")),
        price=price_of(raw),
        currency=currency_of(price.get("currency") or price.get("currency_name")) or "THB",
        seller=words(seller.get("name") or seller.get("shop_name")),
        seller_url=link(seller.get("link") or seller.get("url")),
        images=[x for picture in each(base.get("images")) for x in _strings(_first_url(picture))][
            :MAX_IMAGES
        ],
        properties=[*_rows_of(base), *_pairs(page.get("product_properties"))],
        source=EMBEDDED,
        **_popularity(
            _mapping(page.get("product_detail_review") or page.get("review_model")),
            _mapping(page.get("product_review")),
            base,
        ),
    )


def _plain(states: list[Any], clues: PageClues, known: Facts | None) -> Facts | None:
    """Read an object with name, text and price: the one named like the heading, or the only one.

    Beside markup it counts only if it is surely the same product's: a name within the heading may be
    another's.
    """

    def is_product(node: Node) -> bool:
        return bool(
            _string(node, _NAMES)
            and len(_string(node, _TEXTS)) >= 20
            and any(_amount(node.get(x)) for x in _PRICES)
        )

    node = choose(
        (
            Candidate(x, _string(x, _NAMES), "", link(x.get("url")), len(_string(x, _TEXTS)))
            for x in nodes_where(states, is_product, without=_OF_OTHERS.search)
        ),
        clues,
    )
    if node is None or (known and not _is_same(node, known, clues)):
        return None
    seller = next((x for name in _SELLERS if isinstance(x := node.get(name), Mapping)), {})
    reduced = [p for x in _REDUCED if (p := _amount(node.get(x))).strip("0.")]
    prices = reduced + [p for x in _PRICES if (p := _amount(node.get(x)))]
    pictures: Any = next(
        (node[x] for x in ("images", "imageUrls", "image_urls", "photos", "pictures") if node.get(x)), []
    )
    return Facts(
        name=to_text(_string(node, _NAMES)),
        description=to_text(_string(node, _TEXTS)),
        brand=words(node.get("brand")),
        price=prices[0] if prices else "",
        currency=currency_of(node.get("currency") or node.get("currencyCode")) or "THB",
        seller=words(seller.get("name") or seller.get("displayName") or seller.get("username")),
        seller_url=link(seller.get("url") or seller.get("link")),
        images=[x for picture in each(pictures) for x in _strings(_first_url(picture))][:MAX_IMAGES],
        properties=_rows_of(node),
        source=EMBEDDED,
        **_popularity(_mapping(node.get("rating") or node.get("reviews")), node),
    )


def _is_same(node: Node, known: Facts, clues: PageClues) -> bool:
    names = {squash(x.split(" | ")[0]) for x in (known.name, *clues.titles) if x}
    told = squash(_CUT.sub("", known.description))
    is_copy = len(told) >= _SHORTEST_COPY and squash(to_text(_string(node, _TEXTS))).startswith(told)
    return squash(_string(node, _NAMES)) in names or is_copy


def _string(node: Node, names: tuple[str, ...]) -> str:
    return next((x for name in names if isinstance(x := node.get(name), str) and x.strip()), "")


def _amount(value: Any) -> str:
    if isinstance(value, Mapping):
        return next(
            (p for x in ("value", "amount", "sale", "min", "price") if (p := price_of(value.get(x)))), ""
        )
    return price_of(value)


def _strings(value: Any) -> Iterator[str]:
    return (x for x in each(value) if isinstance(x, str) and x)


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else each(value)


def _absolute(url: Any) -> str:
    text = url if isinstance(url, str) else ""
    return f"https:{text}" if text.startswith("//") else text


def _first_url(picture: Any) -> Any:
    if not isinstance(picture, Mapping):
        return _absolute(picture)
    for name in ("url_list", "urls"):
        if urls := list(_strings(picture.get(name))):
            return urls[0]
    found = next((picture[x] for x in ("url", "src", "large", "image", "thumb_url") if picture.get(x)), "")
    return _first_url(found) if isinstance(found, Mapping) else _absolute(found)


def embedded_rows(document: PageDocument, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return attributes in the page's data, of whatever shape, from the object of the page's product."""
    if "<script" not in document.text:
        return []
    titles = {squash(x) for x in names if x}
    named = nodes_where(document.states, lambda x: squash(_string(x, _NAMES)) in titles)
    return [pair for node in named for pair in _rows_of(node)]


def _rows_of(node: Node) -> list[tuple[str, str]]:
    return [pair for name in _ROWS for pair in _pairs(node.get(name))][:MAX_PROPERTIES]


def _pairs(value: Any) -> list[tuple[str, str]]:
    """Return names and values from a list of objects, from nested lists, or from an object."""
    if isinstance(value, Mapping):
        inner = next((value[x] for x in _ROWS if isinstance(value.get(x), list)), None)
        value = inner if inner is not None else [{"name": k, "value": v} for k, v in value.items()]
    found: list[tuple[str, str]] = []
    for item in each(value):
        if not isinstance(item, Mapping):
            continue
        name = words(next((item[x] for x in _PAIR_NAMES if item.get(x)), None))
        told = next((item[x] for x in _PAIR_VALUES if item.get(x)), None)
        if isinstance(told, list):
            told = [
                x.get("value_name") or x.get("value") or x.get("name") if isinstance(x, Mapping) else x
                for x in told
            ]
        text = ", ".join(x for member in each(told) if (x := words(member)))
        if name and text:
            found.append((name, text))
        elif isinstance(told, list) or any(isinstance(item.get(x), list) for x in _ROWS):
            # Groups of rows: {"title": "…", "attributes": [{…}]}
            found += [pair for x in _ROWS for pair in _pairs(item.get(x)) if isinstance(item.get(x), list)]
    return found[:MAX_PROPERTIES]


def _popularity(*nodes: Node) -> dict[str, Any]:
    """Return sales and ratings from the first of these nodes that has them."""
    sold = next((n for x in nodes for k in _SOLD if (n := count_of(x.get(k))) is not None), None)
    rating = next((r for x in nodes for k in _STARS if (r := rating_of(x.get(k))) is not None), None)
    counts = (each(x.get(k))[:1] for x in nodes for k in _RATED)
    ratings = next((n for x in counts if x and (n := count_of(x[0])) is not None), None)
    return {"sold": sold, "rating": rating, "ratings": ratings}


def _mapping(value: Any) -> Node:
    return value if isinstance(value, Mapping) else {}


def _blocks(value: Any) -> str:
    """Return the text of a description in blocks (``[{"type": "text", "text": …}]``), or of their JSON."""
    if isinstance(value, str) and value[:1] == "[":
        try:
            value = json.loads(value, strict=False)
        except ValueError:
            return to_text(value)
    if isinstance(value, str):
        return to_text(value)
    texts = [x.get("text") for x in each(value) if isinstance(x, Mapping)]
    return "\n".join(to_text(x) for x in texts if isinstance(x, str) and x.strip())
