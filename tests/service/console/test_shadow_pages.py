"""The pages of shadow runs over HTTP."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.dashboard.period import Period
from service.settings import Settings
from service.shadow.comparing import Circumstances, Pair, Said, compare
from service.shadow.folder import ShadowFolder, run_name
from service.shadow.running import REDACTED, past_cases
from service.store.columns import now
from service.store.models import Role
from service.thai_calendar import local_day


@pytest.fixture
def name(filled: Any, client: TestClient, settings: Settings) -> str:
    """A kept report in which the candidate turns every answer round, seen by a lead."""
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    today = local_day(now())
    period = Period(today, today)
    pairs = []
    for case in past_cases(filled.store, period.span):
        if case.verdict is None:
            continue
        turned = Verdict.CLEAR if case.verdict is not Verdict.CLEAR else Verdict.PROHIBITED
        labels = [ClaimLabel.SEXUAL] if turned is Verdict.PROHIBITED else []
        pairs.append(
            Pair(case, Said(case.verdict, case.risk, case.labels), Said(turned, 1 - case.risk, labels))
        )
    made = run_name("other@2", "shipped", "none", period)
    about = Circumstances(made, now(), period, "other@2", "shipped", "none", {REDACTED: 2}, 1.5, True)
    folder = ShadowFolder(settings.shadow)
    with folder.answers(made):
        folder.keep(compare(pairs, about))
    return made


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
    assert "style=" not in page
    assert page.count("<caption") == page.count("<table")
    answer = client.get(f"/dashboard/shadow/{name}/report.json")
    assert answer.json()["lost_flags"] == 3
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_hostile_title_stays_inert_and_a_removed_case_is_said(
    filled: Any, client: TestClient, name: str
) -> None:
    title = '<script>alert("x")</script>'
    filled.store.deposit(Listing(id="worst", title=title, description="ข"), source="test")
    page = client.get(f"/dashboard/shadow/{name}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_no_run_and_no_report(filled: Any, client: TestClient, settings: Settings) -> None:
    filled.store.users.set_role("nok", Role.ADMIN, "cli")
    assert "ยังไม่มีผลทดลอง" in client.get("/dashboard/shadow").text
    for other in ("nothing", "..%2f..%2fetc", "2026-11-01_2026-11-30_0123456789"):
        assert client.get(f"/dashboard/shadow/{other}").status_code == 404
        assert client.get(f"/dashboard/shadow/{other}/report.json").status_code == 404


def test_reviewers_do_not_open_it(filled: Any, client: TestClient, name: str) -> None:
    filled.store.users.set_role("nok", Role.REVIEWER, "cli")
    for address in (
        "/dashboard/shadow",
        f"/dashboard/shadow/{name}",
        f"/dashboard/shadow/{name}/report.json",
    ):
        assert client.get(address).status_code == 403
