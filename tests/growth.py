"""How the work of a function grows with its input: a ratio, which is the same on a slow and a busy machine."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")
TIMES, ROUNDS = 4, 10
LINEAR = 10
"""Between 4, the growth of linear work, and 16, that of quadratic."""


def growth(make: Callable[[int], Input], work: Callable[[Input], object], size: int) -> float:
    """The processor time for ``make(size)`` over that for a quarter of it, each the least of two rounds or more.

    A growth that is not linear is measured again, up to ten times: what else the machine does disturbs a round.
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
