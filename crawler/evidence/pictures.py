"""Fetches the pictures of a listing, as evidence and for reading.

They go through the crawler's downloader, with the same address checks, robots.txt rules and size limits as
pages; they may be on a different site than the shop.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future

from crawler.evidence.recorder import EvidenceRecorder
from crawler.evidence.screenshots import RESOURCE
from crawler.middleware.secrets import redact
from labels.schema import Capture
from service.store.pictures.files import NotAPicture, PictureFiles, read_header
from service.store.pictures.repository import NewPicture

log = logging.getLogger(__name__)

MOST: Final = 12
"""Maximum number of pictures of one listing."""
MAX_BYTES: Final = 10_000_000
"""Maximum size of one picture in bytes."""
MAX_PIXELS: Final = 50_000_000
MAX_JPEG_PIXELS: Final = 400_000_000
"""Maximum number of pixels of one picture, from its header: the reader's limits."""
SECONDS: Final = 60.0
"""Time limit for the pictures of one listing."""
_HOPS: Final = 3
_DRAWN: Final = (".svg", ".svgz", ".ico")

Known = Callable[[str], Awaitable[Capture | None]]
"""Finds the record of a picture by its hash."""


@dataclass(frozen=True)
class Fetched:
    """The pictures of a listing in order, and their records; not ``complete`` if one is missing."""

    pictures: list[NewPicture]
    captures: list[Capture]
    complete: bool


class _Answer(NamedTuple):
    """The address that the listing shows, and the last request and response to which it led."""

    url: str
    request: Request
    response: Response


class PictureCollector:
    """Fetches pictures and writes each to the evidence once."""

    def __init__(self, crawler: Crawler, recorder: EvidenceRecorder) -> None:
        self._crawler, self._recorder = crawler, recorder
        self._files = PictureFiles(Path(crawler.settings["RUTHAN_PICTURES_DIR"]))
        self._kept: dict[str, Capture] = {}

    async def fetch(self, urls: Sequence[str], known: Known) -> Fetched:
        """Fetch the pictures at these addresses.

        ``known`` finds the records of pictures written by earlier runs. Raises ``OSError`` if a file or the
        evidence cannot be written.
        """
        wanted = [url for url in urls if not _is_drawn(url)]
        found: list[_Answer] = []
        complete = len(wanted) <= MOST
        try:
            async with asyncio.timeout(SECONDS):
                for url in wanted[:MOST]:
                    answer = await self._answer(url)
                    if answer is None:
                        complete = False
                    else:
                        found.append(answer)
        except TimeoutError:
            log.info("the pictures of a listing took longer than %g s: %d were fetched", SECONDS, len(found))
            complete = False
        return await self._keep(found, known, complete)

    async def _keep(self, found: Sequence[_Answer], known: Known, complete: bool) -> Fetched:
        pictures: dict[str, NewPicture] = {}
        captures: dict[str, Capture] = {}
        for url, request, response in found:
            try:
                media_type, width, height = read_header(response.body)
            except NotAPicture as error:
                log.info("%s: %s", redact(response.url), error)
                complete = False  # perhaps a page that asks to come back later
                continue
            if width * height > (MAX_JPEG_PIXELS if media_type == "image/jpeg" else MAX_PIXELS):
                log.info("%s has %d × %d pixels, too many", redact(response.url), width, height)
                complete = False
                continue
            exchange = self._recorder.exchange(request, response)
            digest = self._files.put(response.body)
            if digest not in self._kept:
                earlier = await known(digest)
                self._kept[digest] = earlier or self._recorder.file.record(exchange)
            capture = captures[digest] = self._kept[digest]
            pictures.setdefault(
                digest,
                NewPicture(
                    digest,
                    media_type,
                    width,
                    height,
                    len(response.body),
                    redact(url),
                    capture.warc_file,
                    capture.warc_record_id,
                ),
            )
        return Fetched(list(pictures.values()), list(captures.values()), complete)

    async def _answer(self, url: str) -> _Answer | None:
        assert self._crawler.engine is not None
        assert self._crawler.stats is not None
        meta = {RESOURCE: True, "dont_retry": True, "download_maxsize": MAX_BYTES}
        reason = ""
        try:
            request = Request(url, headers={"Accept": "image/*"}, meta=meta)
            answer: Any = request
            for _ in range(_HOPS):
                request = answer
                answer = await maybe_deferred_to_future(self._crawler.engine.downloader.fetch(request))
                if isinstance(answer, Response):
                    break
            if isinstance(answer, Response) and answer.status == 200:
                self._crawler.stats.inc_value("ruthan/pictures")
                return _Answer(url, request, answer)
            reason = f"HTTP {answer.status}" if isinstance(answer, Response) else "too many redirects"
        except TimeoutError:
            raise
        except Exception as error:
            # Forbidden by robots.txt, not public, unreachable, too large: the listing is kept without it.
            reason = str(error) or type(error).__name__
        log.info("no picture from %s: %s", redact(url), redact(reason))
        self._crawler.stats.inc_value("ruthan/without_picture")
        return None


def _is_drawn(url: str) -> bool:
    """Whether an address ends as that of a drawing (SVG) or icon."""
    try:
        return urlsplit(url).path.lower().endswith(_DRAWN)
    except ValueError:  # no address: to fetch it says so, and the listing is kept without it
        return False
