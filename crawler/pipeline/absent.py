"""Records that a listing's page is gone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from web_poet import HttpResponse

from crawler.evidence.recorder import GONE_CODES
from crawler.pages.document import PageDocument
from crawler.pages.plain_text import element_text, squash
from crawler.pipeline.mapping import listing_id
from crawler.site import clean_url
from labels.evidence.content import CannotUnpack, content_of

TARGET = "ruthan_listing"
"""Meta key of a request that revisits a known listing: ``[external id, source]``."""

REFRESHED = "refresh"
"""Entry of ``redirect_reasons``: the page itself redirected, not the server."""


@dataclass
class Absent:
    """Item for a visit that did not show a listing.

    ``certain`` is set only when the site says that the listing is gone, which is evidence that a platform
    took it down. ``shown`` returns what the page showed instead, as text.
    """

    external_id: str
    source: str
    how: str
    certain: bool
    origin: Request
    shown: Callable[[], str] = str


class GoneWatch:
    """Downloader middleware that records known listings whose page answers 404 or 410.

    It runs next to the evidence recorder, so that every spider records absences.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        if response.status in GONE_CODES:
            from crawler.pipeline.deposit import DepositPipeline  # noqa: PLC0415 (which imports this module)

            pipeline: Any = self.crawler.get_item_pipeline(DepositPipeline)
            if pipeline is not None:
                external_id, source = target_of(request, pipeline.source)
                how = f"HTTP {response.status}"
                # A page that exists but redirects to a missing one has not been taken down.
                certain = REFRESHED not in request.meta.get("redirect_reasons", ())
                shown = partial(_text_of, response)
                await pipeline.note_absence(Absent(external_id, source, how, certain, request, shown))
        return response


def _text_of(response: Response) -> str:
    """Return the text of a page as it was received; empty for anything else."""
    headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, vs in response.headers.items() for v in vs]
    try:
        body, _ = content_of(response.body, headers, _MOST)
    except CannotUnpack:
        return ""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return shown_text(PageDocument(HttpResponse(response.url, body=body, headers={"Content-Type": kind})))


def shown_text(document: PageDocument) -> str:
    """Return all text of a page."""
    return element_text(next(document.tree.iter("body"), document.tree))


def still_shows(text: str, known: str) -> bool:
    """Whether a page's text has most of a listing's known text, so that it is not gone, whatever it says."""
    lines = [squash(line) for line in known.split("\n")]
    long = [line for line in lines if len(line) >= _LONG] or [x for x in ["".join(lines)] if len(x) >= _SOME]
    there = squash(text)
    found = sum(len(line) for line in long if line in there)
    return bool(long) and 2 * found >= sum(map(len, long))


_LONG: Final = 20
"""Characters of a line that stands on no other page by chance."""
_SOME: Final = 8
_MOST: Final = 5_000_000


def target_of(request: Request, source: str) -> tuple[str, str]:
    """Return the listing that a request visits: the one in its meta, or the one its first address implies."""
    if named := request.meta.get(TARGET):
        external_id, source = named
        return external_id, source
    first: str = (request.meta.get("redirect_urls") or [request.url])[0]
    return listing_id(clean_url(first) or first), source
