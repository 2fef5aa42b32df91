"""Lines of a letter's PDF keep its margins, and end inside no word, date, section or set phrase."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pypdfium2
import pytest
from fpdf import FPDF

from service.referral.letters.letter import Letter
from service.referral.letters.pdf_letter import _joined, pdf_of
from service.referral.letters.templates import Office

KEPT = (
    "มาตรา 25 (2)",
    "มาตรา 46/1",
    "พ.ศ. 2522",
    "24 พฤศจิกายน 2569",
    "ระวางโทษ",
    "ทั้งจำทั้งปรับ",
    "ผู้อนุญาต",
    "ความหลงเชื่อ",
    "เสริมอาหาร",
    "จะขอบคุณยิ่ง",
)
MARGINS, BLEED = (30.0, 20.0), 0.35
"""Left and right, in millimetres, and how far a mark above or below a letter may reach over them."""


def written(paragraphs: Iterable[str]) -> pypdfium2.PdfDocument:
    """A letter with these facts."""
    letter = Letter(
        number="1",
        date="",
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        office=Office(name="สำนักงานตัวอย่าง"),
        to="",
        subject="ก" * 300,
        enclosures=("ข" * 300,),
        facts=tuple(paragraphs),
        law=(),
        request=(),
        closing="",
    )
    return pypdfium2.PdfDocument(pdf_of(letter))


def test_no_line_stands_over_the_margins() -> None:
    """Long runs without a place to break fill each line to its end."""
    document = written(letter * 400 for letter in "กขMi1")
    left, right = [], []
    for page in document:
        text, wide = page.get_textpage(), page.get_width()
        for number in range(text.count_rects()):
            low, _, high, _ = text.get_rect(number)
            left.append(low / 72 * 25.4)
            right.append((wide - high) / 72 * 25.4)
    assert MARGINS[0] - BLEED < min(left) < MARGINS[0] + BLEED
    assert MARGINS[1] - BLEED < min(right) < MARGINS[1] + 0.8  # less than any letter


@pytest.mark.parametrize(
    ("before", "phrase", "after"),
    [
        *(("", phrase, "ปรับ") for phrase in KEPT),
        ("ซึ่งเข้าข่าย", "ฝ่าฝืน", "กฎหมาย"),
        ("พื้นที่และ", "ดำเนินการ", "ตามอำนาจ"),
        *(("ห้าม", prefix + word, " ยา") for prefix in ("การ", "ผู้", "“การ") for word in ("ดำเนินการ", "ฝ่าฝืน")),
        ("มี", "ความเสริมอาหาร", " ยา"),
        ("ตาม", "(มาตรา 40)", " ยา"),
        ("ถือว่า", "“ฝ่าฝืน”", " ยา"),
    ],
)
def test_a_phrase_stays_on_one_line_wherever_it_falls(before: str, phrase: str, after: str) -> None:
    """Before it stand one to forty short words, so that it meets the end of a line at every place."""
    counts = range(1, 41)
    document = written(f"{'ยา ' * count}{before}{phrase}{after}" for count in counts)
    lines = [line for page in document for line in page.get_textpage().get_text_range().splitlines()]
    assert sum(phrase in line for line in lines) == len(counts)


def test_words_are_measured_once_in_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    measured, measure = [], FPDF.get_string_width

    def counted(pdf: FPDF, text: str) -> float:
        measured.append((pdf.font_style, pdf.font_size_pt, text))
        return measure(pdf, text)

    monkeypatch.setattr(FPDF, "get_string_width", counted)
    written(["ผลิตภัณฑ์เสริมอาหาร ตามมาตรา 25 (2) " * 10] * 2)
    ours = [one for one in measured if len(one[2].split()) < 9]  # the library measures whole lines
    assert "ผลิตภัณฑ์" in {text for _, _, text in ours}
    assert len(ours) == len(set(ours))


def test_no_line_begins_with_a_mark_of_repetition() -> None:
    assert _joined(["โฆษณา", "อื่น", " ", "ๆ", " ", "และ"]) == ["โฆษณา", "อื่น ๆ", " ", "และ"]
    assert _joined([" ", "ๆ"]) == [" ๆ"]
