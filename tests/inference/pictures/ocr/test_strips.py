"""A strip is read in pieces: no line is lost, cut or read twice."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from inference.pictures.ocr.layout import Line, RotatedBox
from inference.pictures.ocr.strips import LONG, MOST, _merged, is_strip, pieces, read_whole

HEIGHT = 24


class Rows:
    """A substitute engine: a line of letters is a dark row block, its number is its shade."""

    name = "rows 1"

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def read(self, pixels):
        self.seen.append(pixels.shape[:2])
        shades = pixels[:, 0, 0]
        lines = []
        for shade in sorted(set(shades.tolist()) - {255}):
            rows = np.flatnonzero(shades == shade)
            whole = len(rows) == HEIGHT
            place = RotatedBox(150, rows.mean() + 0.5, 280, len(rows))
            lines.append(Line(f"line {shade}" if whole else "cut", place, 0.9 if whole else 0.5))
        return [lines]


def strip(height: int, *tops: int, width: int = 300):
    pixels = np.full((height, width, 3), 255, np.uint8)
    for number, top in enumerate(tops):
        pixels[top : top + HEIGHT] = number
    return pixels


@pytest.mark.parametrize(
    ("size", "is_one"),
    [
        ((800, 10_000), True),
        ((1000, 2560), False),
        ((900, 2699), False),
        ((900, 2700), True),
        ((3000, 900), False),
    ],
)
def test_only_a_tall_picture_is_a_strip(size, is_one):
    assert is_strip(*size) is is_one


@pytest.mark.parametrize(("width", "height"), [(800, 10_000), (300, 2561), (750, 40_000), (853, 2561)])
def test_the_pieces_cover_all_rows_and_share_some(width, height):
    found = list(pieces(width, height))
    assert 1 < len(found) <= MOST
    assert (found[0][0], found[-1][1]) == (0, height)
    assert (found[0][2], found[-1][3]) == (0, height)
    for (_, bottom, _, last), (top, _, first, _) in pairwise(found):
        assert top < first <= last < bottom
        assert abs(first - last) <= 1


def test_each_line_is_read_once_wherever_the_pieces_meet():
    """Lines at every distance from the borders, also cut by them."""
    height = LONG + 1000
    for shift in range(0, 60, 3):
        tops = [shift + 60 * number for number in range((height - shift) // 60)]
        engine = Rows()
        blocks = read_whole(engine, strip(height, *tops))
        assert len(engine.seen) > 3
        lines = [line for block in blocks for line in block]
        assert [line.text for line in lines] == [f"line {number}" for number in range(len(tops))]
        assert [line.box[1] for line in lines] == tops


def test_lines_one_below_the_other_are_not_taken_for_one():
    tops = [1000 + 25 * number for number in range(40)]
    lines = [line for block in read_whole(Rows(), strip(3000, *tops)) for line in block]
    assert [line.text for line in lines] == [f"line {number}" for number in range(40)]


@pytest.mark.parametrize("angle", [0, 8, 20, -12])
def test_parallel_lines_are_not_taken_for_one(angle):
    """Their upright boxes overlap if they are tilted."""
    lines = [Line(f"line {n}", RotatedBox(450, 1400 + 55 * n, 500, 40, angle), 0.9) for n in range(8)]
    assert merged_in_pieces(lines) == lines


def test_a_row_that_is_one_line_in_a_piece_and_two_in_the_next_is_read_once():
    short = [
        Line(text, RotatedBox(x, 1400, 200, 40), 0.9) for text, x in (("ลดราคา", 150), ("รักษามะเร็ง", 360))
    ]
    long = Line("ลดราคา รักษามะเร็ง", RotatedBox(255, 1401, 410, 40), 0.9)
    assert _merged(short, [long]) == [long]
    assert _merged([long], short) == [long]


def test_a_line_that_was_cut_gives_way_to_the_whole_one():
    cut = Line("รักษ", RotatedBox(250, 1395, 300, 25), 0.4)
    whole = Line("รักษามะเร็ง", RotatedBox(250, 1401, 300, 40), 0.9)
    assert _merged([cut], [whole]) == _merged([whole], [cut]) == [whole]


def merged_in_pieces(lines):
    """The same lines read in two pieces."""
    again = [replace(line, place=replace(line.place, y=line.place.y + 1)) for line in lines]
    return _merged(_merged([], lines), again)


def test_another_picture_is_read_at_once():
    engine = Rows()
    read_whole(engine, strip(900, 100, 200))
    assert engine.seen == [(900, 300)]
