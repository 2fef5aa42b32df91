"""Mending of Thai as recognisers write it."""

import pytest

from inference.pictures.ocr.spacing import mended


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("น ้ า ห น ั ก", "น้า หนัก"),
        ("ช ่ ว ย ให้", "ช่วยให้"),
        ("บํารุงผิว", "บำรุงผิว"),
        ("นํ้าตาล", "น้ำตาล"),
        ("น้ําตาล", "น้ำตาล"),
        ("น้้าตาล", "น้ำตาล"),
        ("เเก้ปวด", "แก้ปวด"),
        ("ลดน้ำหนัก 5 กก.", "ลดน้ำหนัก 5 กก."),
        ("หิวน้้ำบ่อย", "หิวน้ำบ่อย"),
        ("่ดี มาก", "ดี มาก"),
        ("Q  Inca\n Oil ", "Q Inca Oil"),
        ("ซื้อ 1 แถม 1", "ซื้อ 1 แถม 1"),
        ("", ""),
    ],
)
def test_a_line_is_written_as_a_thai_would_type_it(read, meant):
    assert mended(read) == meant
