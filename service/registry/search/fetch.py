"""Fetches the records of a list of numbers to a file for ``ruthan registry import``."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Final

from inference.registry.source import RegistryRecord
from labels.csv_injection import plain_cell
from labels.files.whole import write_whole
from service.registry.search.cache import AnswerCache
from service.registry.search.protocol import RegistrySearch, SearchFailed
from service.registry.status_words import StatusUnknown, read_status

MOST_FAILURES: Final = 5
"""Consecutive failures after which the service counts as down."""


@dataclass
class Fetched:
    """The result of a fetch.

    Attributes:
        found: records with the date of their answer.
        missing: number to why it has no record.
        asked: how many were queried; the others were cached.
        stopped: whether the service counted as down and the rest was skipped.
    """

    found: list[tuple[RegistryRecord, date]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    failed: int = 0
    stopped: bool = False


def fetch(
    numbers: Sequence[str],
    search: RegistrySearch,
    cache: AnswerCache,
    progress: Callable[[str, Fetched], None] = lambda number, fetched: None,
) -> Fetched:
    """Query each number without a fresh answer in the cache.

    Answers are cached as they arrive, so an interruption loses at most one.

    Raises:
        CacheUnusable: an answer cannot be stored.
    """
    fetched = Fetched()
    in_a_row = 0
    for number in dict.fromkeys(numbers):
        kept = cache.get(number)
        if kept is None:
            if fetched.stopped:
                fetched.missing[number] = "not asked: the service was down"
                continue
            fetched.asked += 1
            try:
                answer = search.find(number)
                in_a_row = 0
                if answer.unreadable and not answer.records:
                    fetched.missing[number] = f"unreadable: {answer.unreadable[0]}"
                    progress(number, fetched)
                    continue  # not cached: options of the next run may make it readable
                kept = cache.put(number, answer)
            except SearchFailed as error:
                fetched.failed += 1
                in_a_row += 1
                fetched.missing[number] = f"failed: {error}"
                fetched.stopped = in_a_row >= MOST_FAILURES
                progress(number, fetched)
                continue
        if not kept.records:
            fetched.missing[number] = "the service knows no such number"
        fetched.found += [(record, kept.asked_at.astimezone().date()) for record in kept.records]
        progress(number, fetched)
    return fetched


def write(fetched: Fetched, out: Path) -> Path:
    """Write the records to ``out``, and numbers without one to a second file; returns its path.

    Raises:
        OSError: a file cannot be written.
    """
    rows = [
        (
            record.number,
            record.kind.value,
            plain_cell(record.product_name),
            plain_cell(record.holder),
            _status(record),
            day.isoformat(),
        )
        for record, day in fetched.found
    ]
    _write(out, ("number", "kind", "product_name", "holder", "status", "as_of"), rows)
    missing = out.with_name(f"{out.stem}.missing.csv")
    _write(
        missing, ("number", "why"), [(plain_cell(n), plain_cell(why)) for n, why in fetched.missing.items()]
    )
    return missing


def _write(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode("utf-8-sig"), private=False)


def _status(record: RegistryRecord) -> str:
    """Return the register's own word if the import reads it the same, else ours."""
    try:
        if read_status(record.status_written, {}) is record.status:
            return record.status_written
    except StatusUnknown:
        pass
    return record.status.value
