"""The dashboard in a real browser."""

from pathlib import Path
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.store.tables.core_tables import Role
from tests.helpers.stored import record_review

pytestmark = pytest.mark.needs_browser


def test_a_lead_reads_the_dashboard_and_takes_a_table_along(
    page: Any, address: str, filled: Any, password: str, tmp_path: Path, picture: Any
) -> None:
    filled.store.users.set_role("nok", Role.LEAD, "cli")
    nok = filled.store.users.find("nok")
    for name, decision in (("worst", Verdict.PROHIBITED), ("serum", Verdict.CLEAR)):
        listing = filled.store.listing(filled.ids[name])
        record_review(filled.store, listing.assessment_id, nok.id, decision, confirmed=[0])
    page.goto(f"{address}/login?next=/dashboard")
    page.fill("input[name=name]", "nok")
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("figure#totals")
    picture(page, "console-dashboard")
    charts = page.locator("svg.chart")
    assert charts.count() >= 7
    assert all(charts.nth(index).bounding_box()["height"] > 40 for index in range(charts.count()))
    # The style sheet reaches into the charts: without it a line would be filled black.
    assert page.evaluate("getComputedStyle(document.querySelector('polyline.l1')).fill") == "none"
    assert page.locator("#totals tbody td").nth(2).inner_text() == "2"
    for width in (1366, 900):
        page.set_viewport_size({"width": width, "height": 860})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as started:
        page.locator("#by-class a[download]").click()
    started.value.save_as(tmp_path / "by-class.csv")
    lines = (tmp_path / "by-class.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("class,received,flagged,decided")
    assert len(lines) == 5
    page.fill("input[name=to]", "2026-01-31")
    page.fill("input[name=from]", "2026-01-01")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard?from=2026-01-01&to=2026-01-31")
    assert "1 ม.ค. 2569 – 31 ม.ค. 2569" in page.locator("h1").inner_text()
    page.locator("a", has_text="ผลทดลองแบบจำลองใหม่").click()
    page.wait_for_url("**/dashboard/shadow")
    assert page.faults == []
