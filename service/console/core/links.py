"""Untrusted URLs from listings, and addresses of our own pages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from labels.schema import RegistryStatus
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.console.core.fields import number_in, one_of
from service.console.core.permissions import PAGES
from service.console.core.thai_time import day_in
from service.store.cases.reviews import DECISIONS
from service.store.index.entries import CaseState
from service.store.index.finding import Assigned, LicenceFilter, NoLicence, QueueFilter, Sort
from service.text.search_words import query_of as search_of
from service.text.thai_calendar import BANGKOK

QUEUE = "/queue"
_FIRST = frozenset(f"/{path.split('/')[1]}" for path in PAGES)
"""First path segments of all pages that require login."""
ALL_VIEW = "all"
"""``view=all``: the whole queue, even if the person has a default view."""
_ATTRIBUTES = {
    "state": "state",
    "verdict": "verdict",
    "class": "product_class",
    "label": "label",
    "platform": "platform",
    "licence": "licence",
    "seller": "seller",
    "from": "since",
    "to": "before",
    "assigned": "assigned",
    "appeal": "appealed",
    "campaign": "campaign",
    "outcome": "decision",
    "decider": "decider",
    "decided-from": "decided_since",
    "decided-to": "decided_before",
    "q": "search",
    "sort": "sort",
}
FILTER_FIELDS = tuple(_ATTRIBUTES)
"""Names of the filter's fields in addresses and forms."""
DAY_FIELDS = ("from", "to", "decided-from", "decided-to")
"""Those of them that take a day."""


def web_link(url: str | None) -> str | None:
    """Return ``url`` if it is safe to link: http(s), with a host, no control characters; else ``None``."""
    if not url or any(ord(char) <= 32 or 127 <= ord(char) < 160 for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def own_page(target: str | None) -> str:
    """Return ``target`` if it is a console page to open after login, else the queue."""
    if target is None or not target.isprintable():
        return QUEUE
    first = re.match(r"/[^/?#]*", target)
    return target if first is not None and first[0] in _FIRST else QUEUE


def filter_of(query: Mapping[str, str]) -> QueueFilter:
    """Parse the filter from a query string; unknown values are ignored (see :func:`not_days`)."""
    before, decided_before = day_of(query.get("to")), day_of(query.get("decided-to"))
    decision = query.get("outcome")
    return QueueFilter(
        state=one_of(CaseState, query.get("state")),
        verdict=one_of(Verdict, query.get("verdict")),
        product_class=one_of(ProductClass, query.get("class")),
        platform=one_of(Platform, query.get("platform")),
        search=search_of(query.get("q", "").strip()),
        label=one_of(ClaimLabel, query.get("label")),
        licence=_licence(query.get("licence")),
        seller=" ".join(query.get("seller", "").split())[:200],
        since=day_of(query.get("from")),
        before=before + timedelta(days=1) if before is not None else None,
        assigned=one_of(Assigned, query.get("assigned")),
        appealed=query.get("appeal") == "open",
        campaign=number_in(query.get("campaign")),
        decision=decision if decision in DECISIONS else None,
        decider=number_in(query.get("decider", "")),
        decided_since=day_of(query.get("decided-from")),
        decided_before=decided_before + timedelta(days=1) if decided_before is not None else None,
        sort=one_of(Sort, query.get("sort")) or Sort.PRIORITY,
    )


def fields_of(wanted: QueueFilter) -> dict[str, str]:
    """Return the filter as form names and values, without empty ones."""
    fields = {
        "state": wanted.state,
        "verdict": wanted.verdict,
        "class": wanted.product_class,
        "label": wanted.label,
        "platform": wanted.platform,
        "licence": wanted.licence,
        "seller": wanted.seller,
        "from": _day(wanted.since),
        "to": _day(wanted.before - timedelta(days=1)) if wanted.before else "",
        "assigned": wanted.assigned,
        "appeal": "open" if wanted.appealed else "",
        "campaign": wanted.campaign,
        "outcome": wanted.decision,
        "decider": wanted.decider,
        "decided-from": _day(wanted.decided_since),
        "decided-to": _day(wanted.decided_before - timedelta(days=1)) if wanted.decided_before else "",
        "q": wanted.search.text,
        "sort": wanted.sort if wanted.sort is not Sort.PRIORITY else "",
    }
    return {name: str(value) for name, value in fields.items() if value}


def query_of(wanted: QueueFilter, **extra: str | int | None) -> str:
    """Return the query string of a filter with its leading ``?``, or ``""``; ``extra`` adds or replaces."""
    kept = {name: value for name, value in (fields_of(wanted) | extra).items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


def without(wanted: QueueFilter, name: str) -> QueueFilter:
    """Return the filter without the field of this name."""
    attribute = _ATTRIBUTES[name]
    emptied: dict[str, Any] = {attribute: getattr(QueueFilter(), attribute)}
    return replace(wanted, **emptied)


def day_of(text: str | None) -> datetime | None:
    """Return the start, in UTC, of the Bangkok day ``text``; ``None`` if it is not a day."""
    try:
        day = day_in(text or "")
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=BANGKOK).astimezone(UTC)


def not_days(query: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the fields with these names whose text is not a day, such as 31/11/2569, with their text."""
    typed = {name: query.get(name, "").strip() for name in names}
    return {name: text for name, text in typed.items() if text and day_of(text) is None}


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(BANGKOK):%Y-%m-%d}" if moment is not None else ""


def _licence(value: str | None) -> LicenceFilter | None:
    return one_of(NoLicence, value) or one_of(RegistryStatus, value)
