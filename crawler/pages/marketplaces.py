"""Products in the embedded data of marketplaces: Shopee, Lazada, TikTok Shop, and plainer ones.

A page is known by the shape of its data, not by its address: saved pages often come without one.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from crawler.pages.document import PageDocument
from crawler.pages.embedded import embedded_states, nodes_where
from crawler.pages.facts import (
    MAX_IMAGES,
    MAX_PROPERTIES,
    Facts,
    Node,
    currency_of,
    each,
    link,
    price_of,
    words,
)
from crawler.pages.plain_text import squash, to_text

log = logging.getLogger(__name__)

EMBEDDED = "embedded"
_SHOPEE_UNIT = 100_000
"""Shopee writes prices in hundred-thousandths of a baht."""
_SHOPEE_FILES = "https://down-th.img.susercontent.com/file/"
_NAMES = ("name", "title", "productName", "product_name", "subject")
_TEXTS = ("description", "desc", "productDescription", "product_description", "detail", "details", "body")
_PRICES = ("price", "salePrice", "sale_price", "sellingPrice", "finalPrice", "minPrice", "displayPrice")
_SELLERS = ("seller", "shop", "store", "merchant", "member", "owner")


def embedded_facts(document: PageDocument) -> Facts | None:
    """The page's product as its embedded data tell it."""
    if "<script" not in document.text:
        return None
    states = embedded_states(document.text)
    if not states:
        return None
    for reader in (_shopee, _lazada, _tiktok_shop, partial(_plain, document=document)):
        try:
            facts = reader(states)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            # Data of another shape than expected: the page still has its markup and its visible text.
            log.warning("embedded data of %s cannot be read", document.url, exc_info=True)
            continue
        if facts is not None:
            return facts
    return None


def _shopee(states: list[Any]) -> Facts | None:
    def is_item(node: Node) -> bool:
        return bool(
            (node.get("itemid") or node.get("item_id"))
            and (node.get("title") or node.get("name"))
            and isinstance(node.get("description"), str)
            and ("shopid" in node or "shop_id" in node)
        )

    item = next(nodes_where(states, is_item), None)
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
    shop = next(shops, {})
    raw = item.get("price") or item.get("price_min") or 0
    attributes = item.get("attributes") or dict(item.get("product_attributes") or {}).get("attrs")
    account = shop.get("account")
    username = account.get("username") if isinstance(account, Mapping) else None
    return Facts(
        name=words(item.get("title") or item.get("name")),
        description=to_text(item["description"]),
        brand=words(item.get("brand")),
        price=price_of(float(raw) / _SHOPEE_UNIT) if isinstance(raw, (int, float)) and raw else "",
        currency=currency_of(item.get("currency")) or "THB",
        seller=words(shop.get("name")) or words(username),
        seller_url=f"https://shopee.co.th/{username}" if username else f"https://shopee.co.th/shop/{shop_id}",
        images=[x if "/" in x else f"{_SHOPEE_FILES}{x}" for x in _strings(item.get("images"))],
        properties=_pairs(attributes),
        source=EMBEDDED,
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
    )


def _tiktok_shop(states: list[Any]) -> Facts | None:
    found = nodes_where(states, lambda x: isinstance(x.get("product_base"), Mapping) and "product_id" in x)
    page = next(found, None)
    if page is None:
        return None
    base, seller = page["product_base"], page.get("seller") or {}
    price = base.get("price") or {}
    return Facts(
        name=words(base.get("title")),
        description=_blocks(base.get("desc_detail") or base.get("description")),
        brand=words(dict(base.get("brand") or {}).get("name"))
        if isinstance(base.get("brand"), Mapping)
        else "",
        price=price_of(price.get("real_price") or price.get("min_sku_price") or price.get("original_price")),
        currency=currency_of(price.get("currency")) or "THB",
        seller=words(seller.get("name")),
        seller_url=link(seller.get("link") or seller.get("url")),
        images=[x for picture in each(base.get("images")) for x in _strings(_first_url(picture))][
            :MAX_IMAGES
        ],
        properties=_pairs(base.get("specifications") or page.get("product_properties")),
        source=EMBEDDED,
    )


def _plain(states: list[Any], document: PageDocument) -> Facts | None:
    """An object with a name, a text and a price that is the page's: named as its heading, or the only one."""

    def is_product(node: Node) -> bool:
        return bool(
            _string(node, _NAMES)
            and len(_string(node, _TEXTS)) >= 20
            and any(_amount(node.get(x)) for x in _PRICES)
        )

    found = list(nodes_where(states, is_product))
    titles = [squash(x) for x in (*document.headings, document.meta("og:title"), document.title) if x]
    named = [x for x in found if any(squash(_string(x, _NAMES)) in title for title in titles)]
    different = {squash(_string(x, _NAMES)) for x in found}
    if not named and len(different) != 1:
        return None
    node = max(named or found, key=lambda x: len(_string(x, _TEXTS)))
    seller = next((x for name in _SELLERS if isinstance(x := node.get(name), Mapping)), {})
    prices = [p for x in ("salePrice", "sale_price", *_PRICES) if (p := _amount(node.get(x)))]
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
        properties=_pairs(node.get("attributes") or node.get("specifications")),
        source=EMBEDDED,
    )


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


def _pairs(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        value = [{"name": k, "value": v} for k, v in value.items()]
    pairs = [
        (
            words(x.get("name") or x.get("display_name") or x.get("label")),
            words(x.get("value") or x.get("values")),
        )
        for x in each(value)
        if isinstance(x, Mapping)
    ]
    return [(n, v) for n, v in pairs if n and v][:MAX_PROPERTIES]


def _blocks(value: Any) -> str:
    """Text of a description given as blocks (``[{"type": "text", "text": …}]``), also within a string."""
    if isinstance(value, str) and value[:1] == "[":
        try:
            value = json.loads(value, strict=False)
        except ValueError:
            return to_text(value)
    if isinstance(value, str):
        return to_text(value)
    texts = [x.get("text") for x in each(value) if isinstance(x, Mapping)]
    return "\n".join(to_text(x) for x in texts if isinstance(x, str) and x.strip())
