"""Due times on the dashboard, and recording a request for a seller's data."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from service.store.tables.core_tables import Role


def test_a_late_request_stands_on_the_dashboard_until_it_is_answered(
    client: TestClient, filled: Any, become: Callable[[Role], None], token: Callable[[str], str]
) -> None:
    become(Role.LEAD)
    place = f"/cases/{filled.ids['worst']}/seller"
    csrf = token(client.get(place).text)
    sent = (datetime.now(UTC) - timedelta(days=20)).date().isoformat()
    asked = client.post(f"{place}/ask-data", data={"csrf": csrf, "reference": "สธ 7/2569", "day": sent})
    assert asked.status_code == 303, asked.text
    assert "เกินกำหนด 1" in client.get("/dashboard").text
    page = client.get("/dashboard/duties").text
    assert re.search(rf'<th scope="row"><a href="{place}"><bdi>สธ 7/2569', page)
    assert "Shopee" in page
    assert "ยังไม่ยืนยัน" in page
    number = re.search(r'name="request" value="(\d+)"', client.get(place).text)
    assert number
    fields = {
        "csrf": csrf,
        "request": number[1],
        "outcome": "provided",
        "day": datetime.now(UTC).date().isoformat(),
    }
    assert client.post(f"{place}/data-answer", data=fields | {"request": "99"}).status_code == 422
    assert client.post(f"{place}/data-answer", data=fields).status_code == 303
    assert "สธ 7/2569" not in client.get("/dashboard/duties").text
    assert "ได้รับข้อมูลแล้ว" in client.get(place).text


def test_a_reviewer_reads_due_times_and_records_none(
    client: TestClient, filled: Any, token: Callable[[str], str]
) -> None:
    place = f"/cases/{filled.ids['worst']}/seller"
    page = client.get(place).text
    assert "ask-data" not in page
    fields = {"csrf": token(page), "reference": "สธ 7/2569", "day": "2026-11-01"}
    assert client.post(f"{place}/ask-data", data=fields).status_code == 403
    assert client.get("/dashboard/duties").status_code == 200
