"""Base spider of APIs: pages through lists, backs off when asked to, and stops when access is refused."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from scrapy import Request
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.api.answers import (
    ApiError,
    Busy,
    Gone,
    QuotaExhausted,
    Refused,
    RequestTooLarge,
    WrongKey,
    check_status,
    headers_of,
    read_json,
)
from crawler.api.walk import Walk
from crawler.evidence.recorder import FROM_API, LED_HERE, EvidenceRecorder
from crawler.middleware.limits import COST, NotAsked
from crawler.middleware.secrets import redact
from crawler.pages.item import ShopProduct, SocialPost
from crawler.pipeline.deposit import Collected
from crawler.pipeline.mapping import listing_of
from crawler.site import site_of
from crawler.spiders.source import SourceSpider, reason_of
from labels.schema import Listing

REFUSED, QUOTA, RATE_LIMIT = "refused", "quota", "rate_limit"
"""Finish reasons of a source that could not continue."""

_LONGEST_BACKOFF = 300.0
MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""Exceptions raised by reading a response that is not shaped as documented."""


class ApiSpider(SourceSpider):
    """Requests the walks of :meth:`walks` and yields what their reading methods return.

    A subclass sets ``api_url``, maps its platform's errors in :meth:`check`, and provides for every walk a
    reading method ``(data, walk) -> Iterator[Listing | Walk]`` and, in :meth:`next_page`, the page that
    follows. Only this class retries, so that a wait requested by the API is honoured.
    """

    api_url: str
    limit_name: ClassVar[str] = "limit"
    """Name of the page-size parameter."""
    smallest_limit: ClassVar[int] = 5
    by_token: ClassVar[bool] = True
    """Whether the API needs a token. If not, it is public and robots.txt is checked first."""
    custom_settings = {  # noqa: RUF012 (Scrapy declares it)
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "DEPTH_LIMIT": 0,
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._waiting = 0

    @property
    def sites(self) -> set[str]:
        """The only site that requests may go to."""
        return {site_of(self.api_url)}

    def walks(self) -> Iterable[Walk]:
        """Return the lists to read, as the plan names them."""
        raise NotImplementedError

    def next_page(self, data: Any, walk: Walk) -> Walk | None:
        """Return the page after this response, or ``None``."""
        return None

    def check(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        """Raise a :class:`~crawler.api.answers.ApiError` if a JSON response holds no data."""
        check_status(status, headers)

    def missing(self) -> str:
        """Return what is missing before any request can be sent, such as an unset token; empty if nothing."""
        return ""

    def credentials(self) -> Mapping[str, str]:
        """Return the authentication headers, added as a request is sent so that nothing stores them."""
        return {}

    def credentials_for(self, request: Request) -> Mapping[str, str]:
        """Return this request's credentials, where they differ between requests."""
        return self.credentials()

    async def renew(self, request: Request) -> bool:
        """Renew the token after a refused request, if possible; return whether a new one is available."""
        return False

    def would_fetch(self) -> list[str]:
        lines = [f"{'POST' if x.body is not None else 'GET'} {redact(x.address)}" for x in self.walks()]
        return [*lines, *([f"! {self.missing()}"] if self.missing() else [])]

    async def start(self) -> AsyncIterator[Any]:
        if missing := self.missing():
            self._give_up(missing)
            raise CloseSpider(REFUSED)
        for walk in self.walks():
            yield self.ask(walk)

    def ask(self, walk: Walk) -> Request:
        """Return the request for a page of a list."""
        meta = {
            FROM_API: self.by_token,
            COST: walk.cost,
            **({LED_HERE: list(walk.rests_on)} if walk.rests_on else {}),
            "dont_retry": True,
            # Redirects are still followed: shops move between their own addresses.
            "handle_httpstatus_list": list(range(400, 600)),
            # The API's terms and the token grant permission here; robots.txt applies to pages.
            "dont_obey_robotstxt": self.by_token,
        }
        headers = {"Accept": "application/json", **({"Accept-Encoding": "identity"} if self.by_token else {})}
        if walk.body is not None:
            headers["Content-Type"] = "application/json"
        return Request(
            walk.address,
            self.answered,
            method="GET" if walk.body is None else "POST",
            headers=headers,
            body=walk.payload,
            meta=meta,
            errback=self.unanswered,
            cb_kwargs={"walk": walk},
            dont_filter=True,
        )

    async def answered(self, response: Response, walk: Walk) -> AsyncIterator[Any]:
        """Read a response and request the next page, or handle the error."""
        self.count("pages")
        try:
            data = read_json(response)
            self.check(response.status, headers_of(response), data)
        except ApiError as trouble:
            assert response.request is not None
            async for request in self._see_to(trouble, walk, response.request):
                yield request
            return
        except MISSHAPEN as error:
            self._failed_target(walk, f"the answer is not shaped as documented: {error!r}")
            return
        assert response.request is not None
        try:
            for item in getattr(self, walk.read)(data, walk):
                if isinstance(item, Walk):
                    yield self.ask(self._resting_on(response.request, item) if item.on_this else item)
                else:
                    yield Collected(item, response.request)
            onward = self.next_page(data, walk)
        except MISSHAPEN as error:
            self.logger.exception("cannot read the answer about %s", walk.target)
            self.note_failure(walk.target, f"the answer is not shaped as documented: {error!r}")
            return
        if onward is None:
            return
        # Paging that never ends must be stopped.
        if walk.page < self.settings.getint("RUTHAN_LIST_PAGES"):
            yield self.ask(onward)
        else:
            self.note_cut(walk.target, self.too_long(walk.page))

    def _resting_on(self, request: Request, walk: Walk) -> Walk:
        """Attach the evidence of the previous response to the walk, and write it."""
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        try:
            captures = recorder.captures(request) if recorder is not None else []
        except (OSError, LookupError) as error:
            # The listing's own response fails the same way and is reported in the summary.
            self.logger.error("no evidence for %s: %s", walk.target, error)
            captures = []
        return walk.again(on_this=False, rests_on=tuple(x.model_dump(mode="json") for x in captures))

    def each(
        self, walk: Walk, records: Iterable[Any], make: Callable[[Any], ShopProduct | SocialPost | None]
    ) -> Iterator[Listing]:
        """Listings of records, ``None`` left out; one that is not shaped as documented costs no other."""
        for record in records:
            try:
                item = make(record)
                if item is not None:
                    yield listing_of(item)
            except MISSHAPEN as error:
                self.logger.exception("cannot read a record of %s", walk.target)
                self.note_failure(walk.target, f"a record is not shaped as documented: {error!r}")

    async def unanswered(self, failure: Failure) -> AsyncIterator[Any]:
        """Retry after a network error, with backoff."""
        if isinstance(failure.value, NotAsked):
            self.count("not_asked")
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: Walk = request.cb_kwargs["walk"]
        trouble: ApiError = Busy(reason_of(failure))
        if isinstance(failure.value, IgnoreRequest):
            trouble = ApiError(str(failure.value))
        async for again in self._see_to(trouble, walk, request):
            yield again

    async def _see_to(self, trouble: ApiError, walk: Walk, asked: Request) -> AsyncIterator[Any]:
        if isinstance(trouble, Gone):
            self.count("gone")
            if walk.named:
                self._failed_target(walk, str(trouble))
        elif isinstance(trouble, QuotaExhausted):
            self._give_up(f"{walk.target}: {trouble}")
            raise CloseSpider(QUOTA)
        elif isinstance(trouble, Refused):
            if not isinstance(trouble, WrongKey) and not walk.renewed and await self.renew(asked):
                yield self.ask(walk.again(renewed=True))
                return
            self.refused(trouble, walk)
        elif isinstance(trouble, RequestTooLarge):
            less = self._for_less(trouble, walk)
            if less is not None:
                yield less
        elif isinstance(trouble, Busy):
            again = await self._later(trouble, walk)
            if again is not None:
                yield again
        else:
            self._failed_target(walk, str(trouble))

    def refused(self, trouble: Refused, walk: Walk) -> None:
        """Handle a refusal: the source ends."""
        self._give_up(f"{walk.target}: {trouble}")
        raise CloseSpider(REFUSED)

    def _for_less(self, trouble: ApiError, walk: Walk) -> Request | None:
        limit = int(walk.params.get(self.limit_name, 0)) // 2
        if limit < self.smallest_limit:
            self._failed_target(walk, str(trouble))
            return None
        return self.ask(walk.again(params={**walk.params, self.limit_name: str(limit)}))

    async def _later(self, trouble: Busy, walk: Walk) -> Request | None:
        settings = self.settings
        if walk.tries >= settings.getint("RUTHAN_API_TRIES"):
            self._failed_target(walk, f"{trouble}, also after {walk.tries + 1} tries")
            return None
        base = settings.getfloat("RUTHAN_API_FIRST_WAIT")
        backoff = min(base * 2**walk.tries, _LONGEST_BACKOFF)
        jitter = 1 + random.random() / 4  # noqa: S311 (spreads requests, guards nothing)
        wait = trouble.wait if trouble.wait is not None else backoff * jitter
        if wait > settings.getfloat("RUTHAN_API_LONGEST_WAIT"):
            self._give_up(
                f"{walk.target}: {trouble}; the API asks to wait {wait:.0f} s: run again after that"
            )
            raise CloseSpider(RATE_LIMIT)
        await self._pause(wait)
        return self.ask(replace(walk, tries=walk.tries + 1))

    async def _pause(self, seconds: float) -> None:
        """Send nothing while the API asks for a pause."""
        engine = self.crawler.engine
        assert engine is not None
        self._waiting += 1
        engine.pause()
        until = time.monotonic() + seconds
        try:
            # Sleep in short pieces, so that ending the crawl does not have to wait.
            while (left := until - time.monotonic()) > 0 and not self._is_closing():
                await asyncio.sleep(min(left, 0.5))
        finally:
            self._waiting -= 1
            if not self._waiting:
                engine.unpause()

    def _is_closing(self) -> bool:
        slot = getattr(self.crawler.engine, "_slot", None)
        return not self.crawler.crawling or slot is None or slot.closing is not None

    def _failed_target(self, walk: Walk, reason: str) -> None:
        self.note_failure(walk.target, reason)
        if walk.named and not walk.cursors:
            self.start_failures[walk.target] = redact(reason)

    def _give_up(self, reason: str) -> None:
        self.note_failure(self.name, reason)
        self.start_failures[self.name] = redact(reason)


class Credentials:
    """Downloader middleware that adds the spider's credentials to requests to its own API only."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Credentials":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        spider = self.crawler.spider
        if isinstance(spider, ApiSpider) and _origin(request.url) == _origin(spider.api_url):
            for name, value in spider.credentials_for(request).items():
                request.headers[name] = value


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).lower()
