"""No line of a letter's PDF ends inside a word, a date, a section or a set phrase."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from service.referral.letters.letter import Letter
from service.referral.letters.pdf_letter import pdf_of
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
)


@pytest.mark.parametrize("phrase", KEPT)
def test_a_phrase_stays_on_one_line_wherever_it_falls(phrase: str) -> None:
    """Before it stand one to forty short words, so that it meets the end of a line at every place."""
    counts = range(1, 41)
    letter = Letter(
        number="1",
        date="",
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        office=Office(name="สำนักงานตัวอย่าง"),
        to="",
        subject="",
        enclosures=(),
        facts=tuple(f"{'ยา ' * count}{phrase}ปรับ" for count in counts),
        law=(),
        request=(),
        closing="",
    )
    document = pypdfium2.PdfDocument(pdf_of(letter))
    lines = [line for page in document for line in page.get_textpage().get_text_range().splitlines()]
    assert sum(phrase in line for line in lines) == len(counts)
