"""Keeps every request, including redirects and robots.txt, on the crawled sites and on public addresses."""

from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from crawler.evidence.screenshots import RESOURCE
from crawler.network.addresses import PrivateAddress, check_public, parse_address
from crawler.network.resolver import refused
from crawler.site import site_of


class AddressGuard:
    """Downloader middleware that raises ``IgnoreRequest`` with the reason."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.allow_private = crawler.settings.getbool("RUTHAN_CRAWL_ALLOW_PRIVATE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"}:
            raise IgnoreRequest(f"{request.url}: only http and https are fetched")
        if parse_address(host) is not None and not self.allow_private:
            try:
                check_public(host, host)
            except PrivateAddress as error:
                raise IgnoreRequest(str(error)) from error
        if host in refused:
            raise IgnoreRequest(refused[host])
        sites: Any = getattr(self.crawler.spider, "sites", None)
        may_leave = request.meta.get(RESOURCE) or _is_robots_txt(request)
        if sites and not may_leave and site_of(request.url) not in sites:
            raise IgnoreRequest(
                f"{_first(request)} leads to another site, {request.url}; "
                "crawl that address if it is the shop's"
            )


def _is_robots_txt(request: Request) -> bool:
    """Whether it asks for the rules of a host, or where a host says that they are."""
    exempt = bool(request.meta.get("dont_obey_robotstxt"))
    return exempt and urlsplit(_first(request)).path == "/robots.txt"


def _first(request: Request) -> str:
    hops: list[str] = request.meta.get("redirect_urls") or [request.url]
    return hops[0]
