"""Resolves host names to public addresses only.

The check is part of the connection's own lookup, so a name cannot change its address between check and
connection.
"""

from typing import Any, Self

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.network.addresses import PrivateAddress, check_public

refused: dict[str, str] = {}
"""Why a host was refused, by host name: Twisted reports a refused lookup without its message."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's default resolver, but refusing non-public addresses unless the settings allow them."""

    allow_private = False

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.allow_private = crawler.settings.getbool("RUTHAN_CRAWL_ALLOW_PRIVATE")
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:
        found = super().getHostByName(name, timeout)
        return found if self.allow_private else found.addCallback(self._checked, name)

    @staticmethod
    def _checked(address: str, name: str) -> str:
        try:
            check_public(name, address)
        except PrivateAddress as error:
            refused[name] = str(error)
            raise DNSLookupError(str(error)) from error
        return address
