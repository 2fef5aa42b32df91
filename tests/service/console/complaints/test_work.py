"""The work on a complaint in the console."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.complaints.intake import filing_of
from service.console.core.thai_time import thai_date
from service.store.tables.complaint_tables import Agency
from service.store.tables.core_tables import Role


def file(office: Any, detail: str = "ส่งช้ามาก", **fields: Any) -> int:
    given = {"category": "late", "detail": detail, **fields}
    number: int = office.store.complaints.file(filing_of(given), "form", "form").complaint_id
    return number


@pytest.fixture
def press(client: TestClient, token: Any) -> Any:
    def send(number: int, step: str, **fields: str) -> Any:
        csrf = token(client.get(f"/complaints/{number}").text)
        return client.post(f"/complaints/{number}/work", data={"csrf": csrf, "step": step} | fields)

    return send


def test_a_complaint_is_taken_answered_and_closed(client: TestClient, office: Any, press: Any) -> None:
    number = file(office)
    assert press(number, "take").headers["location"] == f"/complaints/{number}#work"
    assert press(number, "answer", answer="ร้านส่งสินค้าแล้ว").status_code == 303
    assert press(number, "close", reason="acted").status_code == 303
    page = client.get(f"/complaints/{number}").text
    assert "ร้านส่งสินค้าแล้ว" in page
    assert "ดำเนินการตามกฎหมายแล้ว" in page
    assert press(number, "reopen").status_code == 303
    assert "ร้านส่งสินค้าแล้ว" in client.get(f"/complaints/{number}").text


@pytest.mark.parametrize(
    ("step", "fields", "status"),
    [
        ("answer", {"answer": "  "}, 422),
        ("note", {"note": "ก" * 5_001}, 422),
        ("close", {"reason": "acted"}, 409),
        ("close", {"reason": "x"}, 422),
        ("harm", {"harm": "x"}, 422),
        ("tie", {"main_number": "99/2569"}, 422),
        ("tie-99", {}, 422),
        ("x", {"note": "พิมพ์ไว้"}, 422),
    ],
)
def test_what_cannot_be_done_says_why(
    office: Any, press: Any, step: str, fields: dict[str, str], status: int
) -> None:
    number = file(office)
    answer = press(number, step, **fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert office.store.complaint_handling.events(number) == []
    assert fields.get("note", "") in answer.text


def test_a_button_pressed_twice_sends_one_answer(client: TestClient, office: Any, token: Any) -> None:
    number = file(office, channel="email", contact="somsri@person.example")
    page = client.get(f"/complaints/{number}").text
    last = page.split('name="last_event" value="')[1].split('"')[0]
    data = {"csrf": token(page), "step": "answer", "answer": "ร้านส่งสินค้าแล้ว", "last_event": last}
    assert client.post(f"/complaints/{number}/work", data=data).status_code == 303
    again = client.post(f"/complaints/{number}/work", data=data)
    assert again.status_code == 409
    assert "was answered meanwhile" in again.text
    assert len(office.store.complaint_handling.messages(number)) == 1
    last = again.text.split('name="last_event" value="')[1].split('"')[0]
    assert client.post(f"/complaints/{number}/work", data=data | {"last_event": last}).status_code == 303


def test_a_new_code_is_shown_once(client: TestClient, office: Any, press: Any) -> None:
    number = file(office)
    page = press(number, "code").text
    code = page.split('class="look-up-code">')[1].split("<")[0]
    row = office.store.complaints.get(number)
    assert office.store.complaint_handling.look_up(row.year, row.serial, code) is not None
    assert code not in client.get(f"/complaints/{number}").text


def test_duplicates_are_tied_by_number_and_answered_together(
    client: TestClient, office: Any, press: Any
) -> None:
    main, other = file(office), file(office, "อีกเรื่อง")
    number = office.store.complaints.get(main).number
    assert press(other, "tie", main_number=number).status_code == 303
    assert "ตอบรวมกับเรื่องนี้" in client.get(f"/complaints/{other}").text
    press(main, "answer", answer="ตอบทั้งสองเรื่อง")
    assert "ตอบทั้งสองเรื่อง" in client.get(f"/complaints/{other}").text
    assert press(other, "untie").status_code == 303


def test_a_complaint_says_that_one_about_harm_raised_it(client: TestClient, office: Any, press: Any) -> None:
    main, harmed = file(office), file(office, "กินแล้วป่วย", harm="illness")
    raised = "มีผู้ได้รับอันตรายในเรื่องที่ตอบรวม"
    assert raised not in client.get("/complaints").text + client.get(f"/complaints/{main}").text
    press(harmed, f"tie-{main}")
    page = client.get(f"/complaints/{main}").text
    assert raised in page.split("</h1>")[0]
    reason = page.split("เหตุที่อยู่ลำดับแรก")[1].split("</dd>")[0]
    assert f'href="/complaints/{harmed}"' in reason
    assert "มีผู้เจ็บป่วยหรือแพ้" in reason
    assert raised in client.get("/complaints").text
    press(main, "answer", answer="ตอบแล้ว")
    assert raised not in client.get("/complaints").text + client.get(f"/complaints/{main}").text


def test_the_office_sees_the_earliest_due_time_of_a_complaint_and_its_duplicates_about_harm(
    client: TestClient, office: Any, press: Any
) -> None:
    main, harmed = file(office), file(office, "กินแล้วป่วย", harm="illness")
    own, earliest = (thai_date(office.store.complaints.get(number).due_at) for number in (main, harmed))
    press(harmed, f"tie-{main}")

    def row(page: str) -> str:
        return page.split(f'href="/complaints/{main}"')[1].split("</tr>", maxsplit=1)[0]

    def due(page: str) -> str:
        return page.split("<dt>กำหนดตอบ</dt><dd>")[1].split("</dd>", maxsplit=1)[0]

    page = client.get(f"/complaints/{main}").text
    assert earliest in due(page)
    assert f"กำหนดที่ผู้ร้องของเรื่องนี้เห็นคือ {own}" in page
    assert f"กำหนด {earliest}" in row(client.get("/complaints").text)
    press(harmed, "untie")
    page = client.get(f"/complaints/{main}").text
    assert own in due(page)
    assert "กำหนดที่ผู้ร้องของเรื่องนี้เห็น" not in page
    assert f"กำหนด {own}" in row(client.get("/complaints").text)


def test_an_earlier_answer_is_filled_in_for_a_complaint_linked_later(
    client: TestClient, office: Any, press: Any
) -> None:
    main, other = file(office), file(office, "อีกเรื่อง", channel="email", contact="somsri@person.example")
    numbers = [office.store.complaints.get(each).number for each in (main, other)]
    press(main, "answer", answer=f"เรื่องเลขที่ {numbers[0]} ตรวจแล้ว")
    assert "ยังไม่ได้ส่งคำตอบ" not in client.get(f"/complaints/{other}").text
    press(other, f"tie-{main}")
    assert office.store.complaint_handling.messages(other) == []
    page = client.get(f"/complaints/{other}").text
    assert "ยังไม่ได้ส่งคำตอบ" in page
    typed = page.split('id="field-answer"')[1].split(">", 1)[1].split("</textarea>")[0].strip()
    assert typed == f"เรื่องเลขที่ {numbers[1]} ตรวจแล้ว"
    assert press(other, "answer", answer=typed).status_code == 303
    assert len(office.store.complaint_handling.messages(other)) == 1
    assert "ยังไม่ได้ส่งคำตอบ" not in client.get(f"/complaints/{other}").text


def test_the_list_shows_what_is_late_and_whose_it_is(client: TestClient, office: Any, press: Any) -> None:
    mine, harmed = file(office), file(office, "กินแล้วป่วย", harm="illness")
    press(mine, "take")
    assert "ส่งช้ามาก" in client.get("/complaints?state=mine").text
    assert "กินแล้วป่วย" not in client.get("/complaints?state=mine").text
    press(mine, "answer", answer="ตอบแล้ว")
    opened = client.get("/complaints?state=open").text
    assert "ส่งช้ามาก" not in opened
    assert "มีผู้เจ็บป่วยหรือแพ้" in opened
    assert "ไม่มีเรื่องร้องเรียนภายใต้ตัวกรองนี้" in client.get("/complaints?state=late").text
    assert office.store.complaints.get(harmed).owner is None


def test_the_list_opens_on_all_complaints_those_who_were_harmed_first(
    client: TestClient, office: Any
) -> None:
    harmed = file(office, "กินแล้วป่วย", category="health_ad", harm="illness")
    others = [file(office) for _ in range(2)]
    page = client.get("/complaints").text
    listed = [int(number) for number in re.findall(r'href="/complaints/([0-9]+)"', page)]
    assert listed[0] == harmed
    assert set(listed[1:]) == set(others)


def test_a_complaint_leads_on_under_the_filter_of_the_list(
    client: TestClient, office: Any, token: Any
) -> None:
    first, second, health = (
        file(office),
        file(office, "โอนแล้วเงียบ"),
        file(office, "ปลอม", category="health_ad"),
    )
    listed = "?kind=other&amp;state=open"
    page = client.get("/complaints?kind=other&state=open").text
    assert f'href="/complaints/{second}{listed}"' in page
    query = listed.replace("&amp;", "&")
    page = client.get(f"/complaints/{second}{query}").text
    assert f'<a href="/complaints/{first}{listed}" data-next>' in page
    assert f'<a href="/complaints{listed}" data-back="own">' in page
    assert page.count(f'action="/complaints/{second}/work{listed}"') == 1, "every button sends every text"
    sent = {"csrf": token(page), "step": "answer", "answer": "ตอบแล้ว"}
    answer = client.post(f"/complaints/{second}/work{query}", data=sent)
    assert answer.headers["location"] == f"/complaints/{second}{query}#work"
    assert office.store.complaints.get(first).number in client.get(f"/complaints/{second}{query}").text
    client.post(f"/complaints/{first}/work{query}", data=sent)
    assert "ไม่มีเรื่องอื่นที่รอตอบ" in client.get(f"/complaints/{first}{query}").text
    assert f'href="/complaints/{health}" data-next' in client.get(f"/complaints/{first}").text


def test_the_offered_answer_says_whether_the_complaint_was_sent_on(client: TestClient, office: Any) -> None:
    number = file(office)
    assert "ท่านแจ้งเรื่องต่อหน่วยงานดังกล่าวได้โดยตรง" in client.get(f"/complaints/{number}").text
    office.store.complaint_exports.make(Agency.ETDA, "cli")
    page = client.get(f"/complaints/{number}").text
    assert "ของ สพธอ. (ศูนย์ช่วยเหลือและจัดการปัญหาออนไลน์ 1212) และสำนักงานคณะกรรมการอาหารและยาได้ส่งเรื่อง" in page


def test_leads_edit_the_templates(client: TestClient, office: Any, become: Any, token: Any) -> None:
    number = file(office)
    assert client.get("/complaints/templates").status_code == 403
    become(Role.LEAD)
    csrf = token(client.get("/complaints/templates").text)
    own = {"csrf": csrf, "name": "ประสานร้านแล้ว", "text": "เรื่องเลขที่ {number} ประสานร้านแล้ว {ไม่ใช่ช่อง}"}
    assert client.post("/complaints/templates", data=own).status_code == 303
    hidden = {"csrf": csrf, "name": "ขอข้อมูลเพิ่มเติม", "text": ""}
    assert client.post("/complaints/templates", data=hidden).status_code == 303
    assert client.post("/complaints/templates", data=own | {"name": " "}).status_code == 422
    page = client.get(f"/complaints/{number}").text
    assert f"เรื่องเลขที่ {office.store.complaints.get(number).number} ประสานร้านแล้ว {{ไม่ใช่ช่อง}}" in page
    assert "ขอข้อมูลเพิ่มเติม" not in page
