"""The item that product pages yield."""

import attrs
from zyte_common_items import Product


@attrs.define(kw_only=True)
class ShopProduct(Product):
    """A product with who sells it, which the common ``Product`` has no field for."""

    seller: str | None = None
    sellerUrl: str | None = None
    source: str | None = None
    """The kind of markup that it was read from."""
