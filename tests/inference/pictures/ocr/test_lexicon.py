"""Mending of vowels and tone marks with the dictionary: never a consonant, never a word."""

import pytest

from inference.pictures.ocr.lexicon import with_words_mended


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("ลดนำหนักได้ผลจริง", "ลดน้ำหนักได้ผลจริง"),
        ("ควบคุมนำตาลในเลือด", "ควบคุมน้ำตาลในเลือด"),
        ("แหมาะสำหรับผิว", "เหมาะสำหรับผิว"),
        ("ลดรี้วรอย", "ลดริ้วรอย"),
        ("หมายแหตุ", "หมายเหตุ"),
        ("วิตามีนเอ", "วิตามินเอ"),
        ("รายละเอียดเพิมเติม", "รายละเอียดเพิ่มเติม"),
    ],
)
def test_a_word_that_lost_its_marks_is_whole_again(read, meant):
    assert with_words_mended(read) == meant


@pytest.mark.parametrize(
    "written",
    [
        "แขนชาดีขึ้น",
        "แขนชาตีขึ้น",
        "พามาใช้",
        "หมอเก่ง",
        "หิวน้ำบ่อย",
        "เบาหวาน ความดัน",
        "ธ่างภาย",
        "อินคา ออยล์",
        "Omega 3",
        "ตาพล่ามัว",
        "",
    ],
)
def test_everything_else_stays_as_it_was_read(written):
    assert with_words_mended(written) == written
