"""Answers name the office that gives them, and claim no step that was not taken."""

import pytest

from service.complaints.answers import SHIPPED, filled

OFFICE, AGENCY = "สำนักงานตัวอย่าง", "หน่วยงานตัวอย่าง"
OTHERS = SHIPPED["อยู่ในอำนาจหน้าที่ของหน่วยงานอื่น"]


@pytest.mark.parametrize("name", SHIPPED)
def test_an_answer_names_the_office_and_leaves_no_placeholder(name: str) -> None:
    text = filled(SHIPPED[name], "รร 0012/2569", OFFICE)
    assert "{" not in text
    assert "คณะกรรมการอาหารและยา" not in text
    assert "รร 0012/2569" in text


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "ของหน่วยงานอื่น ท่านแจ้งเรื่องต่อหน่วยงานที่รับผิดชอบได้โดยตรง"),
        ({"agency": AGENCY}, f"ของ {AGENCY} ท่านแจ้งเรื่องต่อหน่วยงานดังกล่าวได้โดยตรง"),
        ({"agency": AGENCY, "sent_to": AGENCY}, f"ของ {AGENCY} และ{OFFICE}ได้ส่งเรื่องให้หน่วยงานดังกล่าวแล้ว"),
    ],
)
def test_only_a_complaint_that_was_exported_was_sent_on(known: dict[str, str], said: str) -> None:
    text = filled(OTHERS, "1", OFFICE, **known)
    assert f"เรื่องนี้อยู่ในอำนาจหน้าที่{said}\n" in text


def test_a_question_gives_the_address_of_the_status_page() -> None:
    text = filled(SHIPPED["ขอข้อมูลเพิ่มเติม"], "1", OFFICE, "https://ruthan.example/complain/status")
    assert "ในหน้าติดตามเรื่อง https://ruthan.example/complain/status ด้วยเลขที่เรื่อง" in text
