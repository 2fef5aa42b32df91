"""Reads a tall picture, such as a shop's description in one strip, piece by piece.

Scaled to the size of other pictures, its letters would be too small to be read.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from inference.pictures.ocr.engine import PictureEngine, Pixels
from inference.pictures.ocr.layout import Line, in_reading_order

TALL: Final = 3
"""How many times as high as wide a picture is at least that is read in pieces."""

LONG: Final = 2560
"""A picture of at most this height in pixels is read at once: its letters are not scaled down much."""

WIDTH: Final = 1280
"""Wider strips are scaled to this width in pixels."""

PIECE, SHARED = 1.5, 0.2
"""Height of a piece, and what it shares with the next one, in widths of the picture."""

MOST: Final = 12
"""Maximum number of pieces, which are taller then; this bounds the time that a picture takes."""

SAME: Final = 0.5
"""Two lines are one that was read twice if they share this part of the smaller one's height and width."""


def is_strip(width: int, height: int) -> bool:
    """Whether a picture of this size is read in pieces."""
    return height > LONG and height >= TALL * width


def read_whole(engine: PictureEngine, pixels: Pixels) -> list[list[Line]]:
    """The blocks of lines of a picture of any shape in reading order."""
    height, width = pixels.shape[:2]
    if not is_strip(width, height):
        return engine.read(pixels)
    kept: list[Line] = []
    for top, bottom, first, last in pieces(width, height):
        found = [line for block in engine.read(pixels[top:bottom]) for line in block]
        for line in (_moved(line, top) for line in found):
            # Near the border between two pieces each may have read it; cut in two, it is worth less.
            near = line.place.height
            if first - near <= line.place.y < last + near:
                _keep(line, kept)
    blocks = in_reading_order([line.place for line in kept])
    return [[kept[index] for index in block] for block in blocks]


def pieces(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Top and bottom of each piece, and the rows between which lines are taken from it."""
    shared = round(SHARED * width)
    count = min(MOST, math.ceil((height - shared) / (PIECE * width - shared)))
    step = (height - shared) / count
    for number in range(count):
        top, bottom = round(number * step), round((number + 1) * step) + shared
        first = 0 if number == 0 else top + shared // 2
        last = height if number == count - 1 else bottom - shared // 2
        yield top, min(bottom, height), first, last


def _moved(line: Line, down: int) -> Line:
    place = line.place
    return replace(line, place=replace(place, y=place.y + down))


def _keep(line: Line, kept: list[Line]) -> None:
    """Add a line, or let it take the place of one that is the same and was read less surely."""
    for index in range(len(kept) - 1, -1, -1):
        if _is_same(kept[index], line):
            kept[index] = max(kept[index], line, key=lambda one: len(one.text) * one.confidence)
            return
    kept.append(line)


def _is_same(one: Line, other: Line) -> bool:
    (left, top, width, height), (x, y, wide, high) = one.box, other.box
    across = min(left + width, x + wide) - max(left, x)
    down = min(top + height, y + high) - max(top, y)
    return across > SAME * min(width, wide) and down > SAME * min(height, high)
