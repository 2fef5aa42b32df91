"""Reads a product page saved to a file, without network access."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from web_poet import HttpResponse

from crawler.pages.document import NO_URL, PageDocument
from crawler.pages.product import ShopProductPage
from crawler.pipeline.mapping import listing_from_product, platform_of
from labels.schema import Listing

T = TypeVar("T")


class NotAProduct(ValueError):
    """A page that is not about one product; the message says why and what to do."""


def listing_from_html(html: bytes, url: str | None = None, listing_id: str | None = None) -> Listing:
    """Return the listing shown on a saved page.

    Without ``url``, the page's canonical address is used; without ``listing_id``, the id is derived from that
    address, or from the text if there is none. Raises :class:`NotAProduct`.
    """
    if not html.strip():
        raise NotAProduct("the page is empty: save the product page again, complete")
    response = HttpResponse(url or NO_URL, body=html)
    document = PageDocument(response)
    page = ShopProductPage(response=response, document=document)
    if not page.is_product:
        raise NotAProduct(
            f"the page is not a product page: {page.why_not}. Save the page of one product, "
            "or give its text instead (plain text, or JSON Lines with title and description)"
        )
    address = document.url if document.has_url else None
    product = completed(page.to_item())
    platform = platform_of(document.place) if document.place else None
    return listing_from_product(product, url=address, id=listing_id, platform=platform)


def completed(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a page object's coroutine, which never waits because pages use no network.

    Unlike ``asyncio.run``, this also works inside a running event loop.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("a page object waited for something; pages must not touch the network")
