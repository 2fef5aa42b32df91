"""The order of the tests for several workers: slow modules first, so that no worker is left alone with one at the end.

With ``--dist worksteal`` each worker begins with a contiguous share of the tests, and a worker that has finished
takes over tests from the end of another's. Each share therefore begins with slow modules and ends with fast ones.
Slow modules of one kind stay together: PyTorch and the browser are then loaded by few workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

import pytest

T = TypeVar("T")

USUAL_SECONDS = 5.0
"""What a test marked ``slow`` takes if its mark does not say."""

KINDS = ("needs_train", "needs_browser")


@dataclass(frozen=True)
class Unit(Generic[T]):
    """Tests that stay together, those of one module; ``seconds`` is 0 if none of them is slow."""

    tests: Sequence[T]
    seconds: float = 0.0
    kind: str = ""


def arranged(units: Sequence[Unit[T]], workers: int) -> list[T]:
    """Return all tests, in equal shares for the workers, with the slow ones at the beginning of each share."""
    slow = sorted((unit for unit in units if unit.seconds), key=lambda unit: (unit.kind, -unit.seconds))
    fast = [test for unit in units if not unit.seconds for test in unit.tests]
    total = sum(unit.seconds for unit in slow)
    begins: list[list[T]] = [[] for _ in range(workers)]
    before = 0.0
    for unit in slow:
        begins[int((before + unit.seconds / 2) / total * workers)] += unit.tests
        before += unit.seconds
    order: list[T] = []
    left = sum(len(unit.tests) for unit in units)
    for number, begin in enumerate(begins):
        share = left // (workers - number)
        fill = max(0, share - len(begin))
        order += begin + fast[:fill]
        del fast[:fill]
        left -= share
    return order + fast


def for_workers(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the collected tests in the order for a number of workers."""
    modules = [list(found) for _, found in groupby(items, key=lambda item: item.path)]
    return arranged([_unit(tests) for tests in modules], workers)


def _unit(tests: list[pytest.Item]) -> Unit[pytest.Item]:
    kinds = [kind for kind in KINDS if any(test.get_closest_marker(kind) for test in tests)]
    return Unit(tests, sum(map(_seconds, tests)), kinds[0] if kinds else "")


def _seconds(test: pytest.Item) -> float:
    mark = test.get_closest_marker("slow")
    if mark is None:
        return 1.0 if any(test.get_closest_marker(kind) for kind in KINDS) else 0.0
    return float(mark.args[0]) if mark.args else USUAL_SECONDS
