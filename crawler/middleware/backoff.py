"""Retries, after the wait that a site asks for or with exponential backoff."""

import logging
import random
from typing import Final

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.response import response_status_message

from crawler.api.answers import wait_of
from crawler.frontier.scheduler import FrontierScheduler, site_key

log = logging.getLogger(__name__)

LONGEST_BACKOFF: Final = 120.0
"""Longest backoff in seconds; a site that asks for a longer wait gets it."""
_ASKED_TRIES: Final = 3
"""Minimum tries of a page whose site says when to retry."""


class PatientRetry(RetryMiddleware):
    """Scrapy's retries, with the whole site on hold meanwhile while other sites continue.

    ``Retry-After`` is obeyed, in seconds or as a date (RFC 9110, 10.2.3). Without it, the wait is twice the
    initial delay, doubled with each try of the page, with 25% jitter.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.base = 2 * settings.getfloat("AUTOTHROTTLE_START_DELAY")
        self.longest_wait = settings.getfloat("RUTHAN_API_LONGEST_WAIT")

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if request.meta.get("dont_retry") or response.status not in self.retry_http_codes:
            return response
        asked = wait_of({str(k): str(v) for k, v in response.headers.to_unicode_dict().items()})
        if asked is not None:
            most = max(self.max_retry_times, _ASKED_TRIES)
            request.meta.setdefault("max_retry_times", most)
        again = self._retry(request, response_status_message(response.status))
        # Giving up on a page is no reason to fetch the next one immediately.
        self._leave_alone(request, asked)
        return again or response

    def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:  # type: ignore[override]
        again = super().process_exception(request, exception)
        if again is not None:
            self._leave_alone(request, None)
        return again

    def _leave_alone(self, request: Request, asked: float | None) -> None:
        backoff = min(LONGEST_BACKOFF, self.base * 2 ** int(request.meta.get("retry_times", 0)))
        seconds = max(asked or 0.0, backoff * random.uniform(0.75, 1.25))  # noqa: S311 (no secret)
        scheduler = self.crawler.engine.scheduler if self.crawler.engine is not None else None
        if seconds <= 0 or not isinstance(scheduler, FrontierScheduler):
            return
        scheduler.hold(request.url, seconds)
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("ruthan/waits")
        if asked is not None:
            log.warning("%s asks to wait %.0f s", site_key(request.url), asked)
