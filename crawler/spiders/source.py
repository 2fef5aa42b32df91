"""Base of all spiders: counters and error reports."""

from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.middleware.limits import NotAsked
from crawler.middleware.robots import RobotsUnavailable
from crawler.middleware.secrets import redact
from crawler.network.resolver import refused
from crawler.pages.document import PageDocument
from crawler.pipeline.absent import REFRESHED
from crawler.site import clean_url

MAX_FAILURES = 50
SETTING = "RUTHAN_CRAWL_LIST_PAGES"
_FORBIDDEN = "Forbidden by robots.txt"
"""Scrapy's message."""
_TO_DO = ", which is obeyed: ask the shop for its consent, or for an export to read (docs/crawler/files.md)"


class SourceSpider(Spider):
    """Collects failures and their reasons for the run's summary."""

    fetches = True
    """Whether the source sends requests of its own; the evidence says so."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.failures: list[tuple[str, str]] = []
        """Addresses that could not be read, with the reason; the first ones only."""
        self.start_failures: dict[str, str] = {}
        """Named targets that could not be read at all, with the reason."""
        self.not_wholly_read: dict[str, str] = {}
        """Lists cut short by a limit, with the limit; the first ones only."""

    def would_fetch(self) -> list[str]:
        """Describe the run's first requests, one line each, without sending them."""
        raise NotImplementedError

    def failed(self, failure: Failure) -> Iterator[Any] | None:
        """Handle a page that could not be fetched."""
        if isinstance(failure.value, NotAsked):
            self.count("not_asked")
            return None
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self.note_failure(request.url, reason)
        if start := request.meta.get("ruthan_start"):
            self.start_failures[start] = reason
        return None

    def note_failure(self, what: str, reason: str) -> None:
        """Count an error and store its reason."""
        self.count("errors")
        if len(self.failures) < MAX_FAILURES:
            self.failures.append((redact(what), redact(reason)))

    def note_cut(self, what: str, reason: str) -> None:
        """Record that a list was cut short: no error, but the rest is unknown."""
        what = redact(what)
        if what in self.not_wholly_read:
            return
        self.logger.warning("not wholly read: %s: %s", what, reason)
        self.count("cut_short")
        if len(self.not_wholly_read) < MAX_FAILURES:
            self.not_wholly_read[what] = reason

    def too_long(self, pages: int) -> str:
        """Describe a list that was cut after so many pages, and what to do."""
        return f"{pages} pages were read and the list goes on: raise list_pages of the source, or {SETTING}"

    def led_on(self, response: Response, document: PageDocument) -> Request | None:
        """Return the request for the page that a browser would redirect to; ``None`` if there is none.

        Call it only for pages that show nothing to store; other pages are read wherever they redirect.
        """
        refresh, request = document.refresh, response.request
        if refresh is None or not refresh.is_instant or request is None:
            return None
        times = request.meta.get("redirect_times", 0) + 1
        target = clean_url(refresh.url)
        if target is None or target == clean_url(response.url):
            return None
        if times > self.settings.getint("REDIRECT_MAX_TIMES"):
            self.logger.warning("%s is the last of %d redirecting pages", response.url, times)
            return None
        meta = {
            **request.meta,
            "redirect_times": times,
            "redirect_urls": [*request.meta.get("redirect_urls", []), request.url],
            "redirect_reasons": [*request.meta.get("redirect_reasons", []), REFRESHED],
        }
        return request.replace(url=target, meta=meta)

    def count(self, what: str) -> None:
        """Count one of ``pages``, ``listings``, ``errors``, ``gone``, ``not_asked`` or ``cut_short``."""
        stats = self.crawler.stats
        assert stats is not None
        stats.inc_value(f"ruthan/{what}")


def reason_of(failure: Failure) -> str:
    """Describe why a page could not be fetched."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"the shop answered HTTP {error.response.status}"
    request: Request | None = getattr(failure, "request", None)
    if isinstance(error, IgnoreRequest):
        named = request is not None and request.meta.get("ruthan_start")
        return f"{error}{_TO_DO}" if named and str(error) == _FORBIDDEN else str(error)
    if isinstance(error, RobotsUnavailable):
        return str(error)
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
