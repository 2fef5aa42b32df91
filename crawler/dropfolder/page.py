"""Reads the listing of a saved page: a product, a topic, or whatever text it holds."""

from web_poet import HttpResponse

from crawler.pages.document import NO_URL, PageDocument, address_of_one
from crawler.pages.product import ShopProductPage
from crawler.pages.saved import completed
from crawler.pages.topic import ForumTopicPage
from crawler.pipeline.mapping import listing_from_post, listing_from_product, platform_of
from labels.schema import Listing
from labels.taxonomy import Platform


class NothingToRead(ValueError):
    """A page without a listing; the message says why."""


def listing_of_page(body: bytes, url: str | None = None, *, origin: str, anyway: bool = True) -> Listing:
    """Return the listing of a saved page.

    With ``anyway``, a page that is no product yields its readable text: somebody saved it on purpose. Raises
    :class:`NothingToRead`.
    """
    # A post that somebody saved from a list that changes has no address of its own.
    own = address_of_one(url) if url and anyway else url
    response = HttpResponse(own or NO_URL, body=body)
    document = PageDocument(response)
    place = url or document.place
    address = document.url if document.has_url else None
    if platform_of(address) is Platform.FORUM and (topic := ForumTopicPage(document=document).topic):
        return _marked(listing_from_post(topic, url=address), origin)
    page = ShopProductPage(response=response, document=document)
    page.take_anyway = anyway
    if not page.is_product:
        raise NothingToRead(
            "the page holds no text: save it again, complete, after it has loaded"
            if anyway
            else f"not a product page: {page.why_not}"
        )
    platform = platform_of(place) if place else None
    return _marked(listing_from_product(completed(page.to_item()), url=address, platform=platform), origin)


def _marked(listing: Listing, origin: str) -> Listing:
    return listing.model_copy(update={"extra": {**listing.extra, "origin": origin}})
