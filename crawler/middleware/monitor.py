"""Warns when a source returns nothing, or when its listings lack fields that earlier runs had.

Each run appends one line to a file: how many pages and listings, and in what share of the listings each field
was filled. The baseline is the median of the last runs that ended in the same way.
"""

import json
import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from scrapy import signals
from scrapy.crawler import Crawler

from crawler.expected import Expected, holds, unmet
from crawler.extensions.disk import DISK_FULL
from crawler.extensions.stuck import STUCK
from crawler.frontier.scheduler import GOES_ON, OF_ALL, FrontierScheduler
from crawler.middleware.limits import BUDGET_SPENT, WHOLE_BUDGET
from crawler.pipeline.deposit import Collected
from labels.files.private import make_folder
from labels.schema import Listing

log = logging.getLogger(__name__)

FIELDS: Final = ("title", "description", "price", "seller", "images")
LISTINGS: Final = "listings"
FINISHED: Final = "finished"
PAGE_LIMIT: Final = "closespider_pagecount"
_LIMITED: Final = frozenset({PAGE_LIMIT, BUDGET_SPENT})
_JUDGED: Final = _LIMITED | {FINISHED}
"""How a run ends that can be compared: the source was read to its end, its ``max_pages`` or its budget."""
COMPARED: Final = 7
"""Number of runs that a new one is compared with."""
FEW: Final = 3
"""Minimum runs, and listings per run, for a baseline."""
SHARE_LOST: Final = 0.3
"""Tolerated drop of a field's filled share, in percentage points."""
COUNT_LOST: Final = 0.5
"""Share of the baseline's listings that a run must reach."""
LONG: Final = 60
"""Window of runs for detecting a slow decline, in which each run resembles the ones before it."""


_BROKEN: Final = frozenset({STUCK, DISK_FULL})
_NAMED: Final = 3


class Run(BaseModel):
    """The result of one run of one source."""

    model_config = ConfigDict(extra="ignore")

    source: str
    sites: list[str] = []
    """What tells runs apart whose sources no plan names; empty in a plan's and in old records."""
    at: datetime
    reason: str
    pages: int
    listings: int
    errors: int
    filled: dict[str, float]
    """Share of the listings in which a field was filled; empty without listings."""
    warnings: list[str] = []
    """Problems of the run: unlike earlier runs, below the plan's expectations, or aborted."""

    @property
    def name(self) -> str:
        """The source, and the first of its sites, for warnings."""
        more = len(self.sites) - _NAMED
        shown = [", ".join(self.sites[:_NAMED])] if self.sites else []
        return " ".join([self.source, *shown, *([f"and {more} more"] if more > 0 else [])])


def warnings(run: Run, before: Sequence[Run]) -> list[str]:
    """Compare a run with those before it that ended alike, oldest first, and return warnings."""
    if run.listings == 0:
        brought = f"; the last runs brought {median(x.listings for x in before):g}" if before else ""
        return [f"{run.name} returned nothing: {run.pages} pages, {run.errors} errors{brought}"]
    if len(before) < FEW or run.reason not in _JUDGED:
        return []
    found = []
    usual_count = median(x.listings for x in before)
    if run.listings < COUNT_LOST * usual_count:
        found.append(f"{run.name} returned {run.listings} listings; {usual_count:g} are usual")
    comparable = [x for x in before if x.listings >= FEW]
    if run.listings < FEW or len(comparable) < FEW:
        return found
    for name in FIELDS:
        usual = median(x.filled.get(name, 0.0) for x in comparable)
        now = run.filled.get(name, 0.0)
        if usual - now > SHARE_LOST:
            found.append(
                f"{run.name}: {name} is filled in {now:.0%} of the listings; {usual:.0%} is usual. "
                "The site may have changed its pages"
            )
    return found


def dried_up(run: Run, long_before: Sequence[Run]) -> list[str]:
    """Return a warning if a run has slowly declined from the best seven of the last sixty."""
    if len(long_before) < 2 * COMPARED or run.reason not in _JUDGED:
        return []
    best = sorted(long_before, key=lambda x: x.listings)[-COMPARED:]
    once = median(x.listings for x in best)
    if run.listings >= COUNT_LOST * once or once < FEW:
        return []
    until = max(x.at for x in best)
    return [f"{run.name} dries up: {run.listings} listings; {once:g} were usual up to {until:%Y-%m-%d}"]


def comparable(run: Run, earlier: Sequence[Run]) -> list[Run]:
    """Return the earlier runs that a run is compared with.

    These are runs that ended alike. Under a limit they must not have had more than twice the pages: the
    limit may have been lowered since. Any other end is compared with finished runs.
    """
    reason = run.reason if run.reason in _JUDGED else FINISHED
    alike = [x for x in earlier if x.reason == reason]
    return [x for x in alike if x.pages <= 2 * run.pages] if reason in _LIMITED else alike


def read_runs(path: Path, source: str, sites: Sequence[str] = ()) -> list[Run]:
    """Read a source's runs on these sites, oldest first; lines torn by a kill are skipped."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    runs = []
    for line in lines:
        try:
            run = Run.model_validate_json(line)
        except ValidationError:
            continue
        if run.source == source and run.sites == list(sites):
            runs.append(run)
    return runs


class SourceMonitor:
    """Extension that compares a run with earlier ones when it ends, and records it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.source: str = crawler.settings["RUTHAN_SOURCE"]
        self.sites: list[str] = crawler.settings.getlist("RUTHAN_SITES")
        self.path = Path(crawler.settings["RUTHAN_CRAWL_RUNS"])
        self._filled: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._expected = Expected.model_validate(crawler.settings.getdict("RUTHAN_EXPECTED"))
        self._listings = 0
        self._shares = bool(crawler.settings["RUTHAN_CRAWL_REDIS_URL"])

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.scraped, signal=signals.item_scraped)
        crawler.signals.connect(made.closed, signal=signals.spider_closed)
        return made

    def scraped(self, item: Any) -> None:
        """Count a listing's fields."""
        if isinstance(item, Collected):
            self._listings += 1
            held = holds(item.listing)
            self._held.update(held)
            slot = self.crawler.engine._slot if self.crawler.engine is not None else None
            if slot is not None and isinstance(slot.scheduler, FrontierScheduler):
                slot.scheduler.count(item.listing.id, [LISTINGS, *sorted(held)])
            self._filled.update(name for name in FIELDS if _is_filled(item.listing, name))

    def closed(self, reason: str) -> None:
        """Log warnings, and record the run."""
        assert self.crawler.stats is not None
        stats = self.crawler.stats
        goes_on = bool(stats.get_value(GOES_ON))
        if reason == BUDGET_SPENT and not stats.get_value(WHOLE_BUDGET):
            reason = f"{reason}, the rest of a day"
        run = Run(
            source=self.source,
            sites=self.sites,
            at=datetime.now(UTC),
            # The rest of an interrupted crawl is neither a baseline nor comparable with one.
            reason=f"{reason}, goes on" if goes_on else reason,
            pages=stats.get_value("ruthan/pages", 0),
            listings=self._listings,
            errors=stats.get_value("ruthan/errors", 0),
            filled={name: self._filled[name] / self._listings for name in FIELDS} if self._listings else {},
        )
        is_whole = self._is_expected(reason) and not goes_on
        below: list[str] = []
        if reason in _JUDGED and not goes_on and not self._revisits:
            below = self._below(stats.get_value(OF_ALL))
        found: list[str] = []
        try:
            if is_whole:
                before = comparable(run, read_runs(self.path, self.source, self.sites))[-LONG:]
                found = warnings(run, before[-COMPARED:])
                found = found or dried_up(run, before)
            broken = [f"{run.name} was broken off: {reason}"] if reason in _BROKEN else []
            told = [*found, *(f"{run.name} brought {x}" for x in below), *broken]
            _append(self.path, run.model_copy(update={"warnings": told}))
        except OSError as error:
            log.error("cannot compare the run with earlier ones: %s", error)
        for text in (*found, *below):
            log.warning("%s", text)
        if found:
            stats.set_value("ruthan/warnings", found)
        if below:
            stats.set_value("ruthan/unmet", below)

    def _below(self, of_all: Mapping[str, int] | None) -> list[str]:
        """Return the expectations that were not met; the last of several processes judges for all."""
        if not self._shares:
            return unmet(self._expected, self._listings, self._held)
        return [] if of_all is None else unmet(self._expected, of_all.get(LISTINGS, 0), of_all)

    def _is_expected(self, reason: str) -> bool:
        """Whether listings are to be expected.

        Revisited pages may all be gone, and a process may share its work with others.
        """
        return reason != "shutdown" and not self._shares and not self._revisits

    @property
    def _revisits(self) -> bool:
        """Whether the crawl only visits known pages again."""
        return getattr(self.crawler.spider, "name", "") == "due"


def _is_filled(listing: Listing, name: str) -> bool:
    value = getattr(listing, name)
    return bool(value.strip() if isinstance(value, str) else value)


def _append(path: Path, run: Run) -> None:
    make_folder(path.parent)
    line = json.dumps(run.model_dump(mode="json"), ensure_ascii=False)
    # One write per line: sources that end at the same moment do not interleave.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"\n{line}\n".encode())
    finally:
        os.close(descriptor)
