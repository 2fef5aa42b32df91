"""The path of a question: asked with an unsure decision, shown in the queue, answered, returned."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import UNSURE
from tests.service.console.every_page.eyes import EYES, see, see_every_state, see_every_stop

QUESTION = "ต้องมีใบอนุญาตหรือไม่ <i>ผู้ขายอ้างว่ามี</i> " + "รายละเอียดยาวของคำถาม " * 12
ESCAPED = "&lt;i&gt;ผู้ขายอ้างว่ามี&lt;/i&gt;"


@pytest.fixture
def case(filled: Any) -> int:
    number: int = filled.ids["worst"]
    return number


@pytest.fixture
def lek(filled: Any) -> int:
    number: int = filled.store.users.find("lek").id
    return number


@pytest.fixture
def switch(client: TestClient, log_in: Any) -> Callable[[str], None]:
    """Logs somebody else in."""

    def change(name: str) -> None:
        client.cookies.clear()
        assert log_in(client, name).status_code == 303

    return change


@pytest.fixture
def say(client: TestClient, case: int, token: Any) -> Callable[..., Any]:
    """Sends the form of the thread."""

    def send(text: str, **more: Any) -> Any:
        csrf = token(client.get(f"/cases/{case}").text)
        return client.post(f"/cases/{case}/thread", data={"csrf": csrf, "text": text} | more)

    return send


def test_a_question_reaches_the_colleague_and_its_answer_the_asker(
    client: TestClient, case: int, lek: int, decide: Any, switch: Any, say: Any
) -> None:
    assert decide(case, UNSURE, note=QUESTION, ask=lek).status_code == 303
    queue = client.get("/queue?state=unsure").text
    assert ESCAPED in queue
    assert "รอคำตอบ" in queue
    switch("lek")
    assert '<span class="count">1<' in client.get("/queue").text
    mine = client.get("/mine").text
    assert (f'href="/cases/{case}#thread"' in mine, ESCAPED in mine, "นก ผู้พิจารณา" in mine) == (True,) * 3
    assert f"/cases/{case}?" in client.get("/queue?assigned=asked").text
    answer = say("ต้องมี <b>ทุกกรณี</b>", platform="facebook")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/cases/{case}?platform=facebook#thread",
    )
    page = client.get(f"/cases/{case}").text
    assert (ESCAPED in page, "ต้องมี &lt;b&gt;ทุกกรณี&lt;/b&gt;" in page) == (True, True)
    assert 'class="count"' not in page
    switch("nok")
    mine = client.get("/mine").text
    assert '<span class="count">1<' in mine
    assert "ต้องมี &lt;b&gt;ทุกกรณี&lt;/b&gt;" in mine
    assert "มอบโดย เล็ก ผู้พิจารณา" in client.get("/queue?assigned=me").text
    assert "ตอบแล้ว" in client.get("/queue?state=unsure").text


def test_a_named_question_without_words_or_with_a_verdict_is_refused_and_kept_in_the_form(
    client: TestClient, case: int, lek: int, decide: Any, filled: Any
) -> None:
    silent = decide(case, UNSURE, ask=lek)
    assert (silent.status_code, "โปรดเขียนคำถามในช่องบันทึก" in silent.text) == (422, True)
    firm = decide(case, Verdict.CLEAR.value, {1: "reject", 2: "reject", 3: "reject"}, note="ก", ask=lek)
    assert (firm.status_code, "แต่ผลไม่ใช่ “ไม่แน่ใจ”" in firm.text) == (422, True)
    assert f'<option value="{lek}" selected>' in firm.text
    assert filled.store.reviews.history(case) == []


def test_a_refused_entry_stays_in_the_form(client: TestClient, say: Any, lek: int) -> None:
    answer = say("ก" * 4001, ask=lek)
    assert answer.status_code == 422
    assert "โปรดเขียนข้อความ 1 ถึง 4,000 ตัวอักษร" in answer.text
    assert "ก" * 4001 in answer.text
    assert f'<option value="{lek}" selected>' in answer.text


def test_an_entry_written_after_the_session_ended_comes_back(
    client: TestClient, case: int, lek: int, token: Any, log_in: Any, filled: Any
) -> None:
    csrf = token(client.get(f"/cases/{case}").text)
    filled.store.sessions.end_all(filled.store.users.find("nok").id, "cli")
    late = client.post(f"/cases/{case}/thread", data={"csrf": csrf, "text": "คำถามที่ยังไม่ได้ส่ง", "ask": lek})
    assert late.headers["location"] == f"/login?next=%2Fcases%2F{case}"
    back = log_in(client, next=f"/cases/{case}")
    page = client.get(back.headers["location"]).text
    assert "คำถามที่ยังไม่ได้ส่ง" in page
    assert f'<option value="{lek}" selected>' in page
    assert filled.store.threads.of(case, filled.store.users.find("nok")) == []


def test_a_thread_cannot_be_written_without_the_token_or_the_case(
    client: TestClient, case: int, token: Any
) -> None:
    assert client.post(f"/cases/{case}/thread", data={"csrf": "0" * 64, "text": "ก"}).status_code == 403
    csrf = token(client.get("/queue").text)
    assert client.post("/cases/99999/thread", data={"csrf": csrf, "text": "ก"}).status_code == 404


def test_the_page_of_a_blind_case_shows_the_thread_of_an_undecided_one(
    client: TestClient, case: int, decide: Any, switch: Any, say: Any, filled: Any
) -> None:
    decide(case, Verdict.PROHIBITED.value, {1: "confirm"})
    say("ตัดสินว่าผิดแล้ว")
    filled.store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5))
    switch("lek")
    assert case in filled.store.blinds.of(filled.store.users.find("lek").id)
    for path in (f"/cases/{case}", "/queue", "/mine"):
        assert "ตัดสินว่าผิดแล้ว" not in client.get(path).text, path
    assert say("ไม่แน่ใจ").status_code == 303
    assert "ไม่แน่ใจ" in client.get(f"/cases/{case}").text.split('id="thread"')[1].split("</section>")[0]
    switch("nok")
    assert "ไม่แน่ใจ" not in client.get(f"/cases/{case}").text.split('id="thread"')[1].split("</section>")[0]


@pytest.mark.needs_browser
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_question_is_one_line_until_its_row_has_the_focus(
    page: Any,
    address: str,
    case: int,
    lek: int,
    decide: Any,
    password: str,
    sign_in: Callable[..., None],
    picture: Callable[..., None],
    size: tuple[int, int],
) -> None:
    decide(case, UNSURE, note=QUESTION, ask=lek)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(EYES)
    sign_in(page, address, password, "/queue?assigned=asked", "lek")
    question = page.locator(".question")
    short = question.bounding_box()["height"]
    assert see(page, "wide()") + see_every_state(page) + see_every_stop(page) == []
    page.evaluate("document.activeElement.blur()")
    assert question.bounding_box()["height"] == short
    page.locator("a.title").focus()
    assert question.bounding_box()["height"] > 2 * short
    if size[0] == 1280:
        picture(page, "console-question")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    page.evaluate("for (const part of document.querySelectorAll('#thread details, #ask')) part.open = true")
    assert see(page, "wide()") + see_every_state(page) + see_every_stop(page) == []
    page.fill("#thread textarea", "ต้องมีใบอนุญาต")
    page.click("#thread button")
    page.wait_for_url("**#thread")
    assert page.locator("#thread li").count() == 2
    assert see(page, "wide()", "covered()", "faint()") == []
    page.goto(f"{address}/mine")
    assert see(page, "wide()") + see_every_state(page) + see_every_stop(page) == []
    assert page.faults == []
