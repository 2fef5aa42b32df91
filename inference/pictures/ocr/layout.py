"""Positions of the lines of a picture, and their reading order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labels.pictured import Box

SAME_ROW = 0.5
"""Lines whose middles are nearer than this part of the smaller letter height stand in one row."""

ROW_GAP, LINE_GAP = 1.5, 0.9
"""Letter heights between neighbours of a row, and between the lines of a block."""

LIKE = 2.2
"""How many times as high a line may be as another of its block."""


@dataclass(frozen=True)
class RotatedBox:
    """A rectangle that may be rotated.

    Attributes:
        x, y: its centre in pixels.
        width, height: along the letters and across them, in pixels.
        angle: degrees by which the line slopes down to the right.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def box(self) -> Box:
        """The upright box around it."""
        turn = math.radians(self.angle)
        cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
        width = self.width * cos + self.height * sin
        height = self.width * sin + self.height * cos
        left, top = max(0, math.floor(self.x - width / 2)), max(0, math.floor(self.y - height / 2))
        return (
            left,
            top,
            math.ceil(self.x + width / 2) - left,
            math.ceil(self.y + height / 2) - top,
        )

    def part(self, start: float, end: float) -> "RotatedBox":
        """Return the part between two fractions of its width."""
        turn = math.radians(self.angle)
        middle = ((start + end) / 2 - 0.5) * self.width
        return RotatedBox(
            self.x + middle * math.cos(turn),
            self.y + middle * math.sin(turn),
            self.width * (end - start),
            self.height,
            self.angle,
        )


@dataclass(frozen=True)
class Line:
    """A line of letters as it was read.

    Attributes:
        text: without white space at its ends.
        place: where it stands in the picture.
        confidence: of the recognition, between 0 and 1.
    """

    text: str
    place: RotatedBox
    confidence: float

    @property
    def box(self) -> Box:
        """The upright box around the line."""
        return self.place.box()


def in_reading_order(places: Sequence[RotatedBox]) -> list[list[int]]:
    """Return blocks of lines from top to bottom, each with the indexes of its lines in reading order.

    Banners set words in blocks of similar letters: a slogan of three lines beside a price is read as a whole
    before the price.
    """
    group = list(range(len(places)))

    def root(index: int) -> int:
        while group[index] != index:
            index = group[index]
        return index

    for one in range(len(places)):
        for other in range(one):
            if _neighbours(places[one], places[other]):
                group[root(one)] = root(other)
    blocks: dict[int, list[int]] = {}
    for index in range(len(places)):
        blocks.setdefault(root(index), []).append(index)
    ordered = [_rows(members, places) for members in blocks.values()]
    return sorted(ordered, key=lambda block: (_top(block, places), min(places[i].box()[0] for i in block)))


def _top(block: Sequence[int], places: Sequence[RotatedBox]) -> int:
    return min(places[index].box()[1] for index in block)


def _neighbours(one: RotatedBox, other: RotatedBox) -> bool:
    small, large = sorted((one.height, other.height))
    if large > LIKE * small or abs(one.angle - other.angle) > 10:
        return False
    left, right = sorted((one.box(), other.box()))
    gap = right[0] - (left[0] + left[2])
    apart = abs(one.y - other.y)
    if apart < SAME_ROW * small:
        return gap < ROW_GAP * small
    shared = -gap if gap < 0 else 0
    between = apart - (one.box()[3] + other.box()[3]) / 2
    return min(shared, left[2], right[2]) > 0.3 * min(left[2], right[2]) and between < LINE_GAP * small


def _rows(members: Sequence[int], places: Sequence[RotatedBox]) -> list[int]:
    rows: list[list[int]] = []
    for index in sorted(members, key=lambda i: places[i].y):
        last = rows[-1] if rows else None
        if last is not None:
            before = places[last[-1]]
            if abs(before.y - places[index].y) < SAME_ROW * min(before.height, places[index].height):
                last.append(index)
                continue
        rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: places[i].x)]
