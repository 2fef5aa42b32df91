"""The pages of shadow runs over HTTP."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.settings import Settings
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import Role
from tests.helpers.stored import record_review
from tests.service.console.every_page.eyes import EYES, see, see_every_state, see_every_stop


@pytest.fixture
def name(filled: Any, client: TestClient, keep_shadow_run: Callable[[], str], become: Any) -> str:
    """The stored report, seen by a lead."""
    become(Role.LEAD)
    return keep_shadow_run()


def test_the_list_leads_to_the_report(filled: Any, client: TestClient, name: str) -> None:
    assert f'href="/dashboard/shadow/{name}"' in client.get("/dashboard/shadow").text
    assert "/dashboard/shadow" in client.get("/dashboard").text
    page = client.get(f"/dashboard/shadow/{name}").text
    assert "วันละ 1.5 เคส (ค่าเฉลี่ยจริง 4 สัปดาห์ล่าสุด)" in page
    assert "2 เคส: ลบข้อมูลติดต่อออกจากข้อความแล้ว" in page
    assert re.search(r"แจ้งเตือนที่จะหายไป 3 เคส", page)
    assert re.search(r"แจ้งเตือนที่จะเพิ่มขึ้น 1 เคส", page)
    assert "แคปซูลใบรุ่งเรือง" in page
    assert f'href="/cases/{filled.ids["worst"]}"' in page
    assert re.search(r"ซึ่งแบบจำลองที่ทดลองจะไม่เสนอ 2 เคส", page)
    assert "พ.ร.บ.อาหาร พ.ศ. 2522 ม.40" in page
    assert "เสนอฐานความผิดตรงกับที่เลือกทุกมาตรา: ปัจจุบัน 2 เคส ที่ทดลอง 0 เคส" in page
    assert "style=" not in page
    assert page.count("<caption") == page.count("<table")
    answer = client.get(f"/dashboard/shadow/{name}/report.json")
    assert answer.json()["lost_flags"] == 3
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_lead_who_reads_a_case_blind_does_not_see_it_among_the_examples(
    filled: Any, client: TestClient, name: str
) -> None:
    worst = filled.ids["worst"]
    record_review(
        filled.store,
        filled.store.listing(worst).assessment_id,
        filled.store.users.find("lek").id,
        Verdict.PROHIBITED.value,
        confirmed=[0],
    )
    assert filled.store.deals.deal(Odds(1.0, 0.0, lambda _: 0.5)).tasks == 1
    assert f"/cases/{worst}" not in client.get(f"/dashboard/shadow/{name}").text
    kept = client.get(f"/dashboard/shadow/{name}/report.json").json()
    for kind in ("lost_examples", "lost_ground_examples"):
        assert worst not in [case["listing"] for case in kept[kind]]
    assert kept["lost_flags"] == 3


def test_a_hostile_title_stays_inert_and_a_removed_case_is_said(
    filled: Any, client: TestClient, name: str
) -> None:
    title = '<script>alert("x")</script>'
    filled.store.deposit(Listing(id="worst", title=title, description="ข"), source="test")
    page = client.get(f"/dashboard/shadow/{name}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_no_run_and_no_report(filled: Any, client: TestClient, settings: Settings, become: Any) -> None:
    become(Role.ADMIN)
    assert "ยังไม่มีผลทดลอง" in client.get("/dashboard/shadow").text
    for other in ("nothing", "..%2f..%2fetc", "2026-11-01_2026-11-30_0123456789"):
        assert client.get(f"/dashboard/shadow/{other}").status_code == 404
        assert client.get(f"/dashboard/shadow/{other}/report.json").status_code == 404


def test_reviewers_do_not_open_it(filled: Any, client: TestClient, name: str, become: Any) -> None:
    become(Role.REVIEWER)
    for address in (
        "/dashboard/shadow",
        f"/dashboard/shadow/{name}",
        f"/dashboard/shadow/{name}/report.json",
    ):
        assert client.get(address).status_code == 403


@pytest.mark.needs_browser
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_report_can_be_read_in_every_state(
    page: Any, address: str, name: str, password: str, sign_in: Callable[..., None], size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(EYES)
    sign_in(page, address, password, f"/dashboard/shadow/{name}")
    assert page.locator("#lost-ground tbody tr").count() == 2
    assert see(page, "wide()") + see_every_state(page) + see_every_stop(page) == []
