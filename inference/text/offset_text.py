"""A text that can be rewritten while tracking where each character came from."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

Replacement = str | Callable[[re.Match[str]], str]


class OffsetText:
    """A string with, for each character ``k``, the range ``[starts[k], ends[k])`` of the original.

    Ranges are monotonic: ``starts`` and ``ends`` are non-decreasing, and ``starts[k] < ends[k]``.
    """

    __slots__ = ("ends", "starts", "text")

    def __init__(
        self, text: str, starts: "array[int] | None" = None, ends: "array[int] | None" = None
    ) -> None:
        self.text = text
        self.starts = array("l", range(len(text))) if starts is None else starts
        self.ends = array("l", range(1, len(text) + 1)) if ends is None else ends

    def sub(self, pattern: re.Pattern[str], replacement: Replacement) -> "OffsetText":
        """Replace every match like :func:`re.sub`; a string replacement is taken literally.

        A replacement of the same length maps character by character; any other maps each of its characters to
        the whole matched range.
        """
        parts: list[str] = []
        starts: array[int] = array("l")
        ends: array[int] = array("l")
        at = 0
        for match in pattern.finditer(self.text):
            begin, end = match.span()
            new = replacement if isinstance(replacement, str) else replacement(match)
            if new == match.group() or begin == end:
                continue
            parts += [self.text[at:begin], new]
            starts += self.starts[at:begin]
            ends += self.ends[at:begin]
            if len(new) == end - begin:
                starts += self.starts[begin:end]
                ends += self.ends[begin:end]
            else:
                starts += array("l", [self.starts[begin]]) * len(new)
                ends += array("l", [self.ends[end - 1]]) * len(new)
            at = end
        if not parts:
            return self
        parts.append(self.text[at:])
        starts += self.starts[at:]
        ends += self.ends[at:]
        return OffsetText("".join(parts), starts, ends)

    def translate(self, table: dict[int, int]) -> "OffsetText":
        """Replace single characters by single characters."""
        return OffsetText(self.text.translate(table), self.starts, self.ends)

    def without(self, ranges: Iterable[tuple[int, int]]) -> "OffsetText":
        """Remove ranges, given in order and disjoint; all other characters keep their mapping."""
        parts: list[str] = []
        starts: array[int] = array("l")
        ends: array[int] = array("l")
        at = 0
        for begin, end in ranges:
            parts.append(self.text[at:begin])
            starts += self.starts[at:begin]
            ends += self.ends[at:begin]
            at = end
        if not at:
            return self
        parts.append(self.text[at:])
        return OffsetText("".join(parts), starts + self.starts[at:], ends + self.ends[at:])

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that ``text[start:end]`` (not empty) came from.

        Raises:
            ValueError: the range is empty or outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"[{start}, {end}) is not a range in a text of {len(self.text)} characters")
        return self.starts[start], self.ends[end - 1]

    def span_of_original(self, start: int, end: int) -> tuple[int, int] | None:
        """The range of ``text`` that came from this range of the original; ``None`` if nothing is left."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end)
        return (first, last) if first < last else None
