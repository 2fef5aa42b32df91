"""The browser asks before a text that was typed and not sent is lost, and only then."""

from typing import Any

import pytest

from service.complaints.intake import filing_of
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient
from tests.helpers.browser_waits import wait_until
from tests.helpers.stored import record_review

pytestmark = pytest.mark.needs_browser

LEAVING_ASKS = """() => {
  const leaving = new Event("beforeunload", { cancelable: true });
  dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""


@pytest.fixture
def asked(page: Any, filled: Any, address: str, password: str, sign_in: Any) -> list[str]:
    """The questions that the browser asks a lead; each is answered by staying."""
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    sign_in(page, address, password, "/queue")
    questions: list[str] = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    return questions


@pytest.fixture
def review(filled: Any) -> int:
    lek = filled.store.users.find("lek").id
    assessment = filled.store.listing(filled.ids["worst"]).assessment_id
    number: int = record_review(filled.store, assessment, lek, "prohibited", confirmed=[0]).id
    return number


def test_an_edited_alert_is_not_lost_by_leaving_its_draft(
    page: Any, address: str, filled: Any, review: int, asked: list[str]
) -> None:
    page.goto(f"{address}/cases/{filled.ids['worst']}/alert")
    assert not page.evaluate(LEAVING_ASKS)
    page.get_by_role("button", name="ตรวจและดูตัวอย่าง").click()
    page.wait_for_selector("[role=status]")
    assert not page.evaluate(LEAVING_ASKS), "nothing was typed"
    text = page.locator("#draft textarea")
    text.press("Control+End")
    text.press_sequentially(" โปรดระวัง")
    page.locator(".case-head a").click()
    wait_until(page, "true")
    assert asked == ["beforeunload"]
    assert text.input_value().endswith("โปรดระวัง")
    page.get_by_role("button", name="ตรวจและดูตัวอย่าง").click()
    page.wait_for_selector("section bdi:has-text('โปรดระวัง')")
    assert asked == ["beforeunload"], "its own form takes it along"
    assert page.evaluate(LEAVING_ASKS), "checked, and not published yet"
    page.get_by_role("button", name="เผยแพร่", exact=True).click()
    page.wait_for_url("**/alert-desk/*")
    assert asked == ["beforeunload"]
    assert page.faults == []


def test_edited_words_of_a_letter_go_with_the_sending_and_stay_on_the_page(
    page: Any, address: str, filled: Any, review: int, asked: list[str]
) -> None:
    lek = filled.store.users.find("lek").id
    letter = filled.store.referrals.create(review, lek, Recipient.CONSUMER_POLICE, "รท")
    page.goto(f"{address}/referrals/{letter.id}")
    assert not page.evaluate(LEAVING_ASKS)
    page.fill("[name=request]", "โปรดระงับโดยด่วน")
    page.fill("#close [name=note]", "ปิดเรื่อง")
    page.locator("#close button").click()
    wait_until(page, "true")
    assert asked == ["beforeunload"], "closing the letter would lose the words"
    page.fill("#close [name=note]", "")
    page.fill("#send [name=address]", "กองบังคับการ ปคบ.")
    page.press("#send [name=address]", "Enter")
    page.wait_for_selector("[role=alert]")
    assert page.input_value("[name=request]") == "โปรดระงับโดยด่วน"
    assert page.evaluate(LEAVING_ASKS)
    page.faults.clear()  # the browser notes the 422
    page.get_by_role("button", name="บันทึกถ้อยคำ").click()
    page.wait_for_selector("text=บันทึกถ้อยคำแล้ว")
    assert page.input_value("#send [name=address]") == "กองบังคับการ ปคบ."
    assert not page.evaluate(LEAVING_ASKS)
    page.locator("#send button").click()
    page.wait_for_url("**?done=step")
    assert asked == ["beforeunload"]
    assert filled.store.referrals.get(letter.id).request == "โปรดระงับโดยด่วน"
    assert page.faults == []


def test_an_answer_to_a_complainant_outlives_the_other_buttons(
    page: Any, address: str, filled: Any, asked: list[str]
) -> None:
    filing = filing_of({"category": "late", "detail": "ส่งช้ามาก"})
    number = filled.store.complaints.file(filing, "form", "form").complaint_id
    page.goto(f"{address}/complaints/{number}")
    page.fill("#field-answer", "ตรวจแล้ว\nพบว่าผิด")
    page.get_by_role("button", name="รับเรื่องนี้").click()
    page.wait_for_selector("main > .notice")
    page.fill("#field-note", "โทรแล้ว")
    page.get_by_role("button", name="บันทึก", exact=True).click()
    page.wait_for_selector(".history >> text=โทรแล้ว")
    assert page.input_value("#field-answer") == "ตรวจแล้ว\nพบว่าผิด"
    assert page.input_value("#field-note") == ""
    assert asked == []
    page.get_by_role("link", name="← เรื่องร้องเรียน").click()
    wait_until(page, "true")
    assert asked == ["beforeunload"]
    page.fill("[name=main_number]", "99/2569")
    page.press("[name=main_number]", "Enter")
    page.wait_for_selector("[role=alert]")
    assert page.input_value("#field-answer") == "ตรวจแล้ว\nพบว่าผิด"
    page.faults.clear()  # the browser notes the 422
    page.get_by_role("button", name="ตอบ", exact=True).click()
    page.wait_for_selector(".history >> text=พบว่าผิด")
    assert asked == ["beforeunload"]
    assert page.faults == []
