"""Parses an API's answer, and classifies its errors."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy.http import Response


class Trouble(Exception):
    """The answer holds no data; the message says why, for people."""


class Busy(Trouble):
    """The same question may succeed later; ``wait`` is how many seconds the API asks for, if it says."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Refused(Trouble):
    """The token is missing, wrong, expired, or not allowed to ask this: asking again is in vain."""


class WrongKey(Refused):
    """The application itself is not accepted (key, signature): no other token helps."""


class Spent(Trouble):
    """The quota of the day is used up."""


class Gone(Trouble):
    """What was asked for is not there, or not there any more."""


class TooMuch(Trouble):
    """The API wants to be asked for less at a time."""


def read_json(response: Response) -> Any:
    """The JSON of an answer, whatever its status: APIs explain their refusals in JSON too.

    Raises :class:`Busy` for an answer that is none (an HTML page with status 200 from a gateway, an empty or
    cut body), :class:`Gone` for a plain 404, and :class:`Refused` for a plain 401 or 403.
    """
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        check_status(response.status, headers_of(response))
        start = response.body[:200].lstrip().lower()
        kind = "an HTML page" if start.startswith((b"<!doctype", b"<html", b"<")) else "no JSON"
        raise Busy(f"answered {kind} with HTTP {response.status}") from None


def headers_of(response: Response) -> dict[str, str]:
    """The headers of an answer as text."""
    return {str(k): str(v) for k, v in response.headers.to_unicode_dict().items()}


def check_status(status: int, headers: Mapping[str, str], said: str = "") -> None:
    """Raise what an HTTP status means where the API says no more than that."""
    reason = f"HTTP {status}" + (f": {said}" if said else "")
    if status == 429:
        raise Busy(f"too many requests ({reason})", wait_of(headers))
    if status >= 500:
        raise Busy(f"the server has trouble ({reason})", wait_of(headers))
    if status in {404, 410}:
        raise Gone(f"not found ({reason})")
    if status in {401, 403, 407}:
        raise Refused(f"access refused ({reason})")
    if status >= 400:
        raise Trouble(f"the request was not understood ({reason})")


def wait_of(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that an answer asks to wait: ``Retry-After`` (seconds or a date), or ``x-rate-limit-reset``."""
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
