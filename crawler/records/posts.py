"""Shared helpers for records of social networks and shops."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from zyte_common_items import Url

HASHTAG = re.compile(r"(?<![\w&])[#＃]([^\W_][\w\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*)")
"""A hashtag; Thai vowels and tone marks above and below are no letters to ``\\w``, but belong to the word."""


def hashtags(text: str) -> list[str] | None:
    """Return a text's hashtags without the sign, each once."""
    return list(dict.fromkeys(HASHTAG.findall(text))) or None


def media(urls: Iterable[Any]) -> list[Url] | None:
    """Return the http addresses among these, each once."""
    kept = dict.fromkeys(x for x in urls if isinstance(x, str) and x.startswith(("http://", "https://")))
    return [Url(url=x) for x in kept] or None


def from_epoch(seconds: Any) -> str | None:
    """Convert a Unix time to ISO 8601."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def integer(value: Any) -> int | None:
    """Parse a count, which some APIs write as a string."""
    text = str(value)
    return int(text) if text.isdigit() else None


def dig(record: Any, *path: str) -> Any:
    """Return the value at a path of nested records, or ``None``."""
    for name in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record
