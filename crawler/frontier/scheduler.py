"""Scrapy scheduler on top of a frontier: a request is finished once everything it led to is done."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.utils.job import job_dir

from crawler.extensions.disk import has_stopped, is_full, stop
from crawler.frontier.local import LocalFrontier
from crawler.frontier.requests import dump, load
from crawler.frontier.waiting import Frontier, FrontierUnavailable
from crawler.middleware.secrets import redact

if TYPE_CHECKING:
    from crawler.frontier.shared import SharedFrontier

log = logging.getLogger(__name__)

GOES_ON: Final = "ruthan/goes_on"
"""Statistic of a run that resumes an earlier one."""
OF_ALL: Final = "ruthan/of_all"
"""Statistic of the process that ends a shared crawl: the counts of all its processes."""
_BEATS: Final = 6
"""Heartbeats within one lease."""
_OBJECTS: Final = 2_000
"""Maximum pending requests held in memory; a request takes about 3 kB."""


def site_key(url: str) -> str:
    """Return the key under which a site is put on hold: host and port."""
    return urlsplit(url).netloc.lower()


class FrontierScheduler(BaseScheduler):
    """In memory by default, in the job's folder with ``JOBDIR``, shared with ``RUTHAN_CRAWL_REDIS_URL``.

    A request that was taken stays in the frontier until the engine releases it, which happens after the
    callback's requests were scheduled and its listings deposited. So a kill at any moment leaves each page
    either finished or to be fetched again.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.longest_wait = settings.getfloat("RUTHAN_API_LONGEST_WAIT")
        self.lease = settings.getfloat("RUTHAN_CRAWL_LEASE")
        self.redis_url: str = settings["RUTHAN_CRAWL_REDIS_URL"]
        self.frontier: Frontier
        self.spider: Spider
        self._taken: dict[int, Request] = {}
        self._objects: dict[int, Request] = {}
        """Requests of an in-memory frontier, which need not be serialized."""
        self._unsent: list[Request] = []
        self._beating: asyncio.Task[None] | None = None
        self._is_away = False
        self._shared: SharedFrontier | None = None
        self._uncounted: list[tuple[str, list[str]]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Open the frontier. Raises ``OSError`` if it is unavailable."""
        self.spider = spider
        folder = job_dir(self.crawler.settings)
        if self.redis_url:
            from crawler.frontier.shared import SharedFrontier  # noqa: PLC0415 (needs the redis extra)

            self.frontier = self._shared = SharedFrontier(self.redis_url, self._name(), self.lease)
            self._beating = asyncio.ensure_future(self._beat())
        else:
            self.frontier = LocalFrontier(Path(folder) if folder else None)
            if self.frontier.goes_on:
                self._stat(GOES_ON)

    def close(self, reason: str) -> None:
        """Log what is left, and close the frontier."""
        if self._beating is not None:
            self._beating.cancel()
        with self._patiently():
            self._settle()
            left = self.frontier.waiting()
            if left.ready or left.held:
                self._stat("ruthan/left", left.ready + left.held)
            if left.held:
                log.warning(
                    "%d pages were not fetched: their site asks to wait %.0f s more", left.held, left.soonest
                )
            # A crawl that was interrupted goes on later, and its last process then judges it.
            if self._shared is not None and reason != "shutdown":
                self._conclude(self._shared)
            self.frontier.close()

    def count(self, listing: str, names: Iterable[str]) -> None:
        """Add a listing to the count of all processes, if there are several."""
        if self._shared is None:
            return
        self._uncounted.append((listing, list(names)))
        with self._patiently():
            self._send_counts(self._shared)

    def _send_counts(self, shared: "SharedFrontier") -> None:
        while self._uncounted:
            shared.count(*self._uncounted[0])
            del self._uncounted[0]

    def _conclude(self, shared: "SharedFrontier") -> None:
        self._send_counts(shared)
        counts = shared.conclude()
        if counts is not None and self.crawler.stats is not None:
            self.crawler.stats.set_value(OF_ALL, counts)

    def enqueue_request(self, request: Request) -> bool:
        """Add a request, unless it is already known."""
        with self._patiently():
            return self._add(request)
        self._unsent.append(request)
        return True

    def next_request(self) -> Request | None:
        """Return the next request, or ``None`` if there is none at present."""
        if has_stopped(self.crawler):
            return None
        with self._patiently():
            self._settle()
            while (taken := self.frontier.take()) is not None:
                request = self._objects.get(taken.number)
                if request is None:
                    try:
                        request = load(taken.data, self.spider)
                    except ValueError as error:
                        log.error("skipping a request of the frontier: %s", error)
                        self.frontier.done(taken.number)
                        continue
                self._taken[taken.number] = request
                return request
        return None

    def has_pending_requests(self) -> bool:
        """Whether a request is pending, here or in another process, within the longest accepted wait."""
        if has_stopped(self.crawler):
            return False
        with self._patiently():
            self._settle()
            if self.frontier.has_ready():
                return True
            left = self.frontier.waiting()
            return bool(left.elsewhere or (left.held and left.soonest <= self.longest_wait))
        return True

    def hold(self, url: str, seconds: float) -> None:
        """Put the URL's site on hold for this many seconds."""
        with self._patiently():
            self.frontier.hold(site_key(url), seconds)

    def give_back(self, request: Request) -> None:
        """Return a request that must not be fetched in this run, for another run."""
        for number in [n for n, taken in self._taken.items() if taken is request]:
            with self._patiently():
                self.frontier.give_back(number)
                del self._taken[number]

    def _add(self, request: Request) -> bool:
        data = ""
        if self.frontier.is_kept or len(self._objects) >= _OBJECTS:
            try:
                data = dump(request, self.spider)
            except ValueError as error:
                if self.frontier.is_kept:
                    log.error("%s: it will be lost if the crawl is killed", redact(str(error)))
        fingerprint = None
        if self._is_filtered(request):
            assert self.crawler.request_fingerprinter is not None
            fingerprint = self.crawler.request_fingerprinter.fingerprint(request).hex()
        number = self.frontier.add(fingerprint, request.priority, site_key(request.url), data)
        if number is None:
            self._stat("dupefilter/filtered")
            return False
        if not data:
            self._objects[number] = request
        self._stat("scheduler/enqueued")
        return True

    def _is_filtered(self, request: Request) -> bool:
        if not request.dont_filter:
            return True
        # Processes that share a frontier also share its start pages; requests that follow a response are
        # intended.
        follows = request.meta.get("retry_times") or request.meta.get("redirect_times")
        return bool(self.redis_url) and not follows

    def _settle(self) -> None:
        """Finish the requests that the engine has released, and send what could not be sent before.

        Once the disk was full, nothing counts as finished: its results may not be stored, so the next run of
        the job fetches it again.
        """
        if has_stopped(self.crawler):
            return
        engine = self.crawler.engine
        # Scrapy has no signal for "everything this request led to is done"; its slot knows.
        slot = engine._slot if engine is not None else None
        under_way: set[Request] = slot.inprogress if slot is not None else set()
        for number in [n for n, request in self._taken.items() if request not in under_way]:
            self.frontier.done(number)
            del self._taken[number]
            self._objects.pop(number, None)
        while self._unsent:
            self._add(self._unsent[0])
            del self._unsent[0]

    @contextlib.contextmanager
    def _patiently(self) -> Iterator[None]:
        """Wait while a shared frontier is unreachable; no request is lost."""
        try:
            yield
        except FrontierUnavailable as error:
            if not self._is_away:
                log.error("%s: waiting for it", error)
            self._is_away = True
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            stop(self.crawler, f"the queue of pages cannot be written: {error}")
        else:
            self._is_away = False

    async def _beat(self) -> None:
        while True:
            with self._patiently():
                self.frontier.beat()
            await asyncio.sleep(self.lease / _BEATS)

    def _name(self) -> str:
        settings = self.crawler.settings
        starts = "\n".join(sorted(getattr(self.spider, "start_pages", [])))
        digest = sha256(starts.encode()).hexdigest()[:8]
        return f"{settings['RUTHAN_CRAWL_FRONTIER']}:{settings['RUTHAN_SOURCE']}:{self.spider.name}:{digest}"

    def _stat(self, name: str, amount: int = 1) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(name, amount)
