"""Cooperative scheduling: long model runs yield between windows so that other work can use the model."""

from collections.abc import Generator
from typing import TypeVar

Answer = TypeVar("Answer")

Turns = Generator[None, None, Answer]
"""A generator that runs at most one window per step and returns the answer. Steps may run in different
threads, but never two at once."""


def finish(turns: Turns[Answer]) -> Answer:
    """Run all steps without pausing."""
    while True:
        try:
            next(turns)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
