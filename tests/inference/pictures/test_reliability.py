import pytest

from inference.pictures.assess import CombinedAssessment, GivenPicture
from inference.pictures.ocr.layout import Line, RotatedBox
from inference.pictures.reader import ReadPicture
from inference.pictures.reliability import is_fragment
from labels.schema import Listing

SLOGAN = Line("น้ำยาถูพื้นกลิ่นตะไคร้", RotatedBox(300, 100, 560, 80), 0.95)
MARKS = Line("9๑7 ๑", RotatedBox(120, 70, 40, 40), 0.8)
"""Tone marks of the slogan that the detector also found by themselves."""
SMALL = [
    Line("ขวดใหญ่", RotatedBox(300, 70, 90, 30), 0.9),
    Line("SPRAY", RotatedBox(400, 70, 90, 30), 0.9),
    Line("590.-", RotatedBox(500, 70, 90, 30), 0.9),
    Line("2", RotatedBox(900, 70, 30, 30), 0.9),
]
"""Words and numbers in small print over the slogan, and a digit far from it."""


def test_tone_marks_that_were_also_read_by_themselves_are_a_fragment() -> None:
    lines = [SLOGAN, MARKS, *SMALL]
    assert [is_fragment(line, lines) for line in lines] == [False, True, False, False, False, False]
    assert not is_fragment(MARKS, [MARKS])


@pytest.mark.parametrize("text", ["ฆท ๑๒๓/๒๕๖๕", "ฆท. ๑/๖๕", "อย. ๑๐-๑", "๑๒๓", "ลด 50%"])
def test_a_permit_number_and_a_share_in_small_print_are_no_fragment(text: str) -> None:
    small = Line(text, MARKS.place, 0.8)
    assert not is_fragment(small, [SLOGAN, small])


@pytest.mark.parametrize("text", ["9๑7 ๑27", "๑๑ ๒๑", "5%", "อยๆ"])
def test_tone_marks_that_look_like_digits_remain_a_fragment(text: str) -> None:
    marks = Line(text, MARKS.place, 0.8)
    assert is_fragment(marks, [SLOGAN, marks])


def test_a_fragment_is_not_assessed() -> None:
    read = ReadPicture("0" * 64, (MARKS, SLOGAN), "shelf 1")
    given = CombinedAssessment(Listing(id="1"), [GivenPicture("a.png", read.sha256, read)])
    assert [listing.description for listing in given.listings] == ["", SLOGAN.text, SLOGAN.text]
