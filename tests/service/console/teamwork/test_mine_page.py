"""The page of one's own work lists who overturned one's decisions, and its link shows their number."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.tables.core_tables import Role
from tests.service.console.every_page.eyes import EYES, see, see_every_state, see_every_stop

REASON = "ผู้ขายมีใบอนุญาตโฆษณา <b>ฆอ.</b>"


@pytest.fixture
def overturned(client: TestClient, filled: Any, decide: Callable[..., Any], log_in: Any) -> int:
    """A case that ``nok`` decided and ``lek`` overturned on the page; ``nok`` is logged in."""
    number: int = filled.ids["permit"]
    assert decide(number, Verdict.NEEDS_PERMIT.value, {1: "confirm"}).status_code == 303
    client.cookies.clear()
    log_in(client, "lek")
    asked = decide(number, Verdict.CLEAR.value, {1: "reject"}, insist="")
    assert asked.status_code == 422
    assert "จะแจ้งผลใหม่พร้อมเหตุผลแก่นก ผู้พิจารณา" in asked.text
    assert decide(number, Verdict.CLEAR.value, {1: "reject"}, note=REASON).status_code == 303
    client.cookies.clear()
    log_in(client, "nok")
    return number


def test_the_page_tells_who_overturned_what_and_why(client: TestClient, overturned: int) -> None:
    assert '<span class="count">1<' in client.get("/queue").text
    page = client.get("/mine").text
    for words in (
        f'href="/cases/{overturned}"',
        "เล็ก ผู้พิจารณา",
        "ต้องได้รับอนุญาตโฆษณาก่อน",
        "ไม่พบข้อความที่ฝ่าฝืน",
        "ผู้ขายมีใบอนุญาตโฆษณา &lt;b&gt;ฆอ.&lt;/b&gt;",
        "แจ้งแพลตฟอร์มว่าผลเดิมไม่มีผลแล้ว",
    ):
        assert words in page, words


def test_the_page_lists_what_one_has_and_decided_today(
    client: TestClient, filled: Any, decide: Callable[..., Any]
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    assert "วันนี้ท่านยังไม่ได้ตัดสินเคสใด" in client.get("/mine").text
    decide(worst, Verdict.PROHIBITED.value, {1: "confirm"})
    filled.store.assignments.begin(serum, filled.store.users.find("nok"), timedelta(hours=1))
    page = client.get("/mine").text
    held, decided = (page.split(f'id="{part}"')[1].split("</section>")[0] for part in ("held", "decided"))
    assert (f"/cases/{serum}" in held, f"/cases/{worst}" in held) == (True, False)
    assert (f"/cases/{serum}" in decided, f"/cases/{worst}" in decided) == (False, True)
    assert "เข้าข่ายโฆษณาต้องห้าม" in decided


def test_a_notice_marked_as_read_is_counted_no_more(
    client: TestClient, overturned: int, filled: Any, token: Any
) -> None:
    (notice,) = filled.store.notices.of(filled.store.users.find("nok"))
    csrf = token(client.get("/mine").text)
    assert client.post("/mine/notices", data={"csrf": csrf, "notice": "x"}).status_code == 303
    assert '<span class="count">1<' in client.get("/queue").text
    done = client.post("/mine/notices", data={"csrf": csrf, "notice": notice.id})
    assert (done.status_code, done.headers["location"]) == (303, "/mine")
    page = client.get("/mine").text
    assert 'class="count"' not in page
    assert "อ่านแล้วโดย" in page


def test_a_session_that_ended_leads_back_to_the_page(
    client: TestClient, overturned: int, log_in: Any
) -> None:
    client.cookies.clear()
    away = client.get("/mine")
    assert away.headers["location"] == "/login?next=%2Fmine"
    assert log_in(client, next="/mine").headers["location"] == "/mine"


def test_an_integrator_has_no_such_page(client: TestClient, become: Callable[[Role], None]) -> None:
    become(Role.INTEGRATOR)
    assert client.get("/mine").status_code == 403
    assert "/mine" not in client.get("/keys").text


@pytest.mark.needs_browser
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_page_can_be_read_in_every_state(
    page: Any,
    address: str,
    overturned: int,
    password: str,
    sign_in: Callable[..., None],
    picture: Callable[..., None],
    size: tuple[int, int],
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(EYES)
    sign_in(page, address, password, "/mine")
    assert see(page, "wide()") + see_every_state(page) + see_every_stop(page) == []
    if size[0] == 1280:
        picture(page, "console-mine")
    page.click("#notices button")
    page.wait_for_load_state()
    assert see(page, "wide()") + see_every_state(page) == []
    assert page.locator("#notices button").count() == 0
    assert page.faults == []
