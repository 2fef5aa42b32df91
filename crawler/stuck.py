"""Ends a crawl in which nothing happens any more, and says so."""

import asyncio
import logging
import time
from typing import Any, Final, Self

from scrapy import signals
from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

STUCK: Final = "stuck"
"""Finish reason of a source from which nothing came for too long."""
_LOOKS: Final = 4
"""Looks within the time that is borne."""


class StuckWatch:
    """Extension: no answer and no listing for ``RUTHAN_CRAWL_STUCK`` seconds end the source.

    A site may ask to wait for longer (``RUTHAN_CRAWL_LONGEST_WAIT``): that much is borne in any case.
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
        """Begin to look."""
        self.happened()
        if self.limit:
            self._looking = asyncio.ensure_future(self._look())

    def happened(self, **_: Any) -> None:
        """Something came."""
        self._last = time.monotonic()

    def closed(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while time.monotonic() - self._last < self.limit:
            await asyncio.sleep(self.limit / _LOOKS)
        log.error("nothing came for %.0f s: the source is ended", self.limit)
        if self.crawler.engine is not None:
            # Not awaited: the end of the source cancels this task.
            self._ending = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=STUCK))
