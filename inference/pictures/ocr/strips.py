"""Reads a tall picture, such as a shop's description in one strip, piece by piece.

Scaled to the size of other pictures, its letters would be too small to be read.
"""

import math
from collections.abc import Iterator, Sequence
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
"""Two lines are one that was read twice if they share this part of the smaller one's width, and their middles
are nearer than this part of its height."""

LIKE_ANGLE: Final = 10.0
"""Degrees by which the slopes of a line that was read twice differ at most."""


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
        found = [_moved(line, top) for block in engine.read(pixels[top:bottom]) for line in block]
        # Near the border between two pieces each may have read a line; cut in two, it is worth less.
        mine = [line for line in found if first - _reach(line) <= line.place.y < last + _reach(line)]
        kept = _merged(kept, mine)
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


def _reach(line: Line) -> int:
    """How far from a border in pixels a line is taken from both pieces: its height, tilted or not."""
    return line.box[3]


def _merged(kept: Sequence[Line], found: Sequence[Line]) -> list[Line]:
    """The lines of earlier pieces and of one more; of those that are the same, the ones that read more."""
    added = []
    lines = list(kept)
    for line in found:
        same = [other for other in lines if _is_same(other, line)]
        if sum(map(_worth, same)) < _worth(line):
            lines = [other for other in lines if not any(other is one for one in same)]
            added.append(line)
    return [*lines, *added]


def _worth(line: Line) -> float:
    return len(line.text) * line.confidence


def _is_same(one: Line, other: Line) -> bool:
    """Whether two lines lie on each other, measured along their letters and across them."""
    a, b = one.place, other.place
    if abs(a.angle - b.angle) > LIKE_ANGLE:
        return False
    turn = math.radians((a.angle + b.angle) / 2)
    x, y = b.x - a.x, b.y - a.y
    along, across = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    shared = (a.width + b.width) / 2 - abs(along)
    return shared > SAME * min(a.width, b.width) and abs(across) < SAME * min(a.height, b.height)
