"""Simulates which cases reviewers process with a daily capacity, riskiest first."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Waiting:
    """A flagged case in the queue."""

    listing: int
    arrived: date
    risk: float


@dataclass(frozen=True)
class WorkedDay:
    """The cases processed on a day, and how many were left over."""

    seen: list[int]
    waiting: int


def worked(cases: Iterable[Waiting], first: date, last: date, capacity: float) -> Mapping[date, WorkedDay]:
    """Simulate the queue day by day: cases arrive, the riskiest are processed, the others stay.

    ``capacity`` is in cases a day; the fraction of a case is carried over to the next day.  The queue starts
    empty.  On equal risk the newest listing is first, as in the queue.
    """
    arriving: dict[date, list[tuple[float, int]]] = {}
    for case in cases:
        arriving.setdefault(case.arrived, []).append((-case.risk, -case.listing))
    queue: list[tuple[float, int]] = []
    found, allowance, day = {}, 0.0, first
    while day <= last:
        for item in arriving.get(day, ()):
            heapq.heappush(queue, item)
        allowance += capacity
        # Add a tolerance, so that ten tenths of a case are one.
        number = min(int(allowance + 1e-9), len(queue))
        seen = [-heapq.heappop(queue)[1] for _ in range(number)]
        allowance = min(allowance - number, 1.0) if queue else min(allowance - number, allowance % 1)
        found[day] = WorkedDay(seen, len(queue))
        day += timedelta(days=1)
    return found
