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

    A ratio that is not linear is measured again, up to ten times, since other load can disturb a round. The
    quarter is measured twice at first: a disturbed measurement of it would hide that the work is not linear.
    """
    quarter, whole = make(size // TIMES), make(size)
    short, long = _seconds(work, quarter), float("inf")
    for _ in range(ROUNDS):
        short = min(short, _seconds(work, quarter))
        long = min(long, _seconds(work, whole))
        if long / short < LINEAR:
            break
    return long / short


def _seconds(work: Callable[[Input], object], given: Input) -> float:
    gc.disable()
    try:
        began = time.process_time()
        work(given)
        return time.process_time() - began
    finally:
        gc.enable()
