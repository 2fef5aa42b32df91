"""Keeps the raw exchange behind each response, and writes it to evidence when a listing rests on it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.web import http

from crawler.evidence import EvidenceFile, Exchange
from labels.schema import Capture

_REDIRECTS = "ruthan_redirects"
_OK = 200
_REDIRECT_CODES = frozenset({301, 302, 303, 307, 308})


class EvidenceRecorder:
    """Downloader middleware nearest to the network, so that bodies are as received.

    A redirect is written at once and travels on in the request's meta (a resumed job keeps it); the page
    itself is held in memory for as long as its request lives, and written by :meth:`captures`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.file = EvidenceFile(
            Path(settings["RUTHAN_EVIDENCE_DIR"]),
            {"software": settings["USER_AGENT"], "robots": "obeyed"},
        )
        self._held: WeakKeyDictionary[Request, Exchange] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder = cls(crawler)
        # Later than the pipelines' close: a deposit may still record.
        crawler.signals.connect(recorder.file.close, signal=signals.engine_stopped)
        return recorder

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status == _OK:
            self._held[request] = _exchange(request, response)
        elif response.status in _REDIRECT_CODES:
            try:
                capture = self.file.record(_exchange(request, response))
            except OSError:
                return response  # the page's own record fails the same way and is reported then
            known: list[dict[str, Any]] = request.meta.get(_REDIRECTS, [])
            request.meta[_REDIRECTS] = [*known, capture.model_dump(mode="json")]
        return response

    def captures(self, request: Request) -> list[Capture]:
        """Write the response to this request to evidence; it comes last, after the redirects that led to it.

        Raises ``OSError`` when the disk refuses, ``LookupError`` when the response is not held.
        """
        exchange = self._held.pop(request)
        redirects = [Capture.model_validate(x) for x in request.meta.get(_REDIRECTS, [])]
        return [*redirects, self.file.record(exchange)]


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=response.url,
        status=response.status,
        reason=_text(http.RESPONSES.get(response.status, b"")),
        body=response.body,
        at=datetime.now(UTC),
        response_headers=_headers(response.headers),
        request_headers=_headers(request.headers),
        method=request.method,
        ip_address=str(response.ip_address or ""),
    )


def _headers(headers: Any) -> list[tuple[str, str]]:
    return [(_text(name), _text(value)) for name, values in headers.items() for value in values]


def _text(value: bytes) -> str:
    return value.decode("latin-1")
