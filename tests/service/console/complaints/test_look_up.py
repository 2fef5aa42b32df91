"""Following a complaint by number and code."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.complaints.intake import filing_of
from service.console.core.thai_time import thai_date
from service.store.complaints.repository import Receipt
from service.store.tables.complaint_tables import ClosingReason

NOK = "reviewer:nok"


@pytest.fixture
def receipt(office: Any) -> Receipt:
    fields = {"category": "health_ad", "detail": "พบโฆษณาอ้างว่ารักษาโรคได้", "contact_name": "สมศรี ใจดี"}
    found: Receipt = office.store.complaints.file(filing_of(fields), "form", "form")
    return found


@pytest.fixture
def ask(visitor: TestClient, token: Any) -> Any:
    def send(number: str, code: str, **more: str) -> Any:
        csrf = token(visitor.get("/complain/status").text)
        data = {"csrf": csrf, "number": number, "code": code} | more
        return visitor.post("/complain/status", data=data)

    return send


def test_the_complainant_reads_the_answer_and_no_note(office: Any, receipt: Receipt, ask: Any) -> None:
    handling = office.store.complaint_handling
    assert "รับเรื่องแล้ว" in ask(receipt.number, receipt.code).text
    handling.take(receipt.complaint_id, "nok", NOK)
    handling.note(receipt.complaint_id, "ร้านนี้เคยถูกร้องเรียน", NOK)
    handling.answer(receipt.complaint_id, "ได้ดำเนินคดีแล้ว", NOK)
    page = ask(receipt.number, receipt.code).text
    assert "ได้ดำเนินคดีแล้ว" in page
    assert "ตอบแล้ว" in page
    assert "เคยถูกร้องเรียน" not in page
    assert "nok" not in page
    assert "สมศรี" not in page
    assert "หน่วยงานที่รับผิดชอบ" not in page
    handling.close(receipt.complaint_id, ClosingReason.ACTED, NOK)
    assert "ดำเนินการตามกฎหมายแล้ว" in ask(receipt.number, receipt.code).text


def test_the_complainant_sees_the_due_time_of_their_own_complaint(
    office: Any, receipt: Receipt, ask: Any
) -> None:
    own = thai_date(office.store.complaints.get(receipt.complaint_id).due_at)
    fields = {"category": "health_ad", "detail": "กินแล้วป่วย", "harm": "illness"}
    harmed = office.store.complaints.file(filing_of(fields), "form", "form").complaint_id
    office.store.complaint_handling.link(harmed, receipt.complaint_id, NOK)
    assert f"<dd>{own}</dd>" in ask(receipt.number, receipt.code).text


def test_who_was_cheated_reads_which_agency_is_responsible(office: Any, ask: Any) -> None:
    filing = filing_of({"category": "fraud", "detail": "โอนแล้วร้านหาย"})
    cheated = office.store.complaints.file(filing, "form", "form")
    centre = "ศูนย์ปราบปรามอาชญากรรมทางเทคโนโลยีสารสนเทศ สำนักงานตำรวจแห่งชาติ (ศปอส.ตร.)"
    assert f"<dt>หน่วยงานที่รับผิดชอบ</dt><dd>{centre}</dd>" in ask(cheated.number, cheated.code).text


@pytest.mark.parametrize(
    "change", [{"code": "AAAAA-AAAAA"}, {"number": "99/2569"}, {"number": "ก"}, {"code": ""}]
)
def test_a_wrong_number_or_code_shows_nothing(receipt: Receipt, ask: Any, change: dict[str, str]) -> None:
    answer = ask(**{"number": receipt.number, "code": receipt.code} | change)
    assert answer.status_code == 404
    assert "รับเรื่องแล้ว" not in answer.text
    assert 'role="alert"' in answer.text


def test_the_complainant_adds_to_the_complaint(
    office: Any, receipt: Receipt, ask: Any, visitor: TestClient
) -> None:
    page = ask(receipt.number, receipt.code, more="พบอีกร้านหนึ่ง")
    assert page.status_code == 200
    assert "พบอีกร้านหนึ่ง" in page.text
    assert ask(receipt.number, receipt.code, more="  ").status_code == 422
    handling = office.store.complaint_handling
    handling.answer(receipt.complaint_id, "ตอบแล้ว", NOK)
    handling.close(receipt.complaint_id, ClosingReason.ACTED, NOK)
    late = ask(receipt.number, receipt.code, more="ยังไม่จบ")
    assert late.status_code == 409
    assert len(handling.events(receipt.complaint_id)) == 4
    strange = visitor.post("/complain/status", data={"number": receipt.number, "code": receipt.code})
    assert strange.status_code == 403


def test_a_page_loaded_again_adds_nothing_and_reopens_nothing(
    office: Any, receipt: Receipt, ask: Any, visitor: TestClient, token: Any
) -> None:
    handling, number = office.store.complaint_handling, receipt.complaint_id

    def seen() -> str:
        page = ask(receipt.number, receipt.code).text
        return re.search(r'name="last_event" value="(\d+)"', page)[1]  # type: ignore[index]

    def kinds() -> list[str]:
        return [event.kind for event in handling.events(number)]

    before, words = seen(), "ขอทราบความคืบหน้า"
    assert words in ask(receipt.number, receipt.code, more=words, last_event=before).text
    handling.answer(number, "กำลังตรวจสอบ", NOK)
    again = ask(receipt.number, receipt.code, more=words, last_event=before)
    assert again.status_code == 200
    assert kinds() == ["added", "progress", "answer"]
    assert office.store.complaints.get(number).progress == "answered"
    # A complainant who has read the answer may send the same words once more.
    assert ask(receipt.number, receipt.code, more=words, last_event=seen()).status_code == 200
    assert kinds()[3:] == ["added", "progress"]
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1e\0\0\0\x14\x08\x02\0\0\0" + b"\0" * 9
    csrf = token(visitor.get("/complain/status").text)
    data = {"csrf": csrf, "number": receipt.number, "code": receipt.code, "more": "", "last_event": seen()}
    for _ in range(2):
        page = visitor.post("/complain/status", data=data, files={"photos": ("a.png", picture, "image/png")})
        assert page.status_code == 200
    assert kinds()[5:] == ["added"]


def test_guessing_is_limited(settings: Any, receipt: Receipt, ask: Any, app: Any) -> None:
    from service.running.rate_limits import RateLimits

    app.state.complaint_limits = RateLimits(settings.changed({"complaint.address_limit": "3/hour"}))
    for _ in range(3):
        assert ask(receipt.number, "AAAAA-AAAAA").status_code == 404
    assert ask(receipt.number, receipt.code).status_code == 429
    limited = ask(receipt.number, receipt.code, more="ข้อมูลยาวของฉัน")
    assert limited.status_code == 429
    assert "ข้อมูลยาวของฉัน</textarea>" in limited.text
    assert "สิ่งที่พิมพ์ไว้ยังอยู่" in limited.text


def test_further_information_survives_an_ended_token_and_a_wrong_code(
    office: Any, receipt: Receipt, ask: Any, visitor: TestClient
) -> None:
    words = "ข้อมูล <b>ยาว</b>\r\nของฉัน"
    shown = "ข้อมูล &lt;b&gt;ยาว&lt;/b&gt;\nของฉัน</textarea>"
    data = {"csrf": "0" * 64, "number": receipt.number, "code": receipt.code, "more": words}
    late = visitor.post("/complain/status", data=data)
    assert late.status_code == 403
    assert (
        f'<textarea name="kept" id="field-kept" rows="4" maxlength="10000" data-unsaved>\n{shown}'
        in late.text
    )
    assert "สิ่งที่พิมพ์ไว้ยังอยู่" in late.text
    wrong = ask(receipt.number, "AAAAA-AAAAA", kept=words)
    assert wrong.status_code == 404
    assert shown in wrong.text
    # The look-up adds nothing by itself.
    found = ask(receipt.number, receipt.code, kept=words)
    assert found.status_code == 200
    assert (
        f'<textarea name="more" id="field-more" rows="4" maxlength="10000" data-unsaved>\n{shown}'
        in found.text
    )
    assert "ยังไม่ได้ส่ง" in found.text
    assert office.store.complaint_handling.events(receipt.complaint_id) == []
    assert "data-unsaved" not in ask(receipt.number, receipt.code, kept="  ").text
    assert "field-kept" not in visitor.get("/complain/status").text


def test_further_information_about_a_closed_complaint_is_shown_to_copy(
    office: Any, receipt: Receipt, ask: Any
) -> None:
    handling = office.store.complaint_handling
    handling.answer(receipt.complaint_id, "ตอบแล้ว", NOK)
    handling.close(receipt.complaint_id, ClosingReason.ACTED, NOK)
    for closed in (
        ask(receipt.number, receipt.code, more="ยังไม่จบ"),
        ask(receipt.number, receipt.code, kept="ยังไม่จบ"),
    ):
        assert "readonly>\nยังไม่จบ</textarea>" in closed.text


def test_photos_come_later_too_and_officers_alone_see_them(
    office: Any, receipt: Receipt, visitor: TestClient, token: Any, log_in: Any
) -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1e\0\0\0\x14\x08\x02\0\0\0" + b"\0" * 9
    csrf = token(visitor.get("/complain/status").text)
    data = {"csrf": csrf, "number": receipt.number, "code": receipt.code, "more": ""}
    page = visitor.post("/complain/status", data=data, files={"photos": ("a.png", picture, "image/png")})
    assert page.status_code == 200
    assert "1 ภาพ" in page.text
    wrong = visitor.post("/complain/status", data=data, files={"photos": ("a.txt", b"words", "image/png")})
    assert wrong.status_code == 422
    (photo,) = office.store.complaint_photos.of_complaint(receipt.complaint_id)
    address = f"/complaints/{receipt.complaint_id}/photos/{photo.id}"
    assert visitor.get(address).status_code == 303
    log_in(visitor)
    shown = visitor.get(address)
    assert (shown.content, shown.headers["content-type"]) == (picture, "image/png")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert address in visitor.get(f"/complaints/{receipt.complaint_id}").text
    assert visitor.get(f"/complaints/{receipt.complaint_id}/photos/99").status_code == 404


def test_photos_for_which_there_is_no_room_are_never_dropped_in_silence(
    office: Any, receipt: Receipt, visitor: TestClient, token: Any
) -> None:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1e\0\0\0\x14\x08\x02\0\0\0"
    four = [("photos", (f"{n}.png", head + bytes([n]) * 9, "image/png")) for n in range(4)]
    csrf = token(visitor.get("/complain/status").text)
    data = {"csrf": csrf, "number": receipt.number, "code": receipt.code, "more": "ส่งภาพ"}
    assert visitor.post("/complain/status", data=data, files=four[:2]).status_code == 200
    page = visitor.post("/complain/status", data=data, files=four[2:])
    assert page.status_code == 422
    assert "แนบภาพเพิ่มได้อีก 1 ภาพ" in page.text
    assert "ส่งภาพ" in page.text
    assert len(office.store.complaint_photos.of_complaint(receipt.complaint_id)) == 2
    assert len(office.store.complaint_handling.events(receipt.complaint_id)) == 1
    # One that is there already needs no room.
    assert visitor.post("/complain/status", data=data, files=four[1:3]).status_code == 200
    assert len(office.store.complaint_photos.of_complaint(receipt.complaint_id)) == 3
