"""Spider that revisits the pages of known listings and follows no links."""

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.evidence.recorder import GONE_CODES
from crawler.middleware.limits import BudgetSpent
from crawler.pages.absence import absence, absence_words
from crawler.pages.barrier import barrier
from crawler.pages.product import ShopProductPage
from crawler.pipeline.absent import DECLARED, REFRESHED, STATED, TARGET, Absent, visit_declared
from crawler.pipeline.deposit import Collected
from crawler.pipeline.mapping import listing_from_product
from crawler.site import clean_url, site_of
from crawler.spiders.source import SourceSpider, reason_of
from service.store.listings.recrawl import DuePage

log = logging.getLogger(__name__)


class DueSpider(SourceSpider):
    """Records for each page whether the listing is unchanged, changed or gone.

    Gone means a 404 or 410, or a page that says it was removed. A login wall, a challenge, a block, a
    failure, a redirect to another page or an empty page says nothing about the listing: a person must look.

    A page is visited where it was fetched: the address that it declares may be nobody's. That one is asked
    too if the page is not shown, or answers with an error, where it was fetched.
    """

    name = "due"

    def __init__(self, pages: Iterable[DuePage] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.due = [page for page in pages if clean_url(page.url)]
        self.sites = {site_of(address_of(page)) for page in self.due}

    def would_fetch(self) -> list[str]:
        return [address_of(page) for page in self.due]

    async def start(self) -> AsyncIterator[Any]:
        for page in self.due:
            meta = {TARGET: [page.external_id, page.source], DECLARED: clean_url(page.url)}
            yield Request(address_of(page), self.parse, errback=self.failed, dont_filter=True, meta=meta)

    def failed(self, failure: Failure) -> Iterator[Any]:
        """Record a page that is gone; report anything else as an error, or ask the address that is left."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error, stated = failure.value, request.meta.get(STATED)
        if isinstance(error, HttpError) and error.response.status in GONE_CODES:
            self.count("pages")
        elif isinstance(error, HttpError) and (
            again := visit_declared(request, reason_of(failure), False, None)
        ):
            yield again
        elif stated and not isinstance(error, BudgetSpent) and (_is_final(error) or not stated[2]):
            external_id, source = request.meta[TARGET]
            yield Absent(external_id, source, how=stated[1], certain=stated[2], origin=request)
        else:
            super().failed(failure)

    async def parse(self, response: Response, page: ShopProductPage) -> AsyncIterator[Any]:
        self.count("pages")
        request = response.request
        assert request is not None
        external_id, source = response.meta[TARGET]
        how, certain = "no product is shown", False
        try:
            if isinstance(response, TextResponse):
                if page.is_product:
                    listing = listing_from_product(await page.to_item(), url=response.url)
                    if listing.id == external_id or not _moved(response):
                        if listing.id != external_id:
                            # Its page declares another address, perhaps another product's: it stays here.
                            update = {"id": external_id, "url": clean_url(response.url) or response.url}
                            listing = listing.model_copy(update=update)
                        yield Collected(listing, request)
                        return
                    how = "another product is shown"
                elif onward := self.led_on(response, page.document):
                    yield onward
                    return
                elif said := barrier(page.document):
                    how = f"the page lets only some in: {said}"
                elif said := absence(page.document):
                    # A page that redirects by itself still exists, whatever the target says.
                    certain = REFRESHED not in response.meta.get("redirect_reasons", ())
                    how = f"the page says: {said}"
                elif said := absence_words(page.document):
                    how = f"the page does not clearly say that it is gone: {said}"
            if _moved(response) and not certain:
                how = f"leads to {response.url}: {how}"
        except Exception as error:
            # A page that our own parser fails on says nothing about the listing.
            log.exception("cannot read %s", response.url)
            self.note_failure(response.url, f"cannot be read as a product: {error}")
            return
        yield Absent(external_id, source, how, certain, request)


def address_of(page: DuePage) -> str:
    """Return the address where a page was fetched; the listing's own if that is unknown."""
    return clean_url(str(page.fetched_url or "")) or page.url


def _is_final(error: BaseException | None) -> bool:
    """Whether asking again would bring the same: robots.txt, the stop list, no such host, no entry."""
    if isinstance(error, HttpError):
        return error.response.status in {401, 403}
    return isinstance(error, (IgnoreRequest, CannotResolveHostError))


def _moved(response: Response) -> bool:
    """Whether the page redirected to another path."""
    first = (response.meta.get("redirect_urls") or [response.url])[0]
    a, b = urlsplit(first), urlsplit(response.url)
    return (a.path.rstrip("/"), a.query) != (b.path.rstrip("/"), b.query)
