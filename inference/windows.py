"""Cutting a long text into overlapping windows that fit an encoder, at word boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass

SPECIAL_TOKENS = 2
"""``<s>`` and ``</s>`` around each window."""


@dataclass(frozen=True)
class Window:
    """Tokens ``[start, end)`` of a text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


def plan_windows(word_start: Sequence[bool], size: int, overlap: int) -> list[Window]:
    """Windows that cover all tokens of a text in order.

    Args:
        word_start: for each token, whether a word begins at it.
        size: tokens a window may hold, the two special ones included.
        overlap: tokens that neighbours share at least, where the words allow it.

    Returns:
        At least one window (an empty one for an empty text). Windows end before a word start if one
        lies in their last quarter, else at their full size.

    Raises:
        ValueError: the overlap leaves no room to advance.
    """
    room = size - SPECIAL_TOKENS
    if not 0 <= overlap < room // 2:
        raise ValueError(f"overlap {overlap} must be at least 0 and under half of the window's {room} tokens")
    count = len(word_start)
    windows: list[Window] = []
    start = 0
    while True:
        end = min(start + room, count)
        if end < count:
            for cut in range(end, end - room // 4, -1):
                if word_start[cut]:
                    end = cut
                    break
        windows.append(Window(start, end))
        if end >= count:
            return windows
        begin = end - overlap
        for cut in range(begin, max(start, begin - room // 4), -1):
            if word_start[cut]:
                begin = cut
                break
        start = max(begin, start + 1)
