"""Reading in turns: long work that rests between its windows, so that others may have the model meanwhile."""

from collections.abc import Generator
from typing import TypeVar

Answer = TypeVar("Answer")

Turns = Generator[None, None, Answer]
"""Each step runs at most one window; the answer comes with the end.  A step may run in any thread, two of the
same work never at once."""


def finish(turns: Turns[Answer]) -> Answer:
    """Take every turn without a rest."""
    while True:
        try:
            next(turns)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
