"""Addresses found in listings, which are hostile, and addresses of our own pages."""

from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from labels.taxonomy import Platform, ProductClass, Verdict
from service.store.queue import CaseState, QueueFilter

QUEUE = "/queue"

E = TypeVar("E", bound=StrEnum)


def web_link(url: str | None) -> str | None:
    """``url`` if it may become a link: http or https with a host and no control characters, else ``None``."""
    if not url or any(ord(char) <= 32 or 127 <= ord(char) < 160 for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def own_page(target: str | None) -> str:
    """``target`` if it is a page of the console to go to after login, else the queue."""
    safe = (
        target is not None
        and target.startswith((QUEUE, "/cases/", "/referrals", "/keys", "/account"))
        and target.isprintable()
    )
    return target if safe and target is not None else QUEUE


def filter_of(query: dict[str, str]) -> QueueFilter:
    """The filter in a query string; values that do not exist do not narrow."""
    return QueueFilter(
        state=_one(CaseState, query.get("state")),
        verdict=_one(Verdict, query.get("verdict")),
        product_class=_one(ProductClass, query.get("class")),
        platform=_one(Platform, query.get("platform")),
        search=query.get("q", "").strip()[:200],
    )


def query_of(wanted: QueueFilter, **extra: str | int | None) -> str:
    """The query string of a filter with its leading ``?``, or nothing; ``extra`` adds or replaces."""
    own: dict[str, str | int | None] = {
        "state": wanted.state,
        "verdict": wanted.verdict,
        "class": wanted.product_class,
        "platform": wanted.platform,
        "q": wanted.search,
    }
    kept = {name: value for name, value in (own | extra).items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


def _one(kind: type[E], value: str | None) -> E | None:
    try:
        return kind(value) if value else None
    except ValueError:
        return None
