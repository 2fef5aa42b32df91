"""Paragraphs in a picture are told from lists and headings."""

import pytest

from inference.pictures.ocr.layout import Line, RotatedBox
from inference.pictures.wrapped import runs_on

HEIGHT = 40


def below(*rows: tuple[str, float], gap: float = 20) -> list[Line]:
    """Lines of these words and widths, one below the other from the same left edge."""
    return [
        Line(words, RotatedBox(10 + width / 2, 30 + n * (HEIGHT + gap), width, HEIGHT), 0.9)
        for n, (words, width) in enumerate(rows)
    ]


PARAGRAPH = below(("อาหารเสริมสูตรนี้ผลิตจาก", 500), ("สมุนไพรธรรมชาติคัดสรร", 470), ("อย่างดี", 150))


def test_a_paragraph_goes_on_in_its_next_line():
    assert runs_on(PARAGRAPH) == [True, True]


def test_no_phrase_of_a_list_goes_on():
    assert runs_on(below(("ลดสิว", 120), ("ลดฝ้าและจุดด่างดำให้จางลง", 480), ("หน้าใส", 130))) == [False] * 2


def test_two_lines_may_be_two_phrases():
    assert runs_on(PARAGRAPH[1:]) == [False]


def test_one_short_line_within_makes_it_a_list():
    lines = below(("ผลิตจากสมุนไพรธรรมชาติ", 500), ("ส่งฟรี", 110), ("บำรุงผิวให้ชุ่มชื่นเสมอ", 490), ("ค่ะ", 50))
    assert runs_on(lines) == [False] * 3


@pytest.mark.parametrize(
    ("end", "start"),
    [("ใช้เพียง 7", "วันเท่านั้น"), ("ใช้เพียงเดือน", "2 ครั้ง"), ("ดี!", "สั่งเลย"), ("เพียง", "฿590 เท่านั้น")],
)
def test_numbers_and_signs_stay_apart(end: str, start: str):
    assert runs_on(below((end, 500), (start, 480), ("ค่ะ", 50))) == [False, True]


def test_larger_letters_are_a_heading():
    heading = Line("ครีมหน้าใส", RotatedBox(260, -50, 500, 90), 0.9)
    assert runs_on([heading, *PARAGRAPH]) == [False, True, True]


def test_lines_far_apart_are_not_one_paragraph():
    words = [(line.text, line.place.width) for line in PARAGRAPH]
    assert runs_on(below(*words, gap=120)) == [False, False]


def test_columns_side_by_side_are_not_one_paragraph():
    columns = [
        Line(line.text, RotatedBox(300 + 600 * n, 30 + 5 * n, line.place.width, HEIGHT), 0.9)
        for n, line in enumerate(PARAGRAPH)
    ]
    assert runs_on(columns) == [False, False]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_lines_have_no_break(count: int):
    assert runs_on(PARAGRAPH[:count]) == []


def test_a_line_without_words_is_no_paragraph():
    assert runs_on(below(("ผลิตจากสมุนไพร", 500), ("", 480), ("ค่ะ", 50))) == [False, False]
