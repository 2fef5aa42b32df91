"""Second looks in a real browser."""

from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import Role

pytestmark = pytest.mark.needs_browser


@pytest.mark.slow
def test_two_reviewers_disagree_and_a_lead_settles(
    page: Any, address: str, filled: Any, password: str, sign_in: Any, picture: Any
) -> None:
    number = filled.ids["worst"]
    filled.store.users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
    sign_in(page, address, password, f"/cases/{number}")
    page.keyboard.press("c")
    page.keyboard.press("c")
    page.keyboard.press("1")
    page.wait_for_url("**saved=*")
    assert filled.store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1

    # The second reader finds the case at the top of the queue, as an undecided one.
    second = page.context.browser.new_page(viewport={"width": 1366, "height": 860}, locale="th-TH")
    second.set_default_timeout(15_000)
    sign_in(second, address, password, "/queue?state=waiting", "lek")
    second.keyboard.press("j")
    second.keyboard.press("Enter")
    second.wait_for_url(f"**/cases/{number}*")
    assert "นก ผู้พิจารณา" not in second.locator("main").inner_text()
    second.keyboard.press("4")
    second.wait_for_url("**saved=*")
    # One key withdraws it, as with any decision; then it is decided differently.
    second.keyboard.press("z")
    second.wait_for_url(f"**/cases/{number}?**withdrawn=1")
    second.keyboard.press("r")
    second.keyboard.press("3")
    second.wait_for_url("**saved=*")
    (past,) = filled.store.reviews.history(number)
    assert (past.reviewer_name, past.review.decision) == ("นก ผู้พิจารณา", Verdict.PROHIBITED)

    lead = page.context.browser.new_page(viewport={"width": 1366, "height": 860}, locale="th-TH")
    lead.set_default_timeout(15_000)
    lead.faults = []
    lead.on("console", lambda note: lead.faults.append(note.text) if note.type == "error" else None)
    sign_in(lead, address, password, "/second-look", "mali")
    lead.click("a.title")
    lead.wait_for_selector(".two-readings")
    picture(lead, "console-second-look")
    assert lead.locator(".two-readings .mark").count() >= 3
    lead.fill("#note", "ข้อความอยู่ในบริบทที่ไม่ใช่การโฆษณาสรรพคุณ")
    lead.click('button[value="second"]')
    lead.wait_for_url("**/second-look?settled=1")
    lead.click("text=ความสอดคล้องของผู้พิจารณา")
    lead.wait_for_url("**/second-look/agreement")
    picture(lead, "console-agreement")
    assert lead.faults == []
    newest = filled.store.reviews.history(number)[0]
    assert (newest.reviewer_name, newest.review.decision) == ("มะลิ หัวหน้างาน", Verdict.CLEAR)
    second.close()
    lead.close()
