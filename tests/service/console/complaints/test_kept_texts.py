"""A button of the complaint page loses no text that was typed for another one."""

import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.complaints.intake import filing_of

TYPED = {"answer": "ตรวจแล้ว\r\nพบว่าผิดกฎหมาย", "note": "โทรถามร้านแล้ว", "main_number": "12/2569"}
KEPT = "ข้อความที่พิมพ์ไว้ในช่องอื่นยังอยู่"


@pytest.fixture
def number(office: Any) -> int:
    return file(office)


def file(office: Any, detail: str = "ส่งช้ามาก") -> int:
    filing = filing_of({"category": "late", "detail": detail})
    made: int = office.store.complaints.file(filing, "form", "form").complaint_id
    return made


@pytest.fixture
def press(client: TestClient, token: Any) -> Any:
    """Presses a button of the page; every text goes with it, as in a browser."""

    def send(number: int, step: str, **fields: str) -> Any:
        page = client.get(f"/complaints/{number}").text
        (last,) = re.findall(r'name="last_event" value="(\d+)"', page)
        texts = {name: text_in(page, name) for name in ("answer", "note") if f'name="{name}"' in page}
        data = {"csrf": token(page), "last_event": last, "step": step, **texts, **filled_in(page)}
        return client.post(f"/complaints/{number}/work", data=data | fields)

    return send


def filled_in(page: str) -> dict[str, str]:
    found = re.search(r'name="filled_in" value="([^"]*)"', page)
    return {"filled_in": html.unescape(found[1])} if found else {}


def text_in(page: str, name: str) -> str:
    found = re.search(rf'<textarea name="{name}"[^>]*>\n([^<]*)</textarea>', page)
    assert found, name
    return found[1]


@pytest.mark.parametrize("step", ["take", "note", "harm", "code", "answer"])
def test_the_texts_of_other_fields_are_shown_again(number: int, press: Any, step: str) -> None:
    answer = press(number, step, harm="illness", **TYPED)
    assert answer.status_code == 200
    assert KEPT in answer.text
    for name in ("answer", "note"):
        own = step == name
        assert text_in(answer.text, name) == ("" if own else TYPED[name].replace("\r\n", "\n"))
        unsaved = "data-unsaved" in answer.text.split(f'<textarea name="{name}"')[1].split(">")[0]
        assert unsaved is not own
    assert 'value="12/2569"' in answer.text


def test_a_complaint_tied_to_another_keeps_the_note_and_no_number(
    number: int, office: Any, press: Any
) -> None:
    main = office.store.complaints.get(file(office, "อีกเรื่อง")).number
    answer = press(number, "tie", main_number=main, note=TYPED["note"])
    assert text_in(answer.text, "note") == TYPED["note"]
    assert f'value="{main}"' not in answer.text


def test_an_answer_that_cannot_be_sent_any_more_is_shown_to_copy(
    number: int, office: Any, press: Any
) -> None:
    main = office.store.complaints.get(file(office, "อีกเรื่อง")).number
    for answer in (
        press(number, "tie", main_number=main, answer=TYPED["answer"]),
        press(number, "close", reason="duplicate", answer="คำตอบอีกฉบับ"),
    ):
        assert answer.status_code == 200
        assert 'id="field-answer"' not in answer.text
        shown = re.search(r'<textarea name="answer"[^>]* readonly[^>]*>', answer.text)
        assert shown
        assert "ตรวจแล้ว" in answer.text or "คำตอบอีกฉบับ" in answer.text


def test_an_answer_that_was_filled_in_and_not_typed_does_not_stay_after_the_complaints_are_parted(
    number: int, office: Any, press: Any
) -> None:
    main = file(office, "เรื่องหลัก")
    press(main, "answer", answer="คำตอบของเรื่องหลัก")
    assert press(number, f"tie-{main}").status_code == 303
    assert press(number, "take").status_code == 303, "nothing was typed"
    parted = press(number, "untie")
    assert parted.status_code == 303
    assert press(number, "note", note="ก").status_code == 303


def test_the_main_complaints_newer_answer_replaces_the_older_one_that_nobody_typed(
    client: TestClient, number: int, office: Any, press: Any, token: Any
) -> None:
    main = file(office, "เรื่องหลัก")
    press(main, "answer", answer="คำตอบเดิม\r\nของเรื่องหลัก")
    press(number, f"tie-{main}")
    page = client.get(f"/complaints/{number}").text
    old = {"csrf": token(page), "answer": text_in(page, "answer"), **filled_in(page)}
    office.store.complaint_handling.reopen(main, "cli")
    office.store.complaint_handling.link(number, None, "cli")
    press(main, "answer", answer="คำตอบแก้ไข")
    press(number, f"tie-{main}")
    assert client.post(f"/complaints/{number}/work", data=old | {"step": "take"}).status_code == 303
    assert text_in(client.get(f"/complaints/{number}").text, "answer") == "คำตอบแก้ไข"


def test_the_browser_need_not_ask_about_an_answer_that_was_filled_in_after_a_refusal(
    number: int, office: Any, press: Any
) -> None:
    main = file(office, "เรื่องหลัก")
    press(main, "answer", answer="คำตอบเดิม\r\nของเรื่องหลัก")
    press(number, f"tie-{main}")
    for text, is_typed in (("", False), ("คำตอบที่แก้", True)):
        refused = press(number, "note", note="", **({"answer": text} if text else {}))
        assert refused.status_code == 422
        assert ("data-unsaved" in refused.text.split('<textarea name="answer"')[1].split(">")[0]) is is_typed


def test_a_note_beside_another_text_is_saved_once_though_the_page_is_reloaded(
    client: TestClient, number: int, office: Any, token: Any
) -> None:
    page = client.get(f"/complaints/{number}").text
    form = {"csrf": token(page), "last_event": "0", "step": "note", **TYPED}
    for _ in range(2):
        answer = client.post(f"/complaints/{number}/work", data=form)
        assert (answer.status_code, KEPT in answer.text) == (200, True)
        assert text_in(answer.text, "answer") == TYPED["answer"].replace("\r\n", "\n")

    def noted() -> list[str]:
        return [event.text for event in office.store.complaint_handling.events(number)]

    assert noted() == [TYPED["note"]]
    (last,) = re.findall(r'name="last_event" value="(\d+)"', answer.text)
    client.post(f"/complaints/{number}/work", data=form | {"last_event": last})
    assert noted() == [TYPED["note"]] * 2, "written again by somebody who saw the first"
