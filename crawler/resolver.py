"""Host names to public addresses only.

The check stands where the connection's own address is looked up, so a name that changes its address between a
check and the connection gains nothing.
"""

from typing import Any, Self

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.addresses import PrivateAddress, check_public

refused: dict[str, str] = {}
"""Why a host was refused, by host name: Twisted reports a refused look-up without its message."""


class PublicResolver(CachingThreadedResolver):
    """Resolves as Scrapy's default does, and refuses what is not public unless the settings allow it."""

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
