"""Works that take turns in one run, with the table and the chart of how they compare."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from training.plots import bars


@dataclass(frozen=True)
class Contest:
    """Works on the same texts.

    Attributes:
        title: what they have in common.
        texts: how many texts each of them works through.
        works: by name; the first one is what the others are measured against.
        read: share of the texts' tokens that a work reads, by its name; all of them where it is not named.
    """

    title: str
    texts: int
    works: Mapping[str, Callable[[], object]]
    read: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """Medians of a work's turns, for one text.

    Attributes:
        seconds: by the clock.
        processor: of all threads; what other programs on the machine do hardly changes it.
    """

    seconds: float
    processor: float


def hold(contests: Sequence[Contest], repeats: int) -> list[dict[str, Cost]]:
    """Costs by name, contest by contest; all works take turns, and a first turn is not counted."""
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
    """A row a work."""
    made = Table(title=contest.title, title_justify="left")
    columns = (
        "what",
        "listings / s",
        "time against the first",
        "processor ms a listing",
        "against the first",
    )
    if contest.read:
        columns += ("time per token read",)
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
    """Times against each contest's first, as an SVG picture."""
    panels = {}
    for contest, costs in zip(contests, results, strict=True):
        first = next(iter(costs.values()))
        panels[contest.title] = {name: cost.seconds / first.seconds for name, cost in costs.items()}
    path.write_text(bars(panels, "time against the first bar, less is better") + "\n", encoding="utf-8")
