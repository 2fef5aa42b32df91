"""How the work of a function grows with its input: a ratio, which is the same on a slow and a busy machine."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")
TIMES = 4


def growth(make: Callable[[int], Input], work: Callable[[Input], object], size: int) -> float:
    """The processor time for ``make(size)`` over that for a quarter of it: 4 for linear work, 16 for quadratic."""
    small, large = make(size // TIMES), make(size)
    return _least(work, large) / _least(work, small)


def _least(work: Callable[[Input], object], given: Input) -> float:
    found = []
    gc.disable()
    try:
        for _ in range(3):
            began = time.process_time()
            work(given)
            found.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(found)


LINEAR = 10
"""Between 4 and 16, with room for caches and for what is measured poorly."""
