"""Lines as one text, and from its characters back to boxes."""

from inference.pictures.joined import JoinedLines
from inference.pictures.ocr.layout import Line, RotatedBox
from inference.text.reading import read

FIRST = Line("ลดน้ำหนัก ใน 7 วัน", RotatedBox(200, 50, 360, 40), 0.9)
SECOND = Line("สั่งเลย", RotatedBox(120, 120, 200, 40), 0.5)
JOINED = JoinedLines.of([FIRST, SECOND])


def test_each_line_stands_on_a_line_of_its_own():
    assert JOINED.text == "ลดน้ำหนัก ใน 7 วัน\nสั่งเลย"


def test_running_text_has_the_same_offsets():
    assert JOINED.running == "ลดน้ำหนัก ใน 7 วัน สั่งเลย"
    assert len(JOINED.running) == len(JOINED.text)


def test_words_of_a_paragraph_are_read_without_a_space_between_lines():
    lines = [
        Line("ครีมนี้ช่วยให้หน้าขาวใสไร้", RotatedBox(250, 50, 480, 40), 0.9),
        Line("สิวฝ้า ทาก่อนนอนทุกคืนเพื่อ", RotatedBox(245, 110, 470, 40), 0.9),
        Line("ผิวนุ่ม", RotatedBox(70, 170, 120, 40), 0.9),
    ]
    joined = JoinedLines.of(lines)
    assert read(joined.running).text == "ครีมนี้ช่วยให้หน้าขาวใสไร้สิวฝ้า ทาก่อนนอนทุกคืนเพื่อผิวนุ่ม"
    assert len(joined.running) == len(joined.text)


def test_a_whole_line_has_its_own_box():
    start = JOINED.text.index("สั่งเลย")
    assert JOINED.boxes(start, start + 7) == [SECOND.box]


def test_words_at_the_beginning_lie_in_the_left_part_of_the_line():
    ((left, top, width, height),) = JOINED.boxes(0, len("ลดน้ำหนัก"))
    assert (left, top, height) == (20, 30, 40)
    assert 180 < width < 240


def test_a_span_over_two_lines_has_two_boxes():
    boxes = JOINED.boxes(JOINED.text.index("7"), len(JOINED.text))
    assert len(boxes) == 2
    assert boxes[1] == SECOND.box


def test_the_break_between_lines_has_no_box():
    at = JOINED.text.index("\n")
    assert JOINED.boxes(at, at + 1) == []


def test_the_confidence_of_a_span_is_that_of_its_characters():
    assert JOINED.confidence(0, 5) == 0.9
    assert JOINED.confidence(0, len(JOINED.text)) < 0.9
    assert JOINED.confidence(0, 0) == 0
