"""API calls and their retry policy; performs no I/O."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any, Generic, TypeVar

import httpx

from service.client.errors import RuthanError, problem_of, refusal

RETRIES = 5
LONGEST_WAIT = 60.0
"""Longest delay between two attempts in seconds, whatever ``Retry-After`` says."""

_BUSY = frozenset({429, 503})
_IN_FLIGHT = "urn:ruthan:problem:in-flight"
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request to the API and how to parse its response."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    file: IO[bytes] | None = None
    """A streamed body, which each attempt sends from the start."""
    streamed: bool = False
    """Whether ``read`` gets the response before its body has arrived."""
    repeatable: bool = True
    """Whether it is safe to send again when it may already have arrived."""
    patient: bool = True
    """Whether to retry if the service is busy."""

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments for httpx except method, path and file; those that are ``None`` are omitted."""
        return {
            "params": _given(self.params),
            "headers": dict(self.headers),
            "json": None if self.json is None else _given(self.json),
        }


class Attempts(Generic[T]):
    """The attempts at one call: the delay before each retry, and finally the answer."""

    def __init__(self, call: Call[T], retries: int, server: object) -> None:
        self._call, self._retries, self._server = call, retries, server
        self._failed = 0
        self._may_have_arrived = False
        self.answer: T

    def pause_after(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds until the next attempt; ``None`` once ``answer`` is set.

        Raises :class:`RuthanError` if a retry would not help.
        """
        last = self._failed >= self._retries
        if isinstance(outcome, httpx.TransportError):
            if last or not (self._call.repeatable or isinstance(outcome, _NOT_SENT)):
                raise RuthanError(f"{self._server} cannot be reached: {outcome}") from outcome
            self._may_have_arrived |= not isinstance(outcome, _NOT_SENT)
            return self._pause(None)
        if _is_busy(outcome) and self._call.patient and not last:
            return self._pause(outcome.headers.get("retry-after"))
        if not outcome.is_success and not self._is_deleted(outcome):
            raise refusal(outcome)
        self.answer = self._call.read(outcome)
        return None

    def _is_deleted(self, answer: httpx.Response) -> bool:
        """Whether a deletion found nothing because an attempt whose answer was lost had carried it out."""
        return self._call.method == "DELETE" and answer.status_code == 404 and self._may_have_arrived

    def _pause(self, retry_after: str | None) -> float:
        asked = _seconds(retry_after)
        if asked is None:
            asked = 0.5 * 2**self._failed * random.uniform(0.5, 1.5)  # noqa: S311 (not for secrets)
        self._failed += 1
        return min(max(asked, 0.0), LONGEST_WAIT)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value is not None
    }


def _seconds(retry_after: str | None) -> float | None:
    """Parse ``Retry-After``, a number of seconds or a date (RFC 9110, section 10.2.3)."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _is_busy(answer: httpx.Response) -> bool:
    """Whether a retry may succeed; also while an earlier attempt is still running."""
    return answer.status_code in _BUSY or problem_of(answer).get("type") == _IN_FLIGHT
