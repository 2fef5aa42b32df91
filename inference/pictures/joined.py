"""Joins the lines of a picture into one text, with a map from characters back to boxes."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.pictures.ocr.layout import Line
from inference.pictures.wrapped import runs_on
from labels.pictured import Box

BETWEEN_LINES = "\n"

APART, WITHIN_A_PHRASE = " ", "\u200b"
"""Stand for a line break where a model reads the words, as long as one, so that offsets are the same. The
second is a zero-width space, which reading removes (:mod:`inference.text.reading`)."""

MARGIN = 0.25
"""Line heights by which a box is wider than the words in it, since letters differ in width."""


@dataclass(frozen=True)
class JoinedLines:
    """Lines one after another.

    Attributes:
        text: the lines, each on a line of its own.
        lines: in the order of ``text``.
    """

    lines: tuple[Line, ...]
    text: str

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "JoinedLines":
        """Join lines given in reading order."""
        return cls(tuple(lines), BETWEEN_LINES.join(line.text for line in lines))

    @property
    def running(self) -> str:
        """The lines as running text, with the offsets of ``text``.

        A picture breaks sentences, numbers and names of accounts wherever a line is full. A space there would
        part Thai words that belong together.
        """
        breaks = [WITHIN_A_PHRASE if within else APART for within in runs_on(self.lines)]
        return "".join(f"{line.text}{after}" for line, after in zip(self.lines, [*breaks, ""], strict=False))

    def parts(self, start: int, end: int) -> Iterator[tuple[Line, int, int]]:
        """The lines that ``text[start:end]`` overlaps, with the characters concerned."""
        at = 0
        for line in self.lines:
            first, last = max(0, start - at), min(len(line.text), end - at)
            if first < last:
                yield line, first, last
            at += len(line.text) + len(BETWEEN_LINES)

    def start_of(self, line: Line) -> int:
        """Return where a line starts in ``text``."""
        before = self.lines[: next(n for n, other in enumerate(self.lines) if other is line)]
        return sum(len(other.text) + len(BETWEEN_LINES) for other in before)

    def boxes(self, start: int, end: int) -> list[Box]:
        """The location of ``text[start:end]`` in the picture, one box per line."""
        return [_box(line, first, last) for line, first, last in self.parts(start, end)]

    def confidence(self, start: int, end: int) -> float:
        """The confidence of ``text[start:end]``: the mean over its characters, or 0 for none."""
        weights = [(line.confidence, last - first) for line, first, last in self.parts(start, end)]
        return sum(c * n for c, n in weights) / max(1, sum(n for _, n in weights))


def _box(line: Line, first: int, last: int) -> Box:
    whole = _advance(line.text) or 1
    if last - first == len(line.text):
        return line.box
    margin = MARGIN * line.place.height / max(1.0, line.place.width)
    start = max(0.0, _advance(line.text[:first]) / whole - margin)
    end = min(1.0, _advance(line.text[:last]) / whole + margin)
    return line.place.part(start, end).box()


def _advance(text: str) -> float:
    """The width of a text in letters: marks above and below take none, spaces and thin letters half."""
    width = 0.0
    for char in text:
        if unicodedata.category(char) in {"Mn", "Cf"}:
            continue
        width += 0.5 if char in " .,:;!|'ilI1เ" else 1.0
    return width
