"""The items that pages and APIs yield."""

import attrs
from zyte_common_items import Product, SocialMediaPost

from labels.taxonomy import Platform


@attrs.define(kw_only=True)
class ShopProduct(Product):
    """A product with who sells it, which the common ``Product`` has no field for."""

    seller: str | None = None
    sellerUrl: str | None = None
    sold: int | None = None
    """How many were sold, where the page says so."""
    source: str | None = None
    """The kind of markup that it was read from."""


@attrs.define(kw_only=True)
class SocialPost(SocialMediaPost):
    """A post, video, advert, comment or topic, with what the common ``SocialMediaPost`` has no field for."""

    platform: Platform
    kind: str = "post"
    title: str | None = None
    price: str | None = None
    currency: str | None = None
    authorName: str | None = None
    authorUrl: str | None = None
    reach: int | None = None
    """How often it was seen, where the platform says so."""
    source: str | None = None
    """The API or markup that it was read from."""
