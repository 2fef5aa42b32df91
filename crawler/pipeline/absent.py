"""Records that a listing's page is gone."""

from dataclasses import dataclass
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.evidence.recorder import GONE_CODES
from crawler.pipeline.mapping import listing_id
from crawler.site import clean_url

TARGET = "ruthan_listing"
"""Meta key of a request that revisits a known listing: ``[external id, source]``."""

DECLARED = "ruthan_declared"
"""Meta key of a visit to a page where it was fetched: the other address that it declared."""

STATED = "ruthan_stated"
"""Meta key of the visit to that other address, after the page was not shown where it was fetched.

``[address, how, certain, capture]``: what the site said there, and the evidence; ``None`` for an error.
"""

_PROMPT = 100
"""Priority of that visit: what the first one found must not wait until everything else is visited."""

REFRESHED = "refresh"
"""Entry of ``redirect_reasons``: the page itself redirected, not the server."""


@dataclass
class Absent:
    """Item for a visit that did not show a listing.

    ``certain`` is set only when the site says that the listing is gone, which is evidence that a platform
    took it down.
    """

    external_id: str
    source: str
    how: str
    certain: bool
    origin: Request


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
                await pipeline.note_absence(Absent(external_id, source, how, certain, origin=request))
        return response


def target_of(request: Request, source: str) -> tuple[str, str]:
    """Return the listing that a request visits: the one in its meta, or the one its first address implies."""
    if named := request.meta.get(TARGET):
        external_id, source = named
        return external_id, source
    return listing_id(first_address(request)), source


def first_address(request: Request) -> str:
    """Return the address that a request asked for before any redirect."""
    return addresses_of(request)[0]


def addresses_of(request: Request) -> list[str]:
    """Return the addresses that a request asked for, from the first to where it was redirected."""
    return [clean_url(x) or x for x in (*request.meta.get("redirect_urls", ()), request.url)]


def visit_declared(request: Request, how: str, certain: bool, seen: Any) -> Request | None:
    """Return the visit to the address that a page declared, unless it has been asked for.

    The product may be there if it is not where its page was fetched.
    """
    declared = request.meta.get(DECLARED)
    if not declared or declared in addresses_of(request):
        return None
    meta = {TARGET: request.meta[TARGET], STATED: [request.url, how, certain, seen]}
    return request.replace(url=declared, meta=meta, priority=_PROMPT)
