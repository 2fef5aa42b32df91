"""The public form, as somebody meets it who has no account."""

import re
from time import process_time
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.complaints.intake import BOUNDS
from service.console import mount
from service.settings import Settings
from service.store import Store, StoreError
from service.store.complaints.repository import ComplaintFilter
from service.store.tables.complaint_tables import ComplaintCategory

GIVEN = {
    "category": "health_ad",
    "detail": "พบโฆษณาอ้างว่ารักษาเบาหวานหาย\r\nขอให้ตรวจสอบ",
    "title": "แคปซูลใบรุ่งเรือง",
    "url": "https://shop.example/item/1?a=1&b=2",
    "seller": "ร้านใบรุ่งเรือง",
    "advertised": "รักษาเบาหวานให้หายขาด",
    "contact_name": "สมศรี ใจดี",
    "contact": "081-000-0000",
}


def rows(store: Store) -> Any:
    return store.complaints.page(ComplaintFilter())


@pytest.fixture
def open_form(visitor: TestClient, token: Any) -> Any:
    """Open the form; returns its hidden fields."""

    def make() -> dict[str, str]:
        page = visitor.get("/complain").text
        opened = re.search(r'name="opened" value="([^"]+)"', page)
        assert opened
        return {"csrf": token(page), "opened": opened[1]}

    return make


@pytest.fixture
def send(visitor: TestClient, open_form: Any) -> Any:
    def make(**fields: str) -> Any:
        return visitor.post("/complain", data=open_form() | GIVEN | fields)

    return make


def test_a_complaint_gets_its_number(visitor: TestClient, office: Any, send: Any, open_form: Any) -> None:
    hidden = open_form()
    answer = send(**hidden)
    assert answer.status_code == 303
    (row,) = rows(office.store)
    assert answer.headers["location"] == f"/complain/thanks/{row.year}/1"
    page = visitor.get(answer.headers["location"]).text
    assert row.number in page
    assert re.search(r"รร 0001/25\d\d", page)
    assert row.detail == "พบโฆษณาอ้างว่ารักษาเบาหวานหาย\nขอให้ตรวจสอบ"
    assert (row.source, row.contact_name, row.contact) == ("form", "สมศรี ใจดี", "081-000-0000")
    assert row.listing_id is not None
    again = send(**hidden)  # the button pressed twice
    assert again.headers["location"] == answer.headers["location"]
    assert len(rows(office.store)) == 1


def test_nothing_of_the_complainant_is_needed(office: Any, send: Any) -> None:
    assert send(contact="", contact_name="", url="", title="", seller="", advertised="").status_code == 303
    (row,) = rows(office.store)
    assert (row.contact, row.contact_name) == ("", "")


def test_the_page_is_thai_and_stands_outside_of_the_login(visitor: TestClient) -> None:
    page = visitor.get("/complain")
    assert page.status_code == 200
    assert 'lang="th"' in page.text
    assert "/queue" not in page.text
    for category in ComplaintCategory:
        assert f'value="{category}"' in page.text
    assert page.headers["cache-control"] == "no-store"
    asked = visitor.head("/complain")
    assert (asked.status_code, asked.content) == (200, b"")


def test_the_pages_name_the_office_and_the_form_may_be_found_by_search(
    visitor: TestClient, office: Any, send: Any
) -> None:
    name = "สำนักงานคณะกรรมการอาหารและยา"
    form = visitor.get("/complain").text
    assert f"ต่อ{name}" in form
    assert 'name="robots"' not in form
    assert 'name="robots"' in send(category="").text
    for page in (form, visitor.get("/complain/status").text, visitor.get("/complain/thanks/2569/1").text):
        assert f" – {name}</title>" in page
    assert 'content="noindex, nofollow"' in visitor.get("/complain/status").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "spam"}, "category"),
        ({"detail": "  "}, "detail"),
        ({"detail": "ก" * (BOUNDS["detail"] + 1)}, "detail"),
        ({"seller": "ก" * (BOUNDS["seller"] + 1)}, "seller"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    office: Any, send: Any, change: dict[str, str], field: str
) -> None:
    answer = send(**change)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert "แคปซูลใบรุ่งเรือง" in answer.text
    assert "081-000-0000" in answer.text
    assert rows(office.store) == []


def test_a_program_that_fills_in_everything_is_turned_back(office: Any, send: Any) -> None:
    answer = send(website="https://spam.example")
    assert answer.status_code == 422
    assert "แคปซูลใบรุ่งเรือง" in answer.text
    assert "spam.example" not in answer.text
    assert rows(office.store) == []


@pytest.mark.parametrize("csrf", ["", "0" * 64, "ก"])
def test_a_form_of_another_site_keeps_nothing(visitor: TestClient, office: Any, csrf: str) -> None:
    visitor.get("/complain")
    answer = visitor.post("/complain", data=GIVEN | {"csrf": csrf})
    assert answer.status_code == 403
    assert "แคปซูลใบรุ่งเรือง" in answer.text  # and may be sent again from here
    assert rows(office.store) == []


def test_one_browser_sends_so_many_and_its_neighbours_are_not_shut_out(
    visitor: TestClient, office: Any, send: Any
) -> None:
    for number in range(5):
        assert send(detail=f"เรื่องที่ {number}").status_code == 303
    answer = send(detail="เรื่องที่หก")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "เรื่องที่หก" in answer.text
    assert len(rows(office.store)) == 5
    assert visitor.get("/complain").status_code == 200
    visitor.cookies.clear()  # another browser behind the same address
    assert send(detail="เรื่องของเพื่อนบ้าน").status_code == 303


def test_what_was_saved_is_sent_again_past_the_limit(
    visitor: TestClient, office: Any, open_form: Any
) -> None:
    forms = [open_form() | GIVEN | {"detail": f"เรื่องที่ {number}"} for number in range(5)]
    first = [visitor.post("/complain", data=form).headers["location"] for form in forms]
    again = visitor.post("/complain", data=forms[2])
    assert (again.status_code, again.headers.get("location")) == (303, first[2])
    assert visitor.post("/complain", data=forms[2] | {"detail": "เรื่องอื่น"}).status_code == 429
    assert len(rows(office.store)) == 5


def test_the_same_words_from_many_browsers_are_stopped(visitor: TestClient, office: Any, send: Any) -> None:
    for number in range(20):
        visitor.cookies.clear()
        assert send(contact=f"081-000-{number:04}").status_code == 303
    visitor.cookies.clear()
    assert send(contact="081-111-1111").status_code == 429
    assert len(rows(office.store)) == 20
    # An address can be invented for each.
    assert send(url="https://other.example/1").status_code == 429
    assert send(seller="ร้านอื่น").status_code == 303


def test_the_line_of_a_warning_that_does_not_exist_counts_as_any_words(
    visitor: TestClient, office: Any, send: Any
) -> None:
    statuses = []
    for number in range(21):
        visitor.cookies.clear()
        words = {"detail": "พบโฆษณาลักษณะเดียวกับประกาศเตือน 1/2569 “ข้อความใด ๆ”", "title": "", "advertised": ""}
        statuses.append(send(contact=f"081-000-{number:04}", **words).status_code)
    assert (statuses.count(303), statuses[-1]) == (20, 429)


def test_words_that_resemble_the_line_of_a_warning_are_read_quickly(office: Any, send: Any) -> None:
    line = "พบโฆษณาลักษณะเดียวกับประกาศเตือน "
    for detail in ((line * 120 + " “" * 5000)[:10_000], line + "1/2569" + " " * 9000 + "“"):
        start = process_time()
        assert send(detail=detail).status_code == 303
        assert process_time() - start < 2


def test_the_code_is_shown_to_the_browser_that_sent_the_form(visitor: TestClient, send: Any) -> None:
    address = send().headers["location"]
    found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", visitor.get(address).text)
    assert found
    assert found[0] not in address
    visitor.cookies.clear()
    assert found[0] not in visitor.get(address).text


def test_a_complaint_sent_again_after_a_lost_answer_gets_its_code(
    visitor: TestClient, send: Any, open_form: Any
) -> None:
    def code() -> str:
        found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", visitor.get(send(**hidden).headers["location"]).text)
        assert found
        return found[0]

    hidden = open_form()
    first = code()
    visitor.cookies.delete("ruthan_complaint", path="/complain")
    assert code() == first  # one that was noted down stays valid


def test_the_next_person_at_a_shared_browser_gets_another_number_and_code(office: Any, send: Any) -> None:
    first, second = send(), send()
    assert first.headers["location"] != second.headers["location"]
    newest, oldest = rows(office.store)
    assert newest.code_digest != oldest.code_digest


def test_a_form_keeps_its_token_until_it_is_stored_but_takes_none_of_another_site(
    visitor: TestClient, open_form: Any
) -> None:
    hidden = open_form()
    assert hidden["opened"] in visitor.post("/complain", data=hidden | GIVEN | {"detail": ""}).text
    strange = "A" * 43
    assert strange not in visitor.post("/complain", data=GIVEN | {"csrf": "", "opened": strange}).text
    assert "short" not in visitor.post("/complain", data=hidden | {"detail": "", "opened": "short"}).text


def test_a_neighbour_who_sends_the_same_has_a_complaint_with_photos_and_a_code_of_their_own(
    visitor: TestClient, office: Any, token: Any
) -> None:
    def send(*photos: int) -> Any:
        csrf = token(visitor.get("/complain").text)
        files = [("photos", (f"{n}.png", png(n), "image/png")) for n in photos]
        return visitor.post(
            "/complain", data={"csrf": csrf, "category": "late", "detail": "ช้า"}, files=files or None
        )

    first = send(10, 20, 30)
    visitor.cookies.clear()
    second = send(40)
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.headers["location"] != first.headers["location"]
    assert "look-up-code" in visitor.get(second.headers["location"]).text
    newest, oldest = rows(office.store)
    assert len(office.store.complaint_photos.of_complaint(oldest.id)) == 3
    assert len(office.store.complaint_photos.of_complaint(newest.id)) == 1


def test_the_thanks_promise_no_erasure_by_the_complainant(visitor: TestClient, send: Any) -> None:
    """The status page has no such button: the office erases on request."""
    page = visitor.get(send().headers["location"]).text
    assert "ขอให้ลบข้อมูลของท่านที่หน้า" not in page
    assert "โปรดแจ้งสำนักงานคณะกรรมการอาหารและยาพร้อมเลขที่เรื่อง" in page


def test_an_answer_by_mail_needs_an_address(send: Any, office: Any) -> None:
    answer = send(channel="email", contact="081-000-0000")
    assert answer.status_code == 422
    assert 'href="#field-contact"' in answer.text
    assert send(channel="email", contact="somsri@person.example", harm="illness").status_code == 303
    (row,) = rows(office.store)
    assert (row.channel, row.harm) == ("email", "illness")


@pytest.mark.parametrize("path", ["1/1", "2569/0", "2569/x", "99999/1", "2569/99999999"])
def test_no_number_that_cannot_be(visitor: TestClient, path: str) -> None:
    assert visitor.get(f"/complain/thanks/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/complain/thanks/x/1", "/complain/thanks/1/1"])
def test_a_wrong_address_leads_back_to_the_form(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert 'href="/complain"' in answer.text
    assert "/queue" not in answer.text


def test_a_store_that_fails_says_so_to_the_public(
    visitor: TestClient, office: Any, open_form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise StoreError("no connection")

    form = open_form() | GIVEN
    monkeypatch.setattr(office.store.complaints, "file", fails)
    answer = visitor.post("/complain", data=form)
    assert answer.status_code == 503
    assert "ระบบขัดข้องชั่วคราว ยังไม่มีการบันทึก" in answer.text
    assert 'href="/complain">กลับไปที่แบบฟอร์ม' in answer.text
    assert "/queue" not in answer.text


def test_the_form_can_be_closed(office: Any, settings: Settings) -> None:
    app = FastAPI()
    mount(app, office.store, settings.changed({"complaint.form": False}))
    with TestClient(app) as client:
        assert client.get("/complain").status_code == 404
        assert client.post("/complain", data=GIVEN).status_code == 404


def png(width: int = 30) -> bytes:
    """Return the header of a PNG file of this width, which is all that is checked."""
    return (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + b"\0\0\0\x14\x08\x02\0\0\0" + b"\0" * 9
    )


def test_photos_are_kept_as_they_were_sent(visitor: TestClient, office: Any, token: Any) -> None:
    csrf = token(visitor.get("/complain").text)
    files = [("photos", (f"{n}.png", png(n), "text/html")) for n in (10, 10, 20)]
    answer = visitor.post("/complain", data={"csrf": csrf} | GIVEN, files=files)
    assert answer.status_code == 303
    (row,) = rows(office.store)
    first, second = office.store.complaint_photos.of_complaint(row.id)
    assert first.media_type == "image/png"
    assert office.store.complaint_photos.get(row.id, first.id).content == png(10)
    assert office.store.complaint_photos.get(row.id, second.id).content == png(20)
    assert office.store.complaint_photos.get(row.id + 1, first.id) is None
    (entry,) = office.store.audit.newest(1, action="complaint.add")
    assert entry.detail["photos"] == [first.sha256, second.sha256]


@pytest.mark.parametrize(
    "contents",
    [
        [b"GIF89a\1\0\1\0"],
        [b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
        [png() + b"\0" * (5 * 2**20)],
        [png(n) for n in range(1, 5)],
        [png(n) for n in range(1, 50)],
    ],
    ids=["gif", "svg", "large", "many", "album"],
)
def test_what_is_no_photo_is_refused_and_the_words_stay(
    visitor: TestClient, office: Any, token: Any, contents: list[bytes]
) -> None:
    csrf = token(visitor.get("/complain").text)
    files = [("photos", ("a.png", content, "image/png")) for content in contents]
    answer = visitor.post("/complain", data={"csrf": csrf} | GIVEN, files=files)
    assert answer.status_code == 422
    assert 'href="#field-photos"' in answer.text
    assert "แคปซูลใบรุ่งเรือง" in answer.text
    assert rows(office.store) == []


def test_an_empty_field_of_photos_is_none(visitor: TestClient, office: Any, token: Any) -> None:
    csrf = token(visitor.get("/complain").text)
    empty = [("photos", ("", b"", "application/octet-stream"))]
    assert visitor.post("/complain", data={"csrf": csrf} | GIVEN, files=empty).status_code == 303


def test_a_form_that_cannot_be_read_is_answered_with_a_page(visitor: TestClient, office: Any) -> None:
    content, form = b"nothing", {"content-type": "multipart/form-data; boundary=x"}
    for path in ("/complain", "/complain/status"):
        answer = visitor.post(path, content=content, headers=form)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "ยังไม่มีการบันทึก" in answer.text
