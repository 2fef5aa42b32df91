"""How many requests a key, or an address without one, may make."""

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from service.settings import PREFIX, Settings

log = logging.getLogger(__name__)

SERVER_SECONDS = 1.0
"""How long Redis is waited for."""


class RateLimitsUnusable(ValueError):
    """Requests cannot be counted where the settings say; the message says what to do."""


@dataclass(frozen=True)
class Standing:
    """How a caller stands to one limit after a request: ``remaining`` requests for ``reset`` seconds more."""

    limit: RateLimitItem
    passed: bool
    remaining: int
    reset: int

    @property
    def policy(self) -> str:
        """As in the header ``RateLimit-Policy``."""
        return f'"{_name(self.limit)}";q={self.limit.amount};w={self.limit.get_expiry()}'

    @property
    def state(self) -> str:
        """As in the header ``RateLimit``."""
        return f'"{_name(self.limit)}";r={self.remaining};t={self.reset}'


@dataclass(frozen=True)
class Standings:
    """How a caller stands to every limit that concerns it; empty without one."""

    each: tuple[Standing, ...] = ()

    @property
    def retry_after(self) -> int | None:
        """Seconds until a request can pass again; ``None`` when this one did."""
        return max((standing.reset for standing in self.each if not standing.passed), default=None)

    def headers(self) -> Mapping[str, str]:
        """The headers of the IETF's draft-ietf-httpapi-ratelimit-headers."""
        if not self.each:
            return {}
        return {
            "RateLimit-Policy": ", ".join(standing.policy for standing in self.each),
            "RateLimit": ", ".join(standing.state for standing in self.each),
        }


class RateLimits:
    """Counts requests in windows that begin with the first one.  Safe to use from any thread."""

    def __init__(self, settings: Settings) -> None:
        """Prepare to count; raises :class:`RateLimitsUnusable`."""
        self._everybody = _limits(settings.rate_limit)
        self._complaints = _limits(settings.complaint_rate_limit)
        self._by_key = {name: _limits(limit) for name, limit in settings.rate_limit_by_key.items()}
        try:
            storage = storage_from_string(
                settings.rate_limit_storage, wrap_exceptions=True, **_waits(settings.rate_limit_storage)
            )
        except (ConfigurationError, ValueError) as error:
            raise RateLimitsUnusable(
                f"{PREFIX}RATE_LIMIT_STORAGE cannot be used: {error}. Write memory://, or redis://HOST:6379/0"
                " after: pip install 'ruthan[redis]'"
            ) from error
        self._counter = FixedWindowRateLimiter(storage)

    def key(self, name: str) -> Standings:
        """Count a request of the API key ``name``."""
        return self._take(self._by_key.get(name, self._everybody), "key", name)

    def address(self, host: str) -> Standings:
        """Count a request without a valid key from an address; an IPv6 network of 64 bits counts as one."""
        return self._take(self._everybody, "address", _network(host))

    def complaint(self, host: str) -> Standings:
        """Count a complaint that came by the public form from an address, as :meth:`address` does."""
        return self._take(self._complaints, "complaint", _network(host))

    def _take(self, limits: tuple[RateLimitItem, ...], kind: str, name: str) -> Standings:
        try:
            return Standings(tuple(self._stand(limit, kind, name) for limit in limits))
        except StorageError as error:
            # Who cannot count must not refuse: officers and platforms go on.
            log.error("requests are not limited, for they cannot be counted: %s", error.storage_error)
            return Standings()

    def _stand(self, limit: RateLimitItem, kind: str, name: str) -> Standing:
        passed = self._counter.hit(limit, kind, name)
        reset, remaining = self._counter.get_window_stats(limit, kind, name)
        return Standing(limit, passed, remaining, max(1, math.ceil(reset - time.time())))


def _waits(storage: str) -> dict[str, float]:
    """How long a server may keep a request waiting that it should only count."""
    if not storage.startswith("redis"):
        return {}
    return {"socket_timeout": SERVER_SECONDS, "socket_connect_timeout": SERVER_SECONDS}


def _limits(written: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(written)) if written else ()


def _name(limit: RateLimitItem) -> str:
    multiples = "" if limit.multiples == 1 else f"{limit.multiples}-"
    return f"{multiples}{limit.GRANULARITY.name}"


def _network(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(address)
