"""Compares several implementations that take turns in one run, with a table and a chart."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from training.evaluation.plots import bars


@dataclass(frozen=True)
class Contest:
    """Implementations that process the same texts.

    Attributes:
        title: what they have in common.
        texts: number of texts that each of them processes.
        works: by name; the first one is the reference.
        read: share of the texts' tokens that an implementation reads, by name; default: all of them.
    """

    title: str
    texts: int
    works: Mapping[str, Callable[[], object]]
    read: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """Median cost per text of an implementation.

    Attributes:
        seconds: wall time.
        processor: time of all threads, which other load on the machine hardly affects.
    """

    seconds: float
    processor: float


def hold(contests: Sequence[Contest], repeats: int) -> list[dict[str, Cost]]:
    """Costs by name for each contest; all implementations take turns after an unmeasured warm-up turn."""
    taken: dict[tuple[int, str], list[Cost]] = {}
    for turn in track(range(repeats + 1), "measuring", console=Console(stderr=True)):
        for place, contest in enumerate(contests):
            for name, work in contest.works.items():
                began, worked = time.perf_counter(), time.process_time()
                work()
                cost = Cost(
                    (time.perf_counter() - began) / contest.texts,
                    (time.process_time() - worked) / contest.texts,
                )
                if turn:
                    taken.setdefault((place, name), []).append(cost)
    return [
        {
            name: Cost(
                statistics.median(cost.seconds for cost in taken[place, name]),
                statistics.median(cost.processor for cost in taken[place, name]),
            )
            for name in contest.works
        }
        for place, contest in enumerate(contests)
    ]


def table(contest: Contest, costs: Mapping[str, Cost]) -> Table:
    """Print one row per implementation."""
    made = Table(title=contest.title, title_justify="left")
    columns = [
        "what",
        "listings / s",
        "time against the first",
        "processor ms per listing",
        "against the first",
    ]
    if contest.read:
        columns.append("time per token read")
    for column in columns:
        made.add_column(column, justify="left" if column == "what" else "right")
    first = next(iter(costs.values()))
    for name, cost in costs.items():
        made.add_row(
            name,
            f"{1 / cost.seconds:,.1f}",
            f"{cost.seconds / first.seconds:.3f} x",
            f"{cost.processor * 1000:,.2f}",
            f"{cost.processor / first.processor:.3f} x",
            *([f"{cost.seconds / first.seconds / contest.read.get(name, 1):.3f} x"] if contest.read else []),
        )
    return made


def write_chart(contests: Sequence[Contest], results: Sequence[Mapping[str, Cost]], path: Path) -> None:
    """Draw the times relative to each contest's first as SVG."""
    panels = {}
    for contest, costs in zip(contests, results, strict=True):
        first = next(iter(costs.values()))
        panels[contest.title] = {name: cost.seconds / first.seconds for name, cost in costs.items()}
    path.write_text(bars(panels, "time relative to the first bar, lower is better") + "\n", encoding="utf-8")
