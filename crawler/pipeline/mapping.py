"""Maps products and posts to listings; the only module that knows both shapes."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import attrs

from crawler.pages.item import ShopProduct, SocialPost
from crawler.pages.plain_text import squash, tidy
from crawler.pages.prices import price_in
from crawler.pages.readable import READABLE
from crawler.site import identity_url
from labels.other_text import OTHER_TEXT
from labels.schema import OFFERED, Listing
from labels.taxonomy import Platform

_HOSTS: tuple[tuple[str, Platform], ...] = (
    ("shop.tiktok.com", Platform.TIKTOK),
    ("tiktok.com", Platform.TIKTOK),
    ("facebook.com", Platform.FACEBOOK),
    ("instagram.com", Platform.INSTAGRAM),
    ("youtube.com", Platform.YOUTUBE),
    ("line.me", Platform.LINE),
    ("x.com", Platform.X),
    ("pantip.com", Platform.FORUM),
    ("kaidee.com", Platform.CLASSIFIEDS),
    ("twitter.com", Platform.X),
    ("youtu.be", Platform.YOUTUBE),
    ("shopee.co.th", Platform.MARKETPLACE),
    ("lazada.co.th", Platform.MARKETPLACE),
    ("central.co.th", Platform.MARKETPLACE),
    ("thaitrade.com", Platform.MARKETPLACE),
)


def platform_of(url: str | None) -> Platform:
    """Return the platform of a product page's address; a web shop unless known otherwise."""
    host = (urlsplit(url).hostname or "") if url else ""
    return next((p for name, p in _HOSTS if host == name or host.endswith(f".{name}")), Platform.WEB_SHOP)


def listing_id(url: str) -> str:
    """Return a listing's id: the host and 16 hex digits of its URL's SHA-256, stable between crawls."""
    host = (urlsplit(url).hostname or "page")[:120]
    return f"{host}-{sha256(url.encode('utf-8')).hexdigest()[:16]}"


def listing_of(item: ShopProduct | SocialPost) -> Listing:
    """Return the listing of an item from an API."""
    if isinstance(item, SocialPost):
        return listing_from_post(item)
    return listing_from_product(item, url=item.url)


def listing_from_product(
    product: ShopProduct,
    *,
    url: str | None = None,
    id: str | None = None,
    captured_at: datetime | None = None,
    platform: Platform | None = None,
) -> Listing:
    """Return the listing of a product page; ``platform`` defaults to the address's.

    ``url`` is where the page was fetched, ``None`` for a saved page without an address. Attributes are
    appended to the description as ``name: value`` lines, since sellers put claims and licence numbers there,
    and then the page's other text.
    """
    address = identity_url(url, product.canonicalUrl) if url else product.canonicalUrl
    description = _with_attributes(product)
    if id is None:
        id = listing_id(address or f"{product.name}\n{description}")
    return Listing(
        id=id,
        title=product.name,
        description="\n".join(x for x in (description, product.otherText) if x),
        platform=platform or platform_of(address),
        url=address,
        price=product.price,
        currency=product.currency,
        seller=product.seller,
        seller_url=product.sellerUrl,
        images=[image.url for image in product.images or []],
        captured_at=captured_at,
        extra=_extra(product, url),
    )


def listing_from_post(
    post: SocialPost, *, url: str | None = None, captured_at: datetime | None = None
) -> Listing:
    """Return the listing of a post, video, advert, comment or forum topic.

    ``url`` is where its page was fetched, ``None`` for a record of an API or a saved page without an address.
    The text stays as written, in any language, with emoji and hashtags; hashtags that the platform provides
    separately are appended.
    """
    text = tidy(post.text or "")
    read = text.casefold()
    beside = [f"#{tag.lstrip('#')}" for tag in post.hashtags or []]
    beside = [tag for tag in dict.fromkeys(beside) if tag.casefold() not in read]
    description = "\n".join(x for x in (text, " ".join(beside)) if x)
    price, currency = post.price, post.currency
    if not price:
        price, currency = price_in(description)
    reactions = attrs.asdict(post.reactions) if post.reactions else {}
    fields = {
        "kind": post.kind,
        "post_id": post.postId,
        "published": post.datePublished,
        "hashtags": post.hashtags,
        "reach": post.reach,
        "reactions": {k: v for k, v in reactions.items() if v is not None},
        "markup": post.source,
        "fetched_url": url,
    }
    return Listing(
        id=listing_id(post.url),
        title=post.title,
        description=description,
        platform=post.platform,
        url=post.url,
        price=price or None,
        currency=currency or None,
        seller=post.authorName,
        seller_url=post.authorUrl,
        images=[x.url for x in post.mediaUrls or []],
        captured_at=captured_at,
        # Only a post's words say what it offers; its price was mostly parsed from them.
        extra={**{name: value for name, value in fields.items() if value}, OFFERED: False},
    )


def _with_attributes(product: ShopProduct) -> str:
    text = product.description or ""
    read = squash(text)
    lines = [
        f"{pair.name}: {pair.value}"
        for pair in product.additionalProperties or []
        if squash(f"{pair.name}:{pair.value}") not in read
    ]
    return "\n".join([*([text] if text else []), *lines])


def _extra(product: ShopProduct, fetched: str | None) -> dict[str, Any]:
    rated = product.aggregateRating
    ratings = rated.reviewCount if rated else None
    fields = {
        # Everyone who bought or rated it has seen it; no page says how many more did.
        "reach": max(product.sold or 0, ratings or 0),
        "sold": product.sold,
        "rating": rated.ratingValue if rated else None,
        "ratings": ratings,
        "brand": product.brand.name if product.brand else None,
        "sku": product.sku,
        "mpn": product.mpn,
        "gtin": [gtin.value for gtin in product.gtin or []],
        "availability": product.availability,
        "attributes": {pair.name: pair.value for pair in product.additionalProperties or []},
        "markup": product.source,
        "fetched_url": fetched,
        OTHER_TEXT: len(product.otherText or ""),
    }
    # A page of which only running text was read may be an article.
    return {**{name: value for name, value in fields.items() if value}, OFFERED: product.source != READABLE}
