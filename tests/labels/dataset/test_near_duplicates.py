"""Near-duplicates are found whatever a copying seller changes, and only they."""

import pytest

from labels.dataset.near_duplicates import near_duplicate_pairs, shingles

pytest.importorskip("datasketch")

TEXT = "แคปซูลสมุนไพรตราดอกบัวหลวง ลดน้ำหนักได้จริง ไม่ต้องอดอาหาร กล่องละ 390 บาท ส่งฟรีทั่วประเทศ"
COPY = "แคปซูลสมุนไพรตราดอกบัวหลวง!! ลด น้ำหนักได้จริง 🔥 ไม่ต้องอดอาหาร กล่องละ 450 บาท ส่งฟรีทั่วไทย"
OTHER = "ขายจักรยานพับได้มือสอง สภาพดี ล้อยี่สิบนิ้ว นัดรับที่สถานีรถไฟ"


def test_digits_space_and_punctuation_do_not_count() -> None:
    assert shingles("ABCDE fg 12") == shingles("abc-de, 99 FG") == {"abcde", "bcdef", "cdefg"}
    assert shingles("ab") == {"ab"}


def test_a_copy_is_found_and_another_text_is_not() -> None:
    assert list(near_duplicate_pairs([OTHER, TEXT, COPY])) == [(1, 2)]


def test_every_reported_pair_reaches_the_threshold() -> None:
    a, b = shingles(TEXT), shingles(COPY)
    similarity = len(a & b) / len(a | b)
    assert 0.5 < similarity < 1
    assert list(near_duplicate_pairs([TEXT, COPY], similarity)) == [(0, 1)]
    assert not list(near_duplicate_pairs([TEXT, COPY], similarity + 0.001))
