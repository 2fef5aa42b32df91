"""Daily request budgets, and the stop list of addresses that are never requested."""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, IgnoreRequest

from crawler.frontier.scheduler import FrontierScheduler
from crawler.site import clean_url
from labels.files.locks import lock
from labels.files.private import make_folder, open_text

COST = "ruthan_cost"
"""Meta key: what a request costs of the budget; 1 if unset, 0 if free."""
BUDGET_SPENT = "daily_budget"
"""Finish reason of a source that has used up its daily budget."""
WHOLE_BUDGET: Final = "ruthan/whole_budget"
"""Statistic of a run that had the whole budget of its day, which no other run shared."""
_BANGKOK = timezone(timedelta(hours=7))
_RESERVED = 10
_IN_PROCESS = Lock()


class NotAsked(IgnoreRequest):
    """A request that the plan itself holds back, which is no error of the source."""


class BudgetSpent(NotAsked):
    """A request for which nothing is left of the day's budget."""


class Ledger:
    """What each source has spent today (a day in Bangkok), in a file shared by several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def take(self, source: str, wanted: int, budget: int) -> int:
        """Spend up to ``wanted`` of the remaining budget and return the amount. Raises ``OSError``."""
        return self._change(source, lambda spent: max(0, min(wanted, budget - spent)))

    def give_back(self, source: str, amount: int) -> None:
        """Return an unused amount to the budget."""
        if amount:
            self._change(source, lambda _: -amount)

    def _change(self, source: str, change: Callable[[int], int]) -> int:
        make_folder(self.path.parent)
        with _IN_PROCESS, open_text(self.path, "a+") as file:
            with suppress(OSError):  # a file system without locks
                lock(file)
            file.seek(0)
            spent = self._today(file.read())
            amount = change(spent.get(source, 0))
            spent[source] = spent.get(source, 0) + amount
            file.seek(0)
            file.truncate()
            file.write(json.dumps({"day": _day(), "spent": spent}))
            file.flush()
            os.fsync(file.fileno())
        return amount

    def spent(self, source: str) -> int:
        """Return what the source has spent today."""
        try:
            return self._today(self.path.read_text(encoding="utf-8")).get(source, 0)
        except OSError:
            return 0

    @staticmethod
    def _today(text: str) -> dict[str, int]:
        try:
            data = json.loads(text)
            return dict(data["spent"]) if data["day"] == _day() else {}
        except (ValueError, KeyError, TypeError):
            return {}


class DailyBudget:
    """Downloader middleware that counts the cost of requests and ends the source when its budget is spent.

    Amounts are reserved ahead in small blocks, so a killed run counts slightly too much, never too little.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.source: str = settings["RUTHAN_SOURCE"]
        self.budget = settings.getint("RUTHAN_DAILY_BUDGET")
        self.ledger = Ledger(Path(settings["RUTHAN_BUDGET_FILE"]))
        self._left = self._used = 0
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.closed, signal=signals.spider_closed)
        return made

    async def process_request(self, request: Request) -> None:
        if not self.budget:
            return
        cost = int(request.meta.get(COST, 1))
        if self._left < cost:
            self._left += self.ledger.take(self.source, max(cost - self._left, _RESERVED), self.budget)
        if self._left >= cost:
            self._left -= cost
            self._used += cost
            return
        if self._closing is None and self.crawler.engine is not None:
            if self._used + cost > self.budget and self.crawler.stats is not None:
                self.crawler.stats.set_value(WHOLE_BUDGET, True)
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=BUDGET_SPENT))
        scheduler = self.crawler.engine.scheduler if self.crawler.engine is not None else None
        if isinstance(scheduler, FrontierScheduler):
            scheduler.give_back(request)  # for tomorrow's run of the job
        raise BudgetSpent(f"the daily budget of {self.budget} for {self.source} is spent")

    def closed(self) -> None:
        self.ledger.give_back(self.source, self._left)
        self._left = 0


def stopped_by(stop: Sequence[str], *names: str | None) -> str:
    """Return the stop list entry that matches one of these addresses or names, or an empty string.

    An entry is a host (with its subdomains), a URL prefix of any scheme, or a complete account name or id.
    Thai letters match their encoded forms.
    """
    for entry in stop:
        for name in names:
            if name and _meets(entry.strip(), name.strip()):
                return entry
    return ""


def _meets(entry: str, name: str) -> bool:
    if "://" in entry:
        wanted, found = _without_scheme(entry).rstrip("/"), _without_scheme(name)
        return bool(wanted) and (found == wanted or found.startswith((f"{wanted}/", f"{wanted}?")))
    if "://" in name:
        wanted, host = _host(f"https://{entry}"), _host(name)
        # A name with a slash is no host.
        return "/" not in entry.rstrip("/") and (host == wanted or host.endswith(f".{wanted}"))
    return _name(entry) == _name(name)


def _without_scheme(url: str) -> str:
    return (clean_url(url) or url).partition("://")[2].casefold()


def _host(url: str) -> str:
    try:
        return (urlsplit(clean_url(url) or url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _name(text: str) -> str:
    return text.casefold().removeprefix("@")


class StopList:
    """Middleware and item pipeline that neither fetches nor stores what the plan's stop list names."""

    def __init__(self, crawler: Crawler) -> None:
        self.stop: list[str] = crawler.settings.getlist("RUTHAN_STOP")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if entry := stopped_by(self.stop, request.url):
            raise NotAsked(f"{request.url} is on the stop list ({entry})")

    def process_item(self, item: Any) -> Any:
        listing = getattr(item, "listing", None)
        if listing and (entry := stopped_by(self.stop, listing.url, listing.seller_url, listing.seller)):
            raise DropItem(f"{listing.url or listing.id} is on the stop list ({entry})", log_level="INFO")
        return item


def _day() -> str:
    return datetime.now(UTC).astimezone(_BANGKOK).date().isoformat()
