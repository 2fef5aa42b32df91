"""Obeys robots.txt, also where it cannot be read (RFC 9309)."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from crawler.middleware.limits import BudgetSpent

_AGAIN_AFTER: Final = 300.0
"""Seconds after which a robots.txt that could not be read is requested again."""


class RobotsUnavailable(Exception):
    """A robots.txt that a server's failure hides: nothing of the host may be fetched."""


@dataclass(frozen=True)
class _Asked:
    """The request for a host's robots.txt, and when it was sent."""

    rules: asyncio.Task[RobotParser]
    at: float

    @property
    def has_lapsed(self) -> bool:
        task = self.rules
        if not task.done():
            return False
        has_failed = task.cancelled() or task.exception() is not None
        return has_failed and time.monotonic() - self.at > _AGAIN_AFTER


class RobotsRules(RobotsTxtMiddleware):
    """Scrapy's middleware, which would fetch everything while a robots.txt fails or is being loaded.

    A request fails as its robots.txt failed: with the same error, or with :class:`RobotsUnavailable` for
    HTTP 5xx. Any other status but 200 means that there are no rules.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asked: dict[str, _Asked] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of a request's host. Raises what kept them from being read."""
        parts = urlsplit(request.url)
        asked = self._asked.get(parts.netloc)
        if asked is None or asked.has_lapsed:
            rules = asyncio.ensure_future(self._read(f"{parts.scheme}://{parts.netloc}/robots.txt"))
            asked = self._asked[parts.netloc] = _Asked(rules, time.monotonic())
        try:
            # A picture that takes too long is given up, but not the rules that others wait for.
            return await asyncio.shield(asked.rules)
        except BudgetSpent:
            return None  # the budget holds back the request as well, and keeps it for tomorrow

    async def _read(self, url: str) -> RobotParser:
        meta = {"dont_obey_robotstxt": True}
        wanted = Request(url, priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK)
        assert self.crawler.engine is not None
        response = await self.crawler.engine.download_async(wanted)
        if response.status >= 500:
            raise RobotsUnavailable(
                f"{url} answered HTTP {response.status}: nothing is fetched until it can be read"
            )
        return build_from_crawler(
            self._parserimpl, self.crawler, response.body if response.status == 200 else b""
        )
