"""The layout of lines: boxes of rotated lines, and the reading order."""

import pytest

from inference.pictures.ocr.layout import RotatedBox, in_reading_order


def test_the_box_of_a_level_line_is_the_line():
    assert RotatedBox(50, 20, 80, 20).box() == (10, 10, 80, 20)


def test_the_box_of_a_turned_line_holds_its_corners():
    left, top, width, height = RotatedBox(100, 100, 100, 20, 45).box()
    assert left <= 58
    assert top <= 58
    assert width == pytest.approx(86, abs=2)
    assert height == pytest.approx(86, abs=2)


def test_a_part_follows_the_slant():
    part = RotatedBox(100, 100, 100, 20, 90).part(0.5, 1)
    assert (round(part.x), round(part.y)) == (100, 125)


def test_a_slogan_of_three_lines_is_read_before_the_price_beside_it():
    slogan = [RotatedBox(100, 20 + 50 * row, 180, 40) for row in range(3)]
    price = [RotatedBox(400, 45, 80, 30), RotatedBox(400, 85, 80, 30)]
    mixed = [slogan[0], price[0], slogan[1], price[1], slogan[2]]
    assert in_reading_order(mixed) == [[0, 2, 4], [1, 3]]


def test_words_of_one_row_are_read_from_left_to_right():
    assert in_reading_order([RotatedBox(180, 21, 60, 20), RotatedBox(100, 19, 60, 20)]) == [[1, 0]]


def test_no_lines_have_no_order():
    assert in_reading_order([]) == []
