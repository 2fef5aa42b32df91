"""The next case is drawn while a decision is being sent, in a real browser: order, refusals, lost connections."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from service.store.tables.session_tables import ConsoleSession
from tests.helpers.browser_waits import wait_until
from tests.helpers.stored import record_review

pytestmark = pytest.mark.needs_browser

SHOWN = "document.querySelector('form.decide').getAttribute('action')"
KEEPS_NOTICES = """() => {
  window.said = [];
  const keep = (node) => {
    const notice = node.matches?.(".notice") ? node : node.querySelector?.(".notice");
    if (notice) window.said.push(notice.textContent);
  };
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(keep)))
    .observe(document, { childList: true, subtree: true });
}"""
LEAVING_ASKS = """() => {
  const leaving = new Event("beforeunload", { cancelable: true });
  dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""
READS_AT_ONCE = "() => { let now = 1e9; performance.now = () => (now += 1000); }"
"""Every look at the clock is a second later than the one before: nobody presses too soon."""
TWICE = """() => {
  for (let press = 0; press < 2; press++) document.querySelector("button[data-key='1']").click();
}"""
SECOND_OF_A_DOUBLE_CLICK = """() => document.querySelector("button[data-key='1']").dispatchEvent(
  new MouseEvent("click", { detail: 2, bubbles: true, cancelable: true }))"""
ENTER_IN_A_FIELD = """() => {
  const form = document.querySelector("form.decide");
  form.requestSubmit(form.querySelector("button[hidden]"));
}"""

HOLDS_THE_NEXT = """() => {
  const send = fetch;
  window.fetch = async (...request) => {
    window.fetch = send;
    await new Promise((letThrough) => { window.letThrough = letThrough; });
    return send(...request);
  };
}"""
"""The next request waits.  Chromium never answers an intercepted one that outlives its page and is redirected."""


class Line:
    """The connection to the server, which keeps decisions until the test lets them through."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.held: list[Any] = []
        page.route(lambda url: "/cases/" in url, self._take)

    def _take(self, route: Any) -> None:
        if route.request.method == "POST" and "decision=" in (route.request.post_data or ""):
            self.held.append(route)
        else:
            route.fallback()

    def next(self) -> Any:
        """The decision on its way; the page may draw the next case before it is sent."""
        for _ in range(500):
            if self.held:
                (route,) = self.held
                self.held.clear()
                return route
            self.page.wait_for_timeout(20)
        raise AssertionError("no decision was sent")


@pytest.fixture
def line(page: Any, address: str, filled: Any, password: str, sign_in: Any) -> Line:
    """The worst case, with the next one fetched and all claims confirmed."""
    with page.expect_response(lambda answer: "x-ahead" in answer.request.headers) as fetched:
        sign_in(page, address, password, f"/cases/{filled.ids['worst']}")
    fetched.value.finished()
    page.keyboard.press("Shift+C")
    page.wait_for_selector("#holding:not(:empty)")
    return Line(page)


@pytest.fixture
def drawn(page: Any) -> Callable[[int], None]:
    return lambda number: wait_until(page, f"{SHOWN} === '/cases/{number}'")


def test_the_next_case_is_drawn_at_once_and_its_decision_waits_for_the_one_before(
    page: Any, filled: Any, line: Line, drawn: Callable[[int], None]
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    page.keyboard.press("1")
    drawn(serum)
    assert f"กำลังบันทึก: เคส {worst} – เข้าข่ายโฆษณาต้องห้าม" in page.locator("[data-sending]").inner_text()
    assert page.url.endswith(f"/cases/{worst}")
    assert page.evaluate(LEAVING_ASKS)
    page.evaluate(READS_AT_ONCE)
    page.keyboard.press("5")
    page.wait_for_selector(".decision[aria-busy=true]")
    page.keyboard.press("3")
    first = line.next()
    page.evaluate(KEEPS_NOTICES)
    first.continue_()
    page.wait_for_url(f"**/cases/{serum}?saved=*")
    # The case after it may be drawn before this line runs, if it was fetched in time.
    assert any(f"บันทึกแล้ว: เคส {worst}" in said for said in page.evaluate("window.said"))
    assert f"กำลังบันทึก: เคส {worst}" not in page.locator("main > .notice").inner_text()
    second = line.next()
    with page.expect_event("framenavigated"):
        second.continue_()
    made = [filled.store.reviews.history(number)[0].review for number in (worst, serum)]
    assert [(review.id, review.decision) for review in made] == [(1, "prohibited"), (2, "unsure")]
    assert not page.evaluate(LEAVING_ASKS)
    assert page.faults == []


def test_a_double_press_decides_one_case_and_a_refusal_is_seen_where_another_is_next(
    page: Any, filled: Any, line: Line, drawn: Callable[[int], None]
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    page.evaluate(TWICE)
    drawn(serum)
    page.evaluate(READS_AT_ONCE)
    page.evaluate(SECOND_OF_A_DOUBLE_CLICK)
    page.evaluate(ENTER_IN_A_FIELD)
    assert not page.locator("[aria-busy=true]").count()
    page.keyboard.press("5")
    page.wait_for_selector(".decision[aria-busy=true]")
    page.keyboard.press("3")
    assert page.locator("[aria-busy=true]").count() == 1
    # The answer to the first decision will name another case: a colleague has taken the one on the screen.
    assert filled.store.assignments.begin(serum, filled.store.users.find("lek"), timedelta(hours=1))
    first = line.next()
    first.continue_()
    unsure = line.next()
    assert "decision=unsure" in unsure.request.post_data
    unsure.continue_()
    page.wait_for_selector("main .problem[role=alert] p")
    drawn(serum)
    assert "เล็ก ผู้พิจารณา" in page.locator("main .problem[role=alert]").first.inner_text()
    assert len(filled.store.reviews.history(worst)) == 1
    assert filled.store.reviews.history(serum) == []


def test_a_case_that_was_not_sent_comes_back_and_neither_case_loses_its_marks(
    page: Any, filled: Any, line: Line, drawn: Callable[[int], None]
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    page.keyboard.press("n")
    page.keyboard.type("บันทึกของเคสแรก")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    drawn(serum)
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.type("บันทึกของเคสถัดไป")
    line.next().abort()
    page.wait_for_selector("#returned[open]")
    drawn(worst)
    assert "ตรวจการเชื่อมต่อ" in page.locator("#returned").inner_text()
    # What was meant for the note of the other case decides nothing here.
    page.keyboard.type("1 3 5")
    page.keyboard.press("Escape")
    assert page.locator(".choice .yes input:checked").count() == 4
    assert page.locator("#note").input_value() == "บันทึกของเคสแรก"
    assert not line.held
    page.faults.clear()  # the browser notes the failed request
    page.keyboard.press("1")
    drawn(serum)
    line.next().fulfill(status=502, headers={}, body="Bad Gateway")
    page.wait_for_selector("#returned[open]")
    # A proxy's refusal is not blamed on the connection.
    assert "เซิร์ฟเวอร์ยังไม่รับ (HTTP 502)" in page.locator("#returned").inner_text()
    assert "การเชื่อมต่อ" not in page.locator("#returned").inner_text()
    page.keyboard.press("Escape")
    page.faults.clear()
    page.keyboard.press("1")
    drawn(serum)
    assert page.locator(".choice .yes input:checked").count() == 1
    assert page.locator("#note").input_value() == "บันทึกของเคสถัดไป"
    line.next().continue_()
    page.wait_for_url(f"**/cases/{serum}?saved=*")
    (past,) = filled.store.reviews.history(worst)
    assert (past.review.decision, past.review.note) == ("prohibited", "บันทึกของเคสแรก")
    assert page.locator("main > .notice").count() == 1
    # The row after the confirmed one is still the selected one.
    page.keyboard.press("k")
    page.keyboard.press("u")
    assert page.locator(".choice .yes input:checked").count() == 0
    assert page.faults == []


@pytest.mark.usefixtures("line")
def test_both_cases_come_back_after_a_login_that_the_first_decision_met(
    page: Any, filled: Any, drawn: Callable[[int], None], password: str
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    page.unroute_all()
    page.evaluate(HOLDS_THE_NEXT)
    page.keyboard.press("1")
    drawn(serum)
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.type("บันทึกของเคสถัดไป")
    page.keyboard.press("Escape")
    with filled.store.database.writing() as session:
        session.execute(delete(ConsoleSession))
    page.evaluate("letThrough()")
    page.wait_for_url("**/login?*")
    page.fill("[name=name]", "nok")
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{worst}")
    assert page.locator(".choice .yes input:checked").count() == 4
    page.keyboard.press("1")
    page.wait_for_url(f"**/cases/{serum}?saved=*")
    assert page.locator(".choice .yes input:checked").count() == 1
    assert page.locator("#note").input_value() == "บันทึกของเคสถัดไป"
    assert len(filled.store.reviews.history(worst)) == 1
    assert filled.store.reviews.history(serum) == []


def test_a_refused_decision_brings_its_case_back_with_the_reason(
    page: Any, filled: Any, line: Line, drawn: Callable[[int], None]
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    page.keyboard.press("1")
    drawn(serum)
    find = filled.store.users.find
    filled.store.assignments.release(worst, find("nok"))
    # Nothing waits any more, so that the case comes back without a next one.
    for name in ("worst", "serum", "permit", "clear"):
        assessment = filled.store.listing(filled.ids[name]).assessment_id
        record_review(filled.store, assessment, find("lek").id, "clear")
    line.next().continue_()
    page.wait_for_selector("#returned[open]")
    drawn(worst)
    assert "เปลี่ยนไประหว่างที่เปิดหน้าอยู่" in page.locator("#returned").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".choice .yes input:checked").count() == 4
    assert "เล็ก ผู้พิจารณา" in page.locator(".case-head").inner_text()
    assert len(filled.store.reviews.history(worst)) == 1


def test_a_decision_that_the_server_will_ask_about_draws_nothing_ahead(
    page: Any, filled: Any, line: Line, drawn: Callable[[int], None]
) -> None:
    worst = filled.ids["worst"]
    page.keyboard.press("3")
    sent = line.next()
    drawn(worst)
    sent.continue_()
    page.wait_for_selector("main > div.problem")
    assert "ยืนยันข้อความที่ฝ่าฝืนไว้" in page.locator("main > div.problem").inner_text()
    assert not page.locator("#returned[open]").count()
    assert filled.store.reviews.history(worst) == []
