"""The items that pages and APIs yield."""

import attrs
from zyte_common_items import Product, SocialMediaPost

from labels.taxonomy import Platform


@attrs.define(kw_only=True)
class ShopProduct(Product):
    """A product with fields that the common ``Product`` lacks, such as the seller."""

    seller: str | None = None
    sellerUrl: str | None = None
    sold: int | None = None
    """Units sold, if stated on the page."""
    source: str | None = None
    """The kind of markup it was read from."""
    otherText: str | None = None
    """What the page shows of it besides name, description and properties."""


@attrs.define(kw_only=True)
class SocialPost(SocialMediaPost):
    """A post, video, advert, comment or topic, with fields that the common ``SocialMediaPost`` lacks."""

    platform: Platform
    kind: str = "post"
    title: str | None = None
    price: str | None = None
    currency: str | None = None
    authorName: str | None = None
    authorUrl: str | None = None
    reach: int | None = None
    """Number of views, if stated by the platform."""
    source: str | None = None
    """The API or markup it was read from."""
