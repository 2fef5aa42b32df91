"""The registers' words for a status: all of a word must be known."""

import pytest

from inference.registry.source import RecordStatus
from service.registry.status_words import StatusUnknown, parse_status_words, read_status


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
    ],
)
def test_in_force(word: str) -> None:
    assert read_status(word, {}) is RecordStatus.ACTIVE


@pytest.mark.parametrize(
    "word",
    ["ยกเลิก", "ถูกยกเลิก", "ยกเลิกแล้ว", "ยกเลิกตามคำขอ", "เพิกถอนทะเบียน", "พักใช้ใบอนุญาต", "พักใช้ชั่วคราว", "หมดอายุ", "สิ้นอายุ",
     "ยกเลิก (1 ม.ค. 2566)", "เพิกถอนเมื่อ 3/2/2565", "ไม่คงอยู่", "Cancelled", "canceled", "REVOKED", "expired"],
)  # fmt: skip
def test_not_in_force(word: str) -> None:
    assert read_status(word, {}) is RecordStatus.CANCELLED


@pytest.mark.parametrize(
    "word", ["ยกเลิกการพักใช้", "ไม่ยกเลิก", "ไม่อนุญาต", "รออนุญาต", "อื่น ๆ", "not active", "ok"]
)
def test_other_words_are_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(StatusUnknown, match="--status-words"):
        read_status(word, {})


def test_words_can_be_named_by_hand_and_win() -> None:
    mapping = parse_status_words("รอ อนุญาต=cancelled, อนุญาต=cancelled")
    assert read_status("รออนุญาต", mapping) is read_status("อนุญาต", mapping) is RecordStatus.CANCELLED
    with pytest.raises(StatusUnknown, match="WORD=active"):
        parse_status_words("ก=ข")
