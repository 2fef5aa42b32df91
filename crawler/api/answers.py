"""Parses an API's response and classifies its errors."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy.http import Response


class ApiError(Exception):
    """A response without data; the message says why."""


class Busy(ApiError):
    """The same request may succeed later; ``wait`` is the number of seconds the API asks for, if any."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Refused(ApiError):
    """The token is missing, invalid, expired or lacks permission; retrying is pointless."""


class WrongKey(Refused):
    """The application itself is rejected (key or signature); no other token helps."""


class QuotaExhausted(ApiError):
    """The day's quota is used up."""


class Gone(ApiError):
    """The requested object does not exist, or no longer exists."""


class RequestTooLarge(ApiError):
    """The API wants smaller requests."""


def read_json(response: Response) -> Any:
    """Parse a response's JSON, whatever its status: APIs explain errors in JSON too.

    Raises :class:`Busy` for anything but JSON (a gateway's HTML page with status 200, an empty or truncated
    body), :class:`Gone` for a bare 404, and :class:`Refused` for a bare 401 or 403.
    """
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        check_status(response.status, headers_of(response))
        start = response.body[:200].lstrip().lower()
        kind = "an HTML page" if start.startswith((b"<!doctype", b"<html", b"<")) else "no JSON"
        raise Busy(f"answered {kind} with HTTP {response.status}") from None


def headers_of(response: Response) -> dict[str, str]:
    """Return a response's headers as text."""
    return {str(k): str(v) for k, v in response.headers.to_unicode_dict().items()}


def check_status(status: int, headers: Mapping[str, str], said: str = "") -> None:
    """Raise the error that an HTTP status stands for where the API gives no details."""
    reason = f"HTTP {status}" + (f": {said}" if said else "")
    if status == 429:
        raise Busy(f"too many requests ({reason})", wait_of(headers))
    if status >= 500:
        raise Busy(f"server error ({reason})", wait_of(headers))
    if status in {404, 410}:
        raise Gone(f"not found ({reason})")
    if status in {401, 403, 407}:
        raise Refused(f"access refused ({reason})")
    if status >= 400:
        raise ApiError(f"invalid request ({reason})")


def wait_of(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return how many seconds to wait: ``Retry-After`` (seconds or a date) or ``x-rate-limit-reset``."""
    now = now or datetime.now(UTC)
    fields = {name.lower(): value.strip() for name, value in headers.items()}
    after = fields.get("retry-after", "")
    if after.isdigit():
        return float(after)
    if after:
        try:
            at = parsedate_to_datetime(after)
        except ValueError:
            at = None
        if at is not None:
            return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
    reset = fields.get("x-rate-limit-reset", "")
    return max(0.0, float(reset) - now.timestamp()) if reset.isdigit() else None
