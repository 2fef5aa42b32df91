"""Base spider of sites: start pages, sitemaps, and staying on the site."""

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from gzip import GzipFile
from io import BytesIO
from typing import Any

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.gz import gzip_magic_number
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots
from twisted.python.failure import Failure

from crawler.middleware.depth import LIST_PAGE, SAME_DEPTH
from crawler.middleware.recent import Recent
from crawler.pages.paging import is_page_of, list_of
from crawler.site import REMEMBERED, clean_url, site_of
from crawler.spiders.source import SourceSpider

MAX_SITEMAP_URLS = 5_000
_PIECE = 65_536
START, ITEM, NEXT, OTHER = 30, 20, 10, 0
"""Priorities: pages with a listing first, so that a page limit is spent on them."""


class SiteSpider(SourceSpider):
    """Reads the start URLs and the pages in their sites' sitemaps.

    ``urls`` is a list of start URLs, or one string separated by white space (``-a urls=…``). Subclasses
    provide ``parse``, the callback of a page.
    """

    def __init__(self, urls: str | Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = urls.split() if isinstance(urls, str) else list(urls)
        starts = [(url, clean_url(url)) for url in given]
        bad = [url for url, cleaned in starts if cleaned is None]
        if bad or not starts:
            raise ValueError(f"not an http or https address: {', '.join(bad) or 'no URL given'}")
        self.start_pages = [cleaned for _, cleaned in starts if cleaned]
        self.sites = {site_of(url) for url in self.start_pages}
        self._sitemap_urls = 0
        self._met = Recent(REMEMBERED)

    @property
    def roots(self) -> list[str]:
        """The start pages' hosts, as URLs without a path."""
        return list(dict.fromkeys("/".join(url.split("/", 3)[:3]) for url in self.start_pages))

    def would_fetch(self) -> list[str]:
        return [*self.start_pages, *(f"{root}/robots.txt and the sitemaps it names" for root in self.roots)]

    async def start(self) -> AsyncIterator[Any]:
        # Start pages are fetched again when a job resumes: the first run may have failed on them.
        for url in self.start_pages:
            yield self.page(url, priority=START, dont_filter=True, meta={"ruthan_start": url})
        for root in self.roots:
            meta = {"dont_obey_robotstxt": True}  # the file that says so cannot forbid itself
            yield Request(
                f"{root}/robots.txt", self.parse_robots, errback=self.no_robots, dont_filter=True, meta=meta
            )

    def parse_robots(self, response: Response) -> Iterator[Any]:
        """Follow the sitemaps in robots.txt, or the default one if it names none."""
        named = [x for x in sitemap_urls_from_robots(response.body, base_url=response.url) if self.is_ours(x)]
        for url in named:
            yield Request(url, self.parse_sitemap, errback=self.failed)
        if not named:
            yield self._usual_sitemap(response.url)

    def no_robots(self, failure: Failure) -> Iterator[Any]:
        """Try the default sitemap without robots.txt; an unreachable site is reported by its start page."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if getattr(failure.value, "response", None) is not None:
            yield self._usual_sitemap(request.url)

    def parse_sitemap(self, response: Response) -> Iterator[Any]:
        """Follow a sitemap, or the sitemaps of an index."""
        body = response.body
        try:
            if gzip_magic_number(response):
                body = self._unpacked(response)
            sitemap = Sitemap(body)
            entries = [entry["loc"] for entry in sitemap if entry.get("loc")]
        except Exception as error:
            if not response.meta.get("ruthan_guess"):
                self.note_failure(response.url, f"not a sitemap: {error}")
            return
        for url in entries:
            if not self.is_ours(url):
                continue
            if self._sitemap_urls >= MAX_SITEMAP_URLS:
                self.note_cut(response.url, f"only {MAX_SITEMAP_URLS} addresses of a run's sitemaps are read")
                return
            self._sitemap_urls += 1
            if sitemap.type == "sitemapindex":
                yield Request(url, self.parse_sitemap, errback=self.failed)
            elif cleaned := clean_url(url):
                yield self.page(cleaned, priority=self.sitemap_priority(cleaned))

    def _unpacked(self, response: Response) -> bytes:
        """Return a compressed sitemap up to the limit, or to where it breaks off."""
        limit = self.settings.getint("DOWNLOAD_MAXSIZE")
        found = bytearray()
        with GzipFile(fileobj=BytesIO(response.body)) as file:
            try:
                while len(found) <= limit and (piece := file.read1(_PIECE)):
                    found += piece
            except (OSError, EOFError, zlib.error):
                if not found:
                    raise
                self.note_cut(response.url, "the compressed sitemap breaks off")
        if len(found) > limit:
            self.note_cut(response.url, f"only the first {limit:,} bytes of the unpacked sitemap are read")
        return bytes(found[:limit])

    def sitemap_priority(self, url: str) -> int:
        """Return the priority of a page from a sitemap."""
        return OTHER

    def is_fresh(self, url: str) -> bool:
        """Whether this run has not recently been led to the URL.

        The frontier would detect this too, but only after building a request and passing every middleware,
        which is most of the work for a menu that is on every page.
        """
        return not self._met.meet(url)

    def page(self, url: str, **kwargs: Any) -> Request:
        """Return the request for a page of the site."""
        return Request(url, self.parse, errback=self.failed, **kwargs)

    def onward(self, response: Response, links: Iterable[tuple[str, int]]) -> Iterator[Request]:
        """Yield requests for a page's new links, each with its priority.

        Another page of the same list does not count as deeper, so that a long category is read to its end.
        The exception is a page that follows one with nothing new, as in calendars and repeating lists.
        """
        fresh = [(url, priority) for url, priority in links if self.is_fresh(url)]
        has_new_items = any(priority == ITEM for _, priority in fresh)
        for url, priority in fresh:
            if priority != NEXT and not is_page_of(url, response.url):
                yield self.page(url, priority=priority)
            elif (number := response.meta.get(LIST_PAGE, 1)) < self.settings.getint("RUTHAN_LIST_PAGES"):
                meta = {LIST_PAGE: number + 1, SAME_DEPTH: has_new_items}
                yield self.page(url, priority=priority, meta=meta)
            else:
                self.note_cut(list_of(response.url), self.too_long(number))

    def is_ours(self, url: str) -> bool:
        """Whether the URL is on one of the sites."""
        try:
            return site_of(clean_url(url) or url) in self.sites
        except ValueError:
            return False

    def _usual_sitemap(self, beside: str) -> Request:
        root = "/".join(beside.split("/", 3)[:3])
        # This is a guess, so a missing file is no error.
        return Request(
            f"{root}/sitemap.xml", self.parse_sitemap, errback=self.no_sitemap, meta={"ruthan_guess": True}
        )

    def no_sitemap(self, failure: Failure) -> None:
        """Ignore that the default place has no sitemap."""
