"""Splits a long text into overlapping windows that fit an encoder, at word boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass

SPECIAL_TOKENS = 2
"""Special tokens around each window: ``<s>`` and ``</s>``."""


@dataclass(frozen=True)
class WindowShape:
    """The window sizes in tokens, stored in the bundle.

    Attributes:
        size: tokens per window, including special ones.
        overlap: minimum number of tokens that neighbours share, where word boundaries allow it.
        head: tokens from the text's beginning that each later window starts with, so that it knows what is
            sold: the same words are lawful for a cream and not for a capsule.
        slack: tokens by which the last window may exceed ``size``, so that a short rest of the text is not
            read in a window of its own, with head and overlap once more.

    Raises:
        ValueError: head and overlap leave no room to advance.
    """

    size: int
    overlap: int
    head: int
    slack: int = 0

    def __post_init__(self) -> None:
        room = self.later_room
        if self.slack < 0:
            raise ValueError(f"slack {self.slack} must be at least 0")
        if self.head < 0 or not 0 <= self.overlap < room // 2:
            raise ValueError(
                f"overlap {self.overlap} must be at least 0 and under half of the {room} tokens that a "
                f"window of {self.size} has for the text beside a head of {self.head}"
            )

    @property
    def room(self) -> int:
        """Text tokens in the first window."""
        return self.size - SPECIAL_TOKENS

    @property
    def later_room(self) -> int:
        """Text tokens in each later window, besides the head and the ``</s>`` that ends it."""
        return self.room - (self.head + 1 if self.head else 0)


@dataclass(frozen=True)
class Window:
    """Tokens ``[start, end)`` of a text, read after its first ``head`` tokens."""

    start: int
    end: int
    head: int = 0

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def body(self) -> int:
        """The input index of token ``start``: after ``<s>`` and the head with its ``</s>``."""
        return 1 + (self.head + 1 if self.head else 0)


def plan_windows(word_start: Sequence[bool], shape: WindowShape) -> list[Window]:
    """Windows that cover all tokens of a text in order.

    Args:
        word_start: for each token, whether a word begins at it.

    Returns:
        At least one window (an empty one for an empty text). A window ends at a word boundary if there is one
            in its last quarter, otherwise at full size. The last one has up to ``slack`` tokens more.
    """
    count = len(word_start)
    windows: list[Window] = []
    start = 0
    while True:
        room, head = (shape.later_room, shape.head) if windows else (shape.room, 0)
        end = start + room
        if end + shape.slack >= count:
            end = count
        else:
            for cut in range(end, end - room // 4, -1):
                if word_start[cut]:
                    end = cut
                    break
        windows.append(Window(start, end, head))
        if end >= count:
            return windows
        begin = end - shape.overlap
        for cut in range(begin, max(start, begin - room // 4), -1):
            if word_start[cut]:
                begin = cut
                break
        start = max(begin, start + 1)
