"""The registers' words for a status: all of a word must be known."""

from datetime import date

import pytest

from inference.registry.source import RecordStatus
from service.registry.status_words import StatusUnknown, expiry_in, parse_status_words, read_status


@pytest.mark.parametrize(
    "word",
    [
        "คงอยู่",
        "คงอยู่ ",
        "ยังคงอยู่",
        "สถานะ คงอยู่",
        "อนุญาต",
        "ได้รับอนุญาต",
        "ปกติ",
        "Active",
        "approved",
        "คงอยู่ (ต่ออายุแล้ว)",
        "คงอยู่ (ถึง 31 ธ.ค. 2570)",
        "คงอยู่ (หมดอายุ 31 ธ.ค. 2570)",
        "คงอยู่ [วันหมดอายุ: ๓๑/๑๒/๒๕๗๐]",
        "active (expires 2027-12-31)",
    ],
)
def test_in_force(word: str) -> None:
    assert read_status(word, {}) is RecordStatus.ACTIVE


@pytest.mark.parametrize(
    "word",
    ["ยกเลิก", "ถูกยกเลิก", "ยกเลิกแล้ว", "ยกเลิกตามคำขอ", "เพิกถอนทะเบียน", "พักใช้ใบอนุญาต", "พักใช้ชั่วคราว", "หมดอายุ", "สิ้นอายุ",
     "ยกเลิก (1 ม.ค. 2566)", "ยกเลิก (หมดอายุ)", "เพิกถอนโดยผู้อนุญาต", "ไม่คงอยู่ (ใบอนุญาตสิ้นอายุ)", "เพิกถอนเมื่อ 3/2/2565", "ไม่คงอยู่", "Cancelled", "canceled", "REVOKED", "expired"],
)  # fmt: skip
def test_not_in_force(word: str) -> None:
    assert read_status(word, {}) is RecordStatus.CANCELLED


@pytest.mark.parametrize(
    "word",
    ["ยกเลิกการพักใช้", "ไม่ยกเลิก", "ไม่อนุญาต", "รออนุญาต", "อื่น ๆ", "not active", "ok",
     "คงอยู่ (พักใช้ชั่วคราว)", "คงอยู่(ถูกเพิกถอน)", "อนุญาต (ยกเลิกแล้ว)", "คงอยู่ [อยู่ระหว่างพักใช้]", "active (suspended)",
     "Approved (Expired 2024)", "ยกเลิก (คงอยู่)", "cancelled (active again)", "คงอยู่ โดยถูกพักใช้", "คงอยู่ (ขาดต่ออายุ)",
     "คงอยู่ ตั้งแต่ 2560 ยกเลิก 2566", "คงอยู่ (หมดอายุ)", "คงอยู่ (หมดอายุ 2570)", "คงอยู่ (หมดอายุ 31/13/2570)",
     "คงอยู่ (หมดอายุ 31 ธ.ค. 2570 ถูกเพิกถอน)", "คงอยู่ (หมดอายุ 31 ธ.ค. 2570) ยกเลิก", "active (expired 31/12/2027)"],
)  # fmt: skip
def test_other_words_are_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(StatusUnknown, match="--status-words"):
        read_status(word, {})


def test_words_can_be_named_by_hand_and_win() -> None:
    mapping = parse_status_words("รอ อนุญาต=cancelled, อนุญาต=cancelled")
    assert read_status("รออนุญาต", mapping) is read_status("อนุญาต", mapping) is RecordStatus.CANCELLED
    with pytest.raises(StatusUnknown, match="WORD=active"):
        parse_status_words("ก=ข")


def test_the_date_of_a_word_named_by_hand_does_not_count() -> None:
    word = "คงอยู่ (ต่ออายุถึง 31 ธ.ค. 2568)"
    assert expiry_in(word, {}) == date(2025, 12, 31)
    assert expiry_in(word, parse_status_words(f"{word}=active")) is None
