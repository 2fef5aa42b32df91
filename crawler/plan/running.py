"""Turns a plan into the sources of a run."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.middleware.limits import Ledger, stopped_by
from crawler.plan.reading import Plan
from crawler.plan.spiders import SPIDERS, arguments_of, would_fetch
from crawler.plan.watches import AnyWatch
from crawler.run import Source

_SHOWN = 20
_NOT_IN_FOLDER = re.compile(r"[^\w\u0e01-\u0e5b-]+")
"""Everything but letters, digits and the Thai vowels and marks that are not letters."""
_LONGEST_FOLDER = 30
"""Maximum characters; Thai takes three bytes each."""


def sources_of(plan: Plan, job: Path | None = None) -> list[Source]:
    """Return a plan's sources with their limits; ``job`` is the folder to resume from."""
    return [
        Source(x.label, SPIDERS[x.source], arguments_of(x), _settings(x, plan, job)) for x in plan.enabled
    ]


def dry_run(plan: Plan, budget_file: Path) -> Iterator[str]:
    """Yield lines that describe what a run of the plan would fetch; nothing is fetched."""
    ledger = Ledger(budget_file)
    for watch in plan.enabled:
        budget = ""
        if watch.budget:
            left = max(0, watch.budget - ledger.spent(watch.label))
            budget = f", {left} of {watch.budget} left of today's budget"
        yield f"{watch.label} ({watch.source}{budget})"
        lines = [_marked(x, plan.stop) for x in would_fetch(watch)]
        hindrances = [x for x in lines if x.startswith("!")]
        requests = [x for x in lines if not x.startswith("!")]
        yield from (f"  {x}" for x in requests[:_SHOWN])
        if len(requests) > _SHOWN:
            yield f"  … and {len(requests) - _SHOWN} more"
        yield from (f"  {x}" for x in hindrances)
    for watch in plan.sources:
        if not watch.enabled:
            yield f"{watch.label} ({watch.source}): switched off"
    if plan.stop:
        yield f"never fetched: {', '.join(plan.stop)}"


def _marked(line: str, stop: Sequence[str]) -> str:
    """Mark a line of a dry run if the stop list matches its address."""
    entry = stopped_by(stop, *(x for x in line.split() if "://" in x))
    return f"{line}  (held back: {entry} is on the stop list)" if entry else line


def job_folder(label: str) -> str:
    """Return the name of a source's folder in a job, unique for every label."""
    plain = _NOT_IN_FOLDER.sub("_", label)[:_LONGEST_FOLDER]
    return plain if plain == label else f"{plain}-{sha256(label.encode()).hexdigest()[:12]}"


def _settings(watch: AnyWatch, plan: Plan, job: Path | None) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "RUTHAN_STOP": list(plan.stop),
        "RUTHAN_DAILY_BUDGET": watch.budget or 0,
        "JOBDIR": str(job / job_folder(watch.label)) if job else None,
    }
    if watch.expect:
        chosen["RUTHAN_EXPECTED"] = watch.expect.model_dump(exclude_none=True)
    if watch.max_pages:
        chosen["CLOSESPIDER_PAGECOUNT"] = watch.max_pages
    if watch.list_pages:
        chosen["RUTHAN_LIST_PAGES"] = watch.list_pages
    if watch.pictures is not None:
        chosen["RUTHAN_CRAWL_PICTURES"] = watch.pictures
    if watch.delay is not None:
        chosen["AUTOTHROTTLE_START_DELAY"] = watch.delay
        chosen["DOWNLOAD_DELAY"] = watch.delay
    return chosen
