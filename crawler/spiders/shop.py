"""The spider for shops whose pages carry schema.org Product data, or look as if they sell one product."""

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawler.deposit import Collected
from crawler.mapping import listing_from_product
from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.product import ShopProductPage
from crawler.resolver import refused
from crawler.site import clean_url, site_of

log = logging.getLogger(__name__)

MAX_SITEMAP_URLS = 5_000
MAX_FAILURES = 50
_PRODUCT, _NEXT, _OTHER = 20, 10, 0
"""Priorities: products first, so that a page limit is spent on them."""


class ShopSpider(Spider):
    """Follows category, pagination and product links inside the sites of its start URLs.

    ``urls`` is a list of start URLs, or one string with white space between them (``-a urls=…``).
    """

    name = "shop"

    def __init__(self, urls: str | Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = urls.split() if isinstance(urls, str) else list(urls)
        starts = [(url, clean_url(url)) for url in given]
        bad = [url for url, cleaned in starts if cleaned is None]
        if bad or not starts:
            raise ValueError(f"not an http or https address: {', '.join(bad) or 'no URL given'}")
        self.start_pages = [cleaned for _, cleaned in starts if cleaned]
        self.sites = {site_of(url) for url in self.start_pages}
        self.failures: list[tuple[str, str]] = []
        """Start pages and others that could not be fetched, with the reason; the first ones only."""
        self.start_failures: dict[str, str] = {}
        self._sitemap_urls = 0

    async def start(self) -> AsyncIterator[Any]:
        # Start pages are fetched again when a job is resumed: the first run may have failed on them.
        for url in self.start_pages:
            yield self._page(url, priority=_PRODUCT, dont_filter=True, meta={"ruthan_start": url})
        for root in dict.fromkeys("/".join(url.split("/", 3)[:3]) for url in self.start_pages):
            meta = {"dont_obey_robotstxt": True}  # the file that says so cannot forbid itself
            yield Request(
                f"{root}/robots.txt", self.parse_robots, errback=self.no_robots, dont_filter=True, meta=meta
            )

    async def parse(
        self, response: Response, page: ShopProductPage, links: ShopNavigationPage
    ) -> AsyncIterator[Any]:
        self._count("pages")
        if not isinstance(response, TextResponse):
            return
        try:
            if page.is_product:
                product = await page.to_item()
                assert response.request is not None
                yield Collected(listing_from_product(product, url=response.url), response.request)
        except Exception as error:
            # A page that our own reading trips over must not cost its links.
            log.exception("cannot read %s", response.url)
            self._failed(response.url, f"cannot be read as a product: {error}")
        navigation = await links.to_item()
        for item in navigation.items or []:
            yield self._page(item.url, priority=_PRODUCT)
        if navigation.nextPage:
            yield self._page(navigation.nextPage.url, priority=_NEXT)
        for category in navigation.subCategories or []:
            yield self._page(category.url, priority=_OTHER)

    def parse_robots(self, response: Response) -> Iterator[Any]:
        """Follow the sitemaps that robots.txt names."""
        for url in sitemap_urls_from_robots(response.body, base_url=response.url):
            if self._is_ours(url):
                yield Request(url, self.parse_sitemap, errback=self.failed)

    def parse_sitemap(self, response: Response) -> Iterator[Any]:
        """Follow a sitemap, or the sitemaps that an index names."""
        body = response.body
        if gzip_magic_number(response):
            body = gunzip(body, max_size=self.settings.getint("DOWNLOAD_MAXSIZE"))
        try:
            sitemap = Sitemap(body)
            entries = [entry["loc"] for entry in sitemap if entry.get("loc")]
        except Exception as error:
            self._failed(response.url, f"not a sitemap: {error}")
            return
        for url in entries:
            if not self._is_ours(url) or self._sitemap_urls >= MAX_SITEMAP_URLS:
                continue
            self._sitemap_urls += 1
            if sitemap.type == "sitemapindex":
                yield Request(url, self.parse_sitemap, errback=self.failed)
            elif cleaned := clean_url(url):
                yield self._page(cleaned, priority=_OTHER)

    def failed(self, failure: Failure) -> None:
        """A page could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self._failed(request.url, reason)
        if start := request.meta.get("ruthan_start"):
            self.start_failures[start] = reason

    def no_robots(self, failure: Failure) -> None:
        """A shop without robots.txt names no sitemap; an unreachable one is reported by its start page."""

    def _page(self, url: str, **kwargs: Any) -> Request:
        return Request(url, self.parse, errback=self.failed, **kwargs)

    def _is_ours(self, url: str) -> bool:
        try:
            return site_of(url) in self.sites
        except ValueError:
            return False

    def _failed(self, url: str, reason: str) -> None:
        self._count("errors")
        if len(self.failures) < MAX_FAILURES:
            self.failures.append((url, reason))

    def _count(self, what: str) -> None:
        stats = self.crawler.stats
        assert stats is not None
        stats.inc_value(f"ruthan/{what}")


def reason_of(failure: Failure) -> str:
    """Why a page could not be fetched, for people."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"the shop answered HTTP {error.response.status}"
    if isinstance(error, IgnoreRequest):
        return str(error)
    request: Request | None = getattr(failure, "request", None)
    host = request.url.split("/")[2].rsplit(":", 1)[0] if request else ""
    if host in refused:
        return refused[host]
    name = type(error).__name__
    known = {
        "DownloadConnectionRefusedError": "the connection was refused: is the address right and the shop up?",
        "CannotResolveHostError": "no such host name: is it spelled right and is there a network?",
        "DownloadTimeoutError": "the shop did not answer in time",
        "DownloadCancelledError": "the response is larger than the limit (RUTHAN_CRAWL_MAX_BYTES)",
    }
    return known.get(name, f"{name}: {error}")
