"""Ends and reports a crawl that has stopped making progress."""

import asyncio
import logging
import time
from typing import Any, Final, Self

from scrapy import signals
from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

STUCK: Final = "stuck"
"""Finish reason of a source that was idle for too long."""
_LOOKS: Final = 4
"""Checks within the limit."""


class StuckWatch:
    """Extension that ends a source after ``RUTHAN_CRAWL_STUCK`` seconds without a response or a listing.

    A site may ask to wait longer (``RUTHAN_CRAWL_LONGEST_WAIT``); that wait is always accepted.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        limit = settings.getfloat("RUTHAN_CRAWL_STUCK")
        self.limit = max(limit, 1.5 * settings.getfloat("RUTHAN_API_LONGEST_WAIT")) if limit else 0.0
        self._last = time.monotonic()
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.opened, signal=signals.spider_opened)
        crawler.signals.connect(made.closed, signal=signals.spider_closed)
        for signal in (signals.response_received, signals.item_scraped, signals.item_dropped):
            crawler.signals.connect(made.happened, signal=signal)
        return made

    def opened(self) -> None:
        """Start checking."""
        self.happened()
        if self.limit:
            self._looking = asyncio.ensure_future(self._look())

    def happened(self, **_: Any) -> None:
        """Record activity."""
        self._last = time.monotonic()

    def closed(self) -> None:
        """Stop checking."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while time.monotonic() - self._last < self.limit:
            await asyncio.sleep(self.limit / _LOOKS)
        log.error("nothing arrived for %.0f s: ending the source", self.limit)
        if self.crawler.engine is not None:
            # Not awaited: the end of the source cancels this task.
            self._ending = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=STUCK))
