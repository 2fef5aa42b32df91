"""Measures how a function's work grows with its input, as a machine-independent ratio."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")
TIMES, ROUNDS = 4, 10
LINEAR = 10
"""Between 4, the ratio of linear work, and 16, that of quadratic work."""


def growth(make: Callable[[int], Input], work: Callable[[Input], object], size: int) -> float:
    """Return the CPU time for ``make(size)`` divided by that for a quarter of it.

    Each is the minimum of two or more rounds. A ratio that is not linear is measured again, up to ten times,
    since other load can disturb a round.
    """
    inputs = make(size // TIMES), make(size)
    least = [float("inf")] * 2
    found = float("inf")
    for turn in range(ROUNDS):
        for number, given in enumerate(inputs):
            least[number] = min(least[number], _seconds(work, given))
        found = least[1] / least[0]
        if turn and found < LINEAR:
            break
    return found


def _seconds(work: Callable[[Input], object], given: Input) -> float:
    gc.disable()
    try:
        began = time.process_time()
        work(given)
        return time.process_time() - began
    finally:
        gc.enable()
