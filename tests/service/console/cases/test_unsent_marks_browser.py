"""What is marked and typed in a case, and not yet sent, survives whatever else is done on its page."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.store.database.columns import now
from service.store.listings.contacts import add_contacts
from service.store.tables.case_tables import CaseClaim
from service.store.tables.core_tables import Role
from service.store.tables.session_tables import ConsoleSession
from tests.helpers.browser_waits import wait_until

pytestmark = pytest.mark.needs_browser

NOTE = "บันทึกที่ยังไม่ได้ส่ง"
LEAVING_ASKS = """() => {
  const leaving = new Event("beforeunload", { cancelable: true });
  dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""
SELECTS_A_WORD = """part => {
  const node = document.createTreeWalker(document.querySelector(part), NodeFilter.SHOW_TEXT).nextNode();
  getSelection().setBaseAndExtent(node, 0, node, 6);
}"""


@pytest.fixture
def worst(filled: Any) -> int:
    number: int = filled.ids["worst"]
    return number


def mark(page: Any) -> None:
    """Confirm the first claim and type a note."""
    page.keyboard.press("j")
    with page.expect_response("**/offences"):
        page.keyboard.press("c")
    page.wait_for_selector("#holding:not(:empty)")
    page.keyboard.press("n")
    page.keyboard.type(NOTE)
    page.keyboard.press("Escape")
    page.evaluate("window.same = true")


def has_marks(page: Any) -> bool:
    chosen = page.locator(".choice .yes input[name=claim-1]:checked").count()
    return chosen == 1 and page.locator("#note").input_value() == NOTE


def end_session(store: Any) -> None:
    with store.database.writing() as session:
        session.execute(delete(ConsoleSession))


def log_in_again(page: Any, password: str, number: int) -> None:
    page.wait_for_url("**/login?*")
    page.fill("[name=name]", "nok")
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")


def test_a_mark_after_the_session_has_ended_offers_the_login_and_keeps_the_form(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, f"/cases/{worst}")
    mark(page)
    end_session(filled.store)
    page.keyboard.press("c")
    page.wait_for_selector("#undrawn")
    assert page.locator("input[type=password]").count() == 0
    assert page.locator("#offences [name=tick]").count() > 0
    page.locator("[data-refresh]").click()
    log_in_again(page, password, worst)
    assert has_marks(page)
    assert page.locator("#undrawn").count() == 0
    assert page.evaluate(LEAVING_ASKS)
    assert filled.store.reviews.history(worst) == []
    assert page.faults == []


def test_a_part_that_is_unfolded_after_the_session_has_ended_leads_through_the_login(
    page: Any, address: str, filled: Any, assess: Any, claim_in: Any, password: str, sign_in: Any
) -> None:
    lines = "\n".join(f"บรรทัดที่ {number} สินค้าพร้อมส่ง ราคา {number} บาท" for number in range(400))
    listing = Listing(id="long", title="รักษาเบาหวาน", description=lines)
    claims = [claim_in(listing.text, "รักษาเบาหวาน", ClaimLabel.DISEASE)]
    number = filled.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9))
    sign_in(page, address, password, f"/cases/{number}")
    mark(page)
    end_session(filled.store)
    page.locator("a[data-fold]").first.click()
    log_in_again(page, password, number)
    assert has_marks(page)
    assert page.faults == []


def test_a_message_and_the_panel_of_the_seller_leave_the_marks(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    with filled.store.database.writing() as session:
        add_contacts(session, worst, [("line_id", "@shop.example")])
    sign_in(page, address, password, f"/cases/{worst}")
    mark(page)
    page.locator("#seller [data-parts]").click()
    page.wait_for_selector("#seller .plain")
    page.locator("#thread summary").click()
    page.fill("#thread textarea", "ถามเพื่อน")
    page.locator("#thread form button").click()
    page.wait_for_selector("#thread li")
    assert page.locator("#thread textarea").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "thread"
    # Refused: the colleague was shut out meanwhile.
    page.fill("#thread textarea", "ถามเล็ก")
    page.select_option("#thread select", label="เล็ก ผู้พิจารณา")
    filled.store.users.disable(filled.store.users.find("lek").id)
    page.locator("#thread form button").click()
    page.wait_for_selector("#thread .problem")
    assert page.locator("#thread textarea").input_value() == "ถามเล็ก"
    # Not sent at all.
    page.route("**/thread", lambda route: route.abort())
    page.locator("#thread form button").click()
    page.wait_for_selector("#unsent:not([hidden])")
    assert page.locator("#thread textarea").input_value() == "ถามเล็ก"
    assert page.evaluate("window.same")
    assert has_marks(page)
    page.unroute_all()
    end_session(filled.store)
    page.locator("#thread form button").click()
    log_in_again(page, password, worst)
    assert has_marks(page)
    assert page.locator("#thread textarea").input_value() == "ถามเล็ก"
    assert [message.text for message in filled.store.threads.of(worst, filled.store.users.find("nok"))] == [
        "ถามเพื่อน"
    ]


def test_a_hold_leaves_the_marks_and_leaving_asks_until_they_are_sent(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    sign_in(page, address, password, f"/cases/{worst}")
    assert not page.evaluate(LEAVING_ASKS)
    mark(page)
    page.fill("#hold input[name=reason]", "สำนวน 1/2569")
    page.locator("#hold button").click()
    page.wait_for_selector("#hold button[value=lift]")
    assert "สำนวน 1/2569" in page.locator("#hold-notice").inner_text()
    assert page.evaluate("window.same")
    assert has_marks(page)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("[data-back]").click()
    wait_until(page, "true")
    assert asked == ["beforeunload"]
    assert has_marks(page)
    page.locator("h1").click()
    page.keyboard.press("1")
    page.wait_for_url("**?saved=*")
    assert asked == ["beforeunload"]
    (past,) = filled.store.reviews.history(worst)
    assert past.review.note == NOTE


def test_a_question_that_was_not_sent_is_asked_about_before_a_decision_takes_it_along(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    with page.expect_response(lambda answer: "x-ahead" in answer.request.headers) as fetched:
        sign_in(page, address, password, f"/cases/{worst}")
    fetched.value.finished()
    mark(page)
    page.locator("#thread summary").click()
    page.fill("#thread textarea", "ถามเพื่อน")
    page.locator("h1").click()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.keyboard.press("1")
    wait_until(page, "true")
    assert page.locator("#thread textarea").input_value() == "ถามเพื่อน"
    assert has_marks(page)
    assert not filled.store.reviews.history(worst)
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.keyboard.press("1")
    page.wait_for_url("**?saved=*")
    assert ["ยังไม่ได้ส่ง" in question for question in asked] == [True, True]
    (past,) = filled.store.reviews.history(worst)
    assert past.review.note == NOTE


def test_taking_a_case_over_leaves_nothing_that_is_unsent(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    filled.store.assignments.take_over(worst, filled.store.users.find("lek"), timedelta(hours=1))
    sign_in(page, address, password, f"/cases/{worst}")
    page.locator("button[name=take_over]").click()
    page.wait_for_selector("#holding:not(:empty)")
    assert page.locator("[data-stayed]").count() == 1
    assert not page.evaluate(LEAVING_ASKS)
    mark(page)
    assert page.evaluate(LEAVING_ASKS)


def test_working_on_after_the_lease_ran_out_takes_the_case_again_or_says_who_has_it(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, f"/cases/{worst}")
    mark(page)
    page.evaluate("document.querySelector('form[data-lease]').dataset.lease = '0'")
    with filled.store.database.writing() as session:
        session.execute(update(CaseClaim).values(until=now() - timedelta(minutes=1)))
    with page.expect_response("**/claim"):
        page.keyboard.press("j")
    assert filled.store.assignments.holder(worst).reviewer_name == "นก ผู้พิจารณา"
    filled.store.assignments.take_over(worst, filled.store.users.find("lek"), timedelta(hours=1))
    page.keyboard.press("j")
    page.wait_for_selector("#lost:not([hidden])")
    assert "เล็ก ผู้พิจารณา" in page.locator("#lost").inner_text()
    assert page.locator("#holding").inner_text() == ""
    assert has_marks(page)


def test_words_that_were_not_added_are_not_sent_and_keys_work_on_a_ticked_provision(
    page: Any, address: str, filled: Any, worst: int, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, f"/cases/{worst}")
    page.evaluate(SELECTS_A_WORD, "#text .block")
    page.wait_for_selector("#palette:not([hidden])")
    assert page.locator("#words").input_value() != ""
    page.keyboard.press("Escape")
    assert page.locator("#words").input_value() == ""
    assert page.locator("#words-near").input_value() == "0"
    # What was typed or pasted stays.
    page.evaluate("document.getElementById('words').value = 'วางไว้'")
    page.keyboard.press("a")
    page.locator("#palette [data-cancel]").click()
    assert page.locator("#words").input_value() == "วางไว้"
    page.evaluate("document.getElementById('words').value = ''")
    mark(page)
    tick = page.locator("#offences [name=tick]").first
    with page.expect_response("**/offences"):
        tick.click()
    tick.focus()
    page.keyboard.press("Shift+C")
    assert page.locator(".choice .none input:checked").count() == 0
    page.keyboard.press("1")
    page.wait_for_url("**?saved=*")
    assert len(filled.store.reviews.history(worst)) == 1
    assert page.faults == []
