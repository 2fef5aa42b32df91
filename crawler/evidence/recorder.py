"""Holds the raw exchange behind each response and writes it to evidence once a listing rests on it."""

import logging
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.web import http

from crawler.evidence.clock import open_clock
from crawler.evidence.screenshots import PNG, RESOURCE
from crawler.evidence.writer import EvidenceFile, Exchange
from crawler.middleware.secrets import redact, redact_body, redact_headers
from labels.evidence.warc import VIEW
from labels.schema import Capture

LED_HERE = "ruthan_redirects"
"""Meta key: captures of what led to a request (redirects, earlier responses), as plain values."""
FROM_API = "ruthan_api"
"""Meta key of a request signed with a token, whose response may echo it."""
MAX_UNPACKED = 64_000_000
"""Maximum bytes of a compressed API response."""
GONE_CODES = frozenset({404, 410})
_HELD_CODES = GONE_CODES | {200}
_REDIRECT_CODES = frozenset({301, 302, 303, 307, 308})


log = logging.getLogger(__name__)


class EvidenceRecorder:
    """Downloader middleware nearest to the network, so that bodies are as received.

    A redirect is written at once and carried in the request's meta, so that a resumed job has it. The page
    itself is held in memory as long as its request lives, and written by :meth:`captures`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.clock = open_clock(settings["RUTHAN_CRAWL_CLOCK"])
        fetches = getattr(crawler.spidercls, "fetches", True)
        how = {"robots": "obeyed"} if fetches else {"description": "files that were handed in"}
        self.file = EvidenceFile(
            Path(settings["RUTHAN_EVIDENCE_DIR"]),
            {"software": settings["USER_AGENT"], **how, "clock": str(self.clock)},
        )
        self._held: WeakKeyDictionary[Request, Exchange] = WeakKeyDictionary()
        self._written: WeakKeyDictionary[Request | Exchange, list[Capture]] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder = cls(crawler)
        # After the pipelines close, because a deposit may still record.
        crawler.signals.connect(recorder.file.close, signal=signals.engine_stopped)
        return recorder

    def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get(RESOURCE):
            return response
        if response.status in _HELD_CODES:
            try:
                self._held[request] = self.exchange(request, response)
            except ValueError:
                # The compression hides a token: no evidence is better than evidence that leaks one.
                log.warning("%s is compressed, and tokens cannot be removed from it", redact(response.url))
        elif response.status in _REDIRECT_CODES:
            try:
                capture = self.file.record(self.exchange(request, response))
            except OSError:
                return response  # the page's own record fails the same way and is reported then
            known: list[dict[str, Any]] = request.meta.get(LED_HERE, [])
            request.meta[LED_HERE] = [*known, capture.model_dump(mode="json")]
        return response

    def captures(self, origin: Request | Exchange) -> list[Capture]:
        """Write what a listing rests on to evidence: the response to a request, or a recorded exchange.

        The redirects that led to it come first. It is written once for all listings that rest on it. Raises
        ``OSError`` if it cannot be written and ``LookupError`` if the response is not held.
        """
        if origin in self._written:
            return self._written[origin]
        redirects: list[dict[str, Any]] = []
        if isinstance(origin, Request):
            exchange = self._held.pop(origin)
            redirects = origin.meta.get(LED_HERE, [])
        else:
            exchange = origin
        captures = [*map(Capture.model_validate, redirects), self.file.record(exchange)]
        self._written[origin] = captures
        return captures

    def trace(self, origin: Request | Exchange, kept: Capture) -> Capture | None:
        """Record that a page shows what ``kept`` shows, without storing it again.

        Returns ``None`` if it must be stored, or is stored already, by :meth:`captures`. Raises ``OSError``.
        """
        exchange = self.held(origin)
        if exchange is None or exchange.was_handed_in or origin in self._written:
            return None
        return self.file.trace(exchange, kept)

    def held(self, origin: Request | Exchange) -> Exchange | None:
        """Return what :meth:`captures` would write, or ``None`` if it is written already or not held."""
        return self._held.get(origin) if isinstance(origin, Request) else origin

    def add_picture(self, origin: Request | Exchange, picture: bytes) -> None:
        """Write a screenshot of what :meth:`captures` wrote; it precedes the page itself from then on.

        Raises ``OSError`` if it cannot be written.
        """
        written = self._written[origin]
        page = written[-1]
        shown = Exchange(
            url=VIEW + page.url,
            status=page.status,
            body=picture,
            at=self.clock.now(),
            response_headers=[("Content-Type", PNG)],
            is_file=True,
            concurrent_to=page.warc_record_id,
        )
        written.insert(-1, self.file.record(shown))

    def exchange(self, request: Request, response: Response) -> Exchange:
        """Return a request and its response for evidence, with tokens removed.

        Raises ``ValueError`` for a body whose compression hides a token.
        """
        return _exchange(request, response, self.clock.now())


def _exchange(request: Request, response: Response, at: datetime) -> Exchange:
    from_api = bool(request.meta.get(FROM_API))
    headers = [(k, redact(v)) for k, v in _headers(response.headers)]
    received = response.body
    if from_api and response.headers.get("Content-Encoding"):
        received = _unpacked(received)
        headers = [(k, v) for k, v in headers if k.lower() != "content-encoding"]
    body = redact_body(received, from_api=from_api)
    return Exchange(
        url=redact(response.url),
        status=response.status,
        reason=_text(http.RESPONSES.get(response.status, b"")),
        body=body,
        at=at,
        response_headers=headers,
        request_headers=redact_headers(_headers(request.headers)),
        request_body=redact_body(request.body, from_api=from_api),
        method=request.method,
        ip_address=str(response.ip_address or ""),
        redacted=body != received,
    )


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        found = unpacker.decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise ValueError("not gzip or deflate") from error
    if unpacker.unconsumed_tail:
        raise ValueError("too large when unpacked")
    return found


def _headers(headers: Any) -> list[tuple[str, str]]:
    return [(_text(name), _text(value)) for name, values in headers.items() for value in values]


def _text(value: bytes) -> str:
    return value.decode("latin-1")
