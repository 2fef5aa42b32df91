"""Pulled-apart words come together, and nothing else does."""

import pytest

from inference.text.evasion import join_letters
from inference.text.offset_text import OffsetText


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("ม ะ เ ร็ ง", "มะเร็ง"),
        ("เ บ า ห ว า น", "เบาหวาน"),
        ("โ-ร-ค", "โรค"),
        ("โ🔥ร🔥ค", "โรค"),
        ("รัก.ษา", "รักษา"),
        ("รัก ษ า", "รักษา"),
        ("รัก❤ษา", "รักษา"),
        ("มะเ-ร็ง", "มะเร็ง"),
        ("มะ.เร็ง", "มะเร็ง"),
        ("รักษามะ🔥เร็ง", "รักษามะเร็ง"),
        ("ลด-น้ำ-หนัก", "ลดน้ำหนัก"),
        ("น้ำ/หนัก", "น้ำหนัก"),
        ("ล'้'า'ง", "ล้าง"),
        ("ผ.อม", "ผอม"),
        ("ยุ⭐บ", "ยุบ"),
        ("เ.บาหวาน", "เบาหวาน"),
    ],
)
def test_evasion_is_undone(written: str, joined: str) -> None:
    text = join_letters(OffsetText(written))
    assert text.text == joined
    assert text.original_span(0, len(joined)) == (0, len(written))


@pytest.mark.parametrize(
    "text",
    [
        "พ.ศ. 2567",
        "ต.บางรัก อ.เมือง จ.นนทบุรี",
        "ส.ค. พ.ย. ก.ค.",
        "นพ.สมชาย ดร.สมศรี",
        "ไม่-ดี",
        "มี ส อ ด้วย",
        "แม่.นั่นไง",
        "รายได้..การเงิน",
        "แสงโสม+มิกซ์",
        "หมู ไก่ ปลา กุ้ง",
        "ขาว ใส ไว",
        "ก ข ค ง",
        "ลดราคา|ส่งฟรี",
        "เบา,หวาน",
        "ราคา 1,290.- บาท",
        "10-1-00005",
        "buy now, the best.",
        "ฤๅษี",
        "",
    ],
)
def test_ordinary_writing_stays(text: str) -> None:
    assert join_letters(OffsetText(text)).text == text


def test_a_word_beside_pulled_apart_letters_keeps_its_place() -> None:
    text = join_letters(OffsetText("ครีม ม ะ เ ร็ ง"))
    assert text.text == "ครีม มะเร็ง"
    assert text.original_span(5, 11) == (5, 15)
    assert text.original_span(5, 6) == (5, 6)
