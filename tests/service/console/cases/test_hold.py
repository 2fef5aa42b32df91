from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.privacy.redaction import Redactor
from service.store.database.columns import now
from service.store.tables.core_tables import Listing, Role


def test_a_lead_holds_a_case_and_lifts_it(
    client: TestClient, filled: Any, token: Callable[[str], str], become: Any
) -> None:
    become(Role.LEAD)
    number = filled.ids["worst"]
    page = client.get(f"/cases/{number}").text
    form = {"csrf": token(page), "reason": "สำนวนที่ 9/2569", "deed": "place"}
    assert client.post(f"/cases/{number}/hold", data=form).headers["location"] == f"/cases/{number}"
    page = client.get(f"/cases/{number}").text
    assert "สำนวนที่ 9/2569" in page
    assert 'value="lift"' in page
    assert client.post(f"/cases/{number}/hold", data=form).status_code == 422
    assert client.post(f"/cases/{number}/hold", data=form | {"deed": "lift"}).status_code == 303
    entries = filled.store.audit.newest(2, subject=f"listing:{number}")
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("reviewer:nok", "hold.place"),
        ("reviewer:nok", "hold.lift"),
    ]


@pytest.mark.parametrize("change", [{"reason": " "}, {"deed": ""}, {"number": 9999}, {"number": 2**40}])
def test_what_cannot_be_held_changes_nothing(
    client: TestClient, filled: Any, token: Callable[[str], str], change: dict[str, Any], become: Any
) -> None:
    become(Role.ADMIN)
    page = client.get(f"/cases/{filled.ids['worst']}").text
    fields: dict[str, Any] = {"number": filled.ids["worst"], "reason": "เหตุผล", "deed": "place"} | change
    form = {"csrf": token(page), "reason": fields["reason"], "deed": fields["deed"]}
    refused = client.post(f"/cases/{fields['number']}/hold", data=form)
    assert refused.status_code == 422
    assert "ยังไม่มีการเปลี่ยนแปลง" in refused.text
    assert filled.store.holds.all() == []


def test_a_reviewer_sees_a_hold_and_no_form(
    client: TestClient, filled: Any, token: Callable[[str], str]
) -> None:
    number = filled.ids["worst"]
    page = client.get(f"/cases/{number}").text
    assert f"/cases/{number}/hold" not in page
    form = {"csrf": token(page), "reason": "x", "deed": "place"}
    assert client.post(f"/cases/{number}/hold", data=form).status_code == 403
    assert client.post(f"/cases/{number}/hold", data=form | {"csrf": "x"}).status_code == 403
    assert filled.store.holds.all() == []


def test_a_redacted_case_says_so_and_shows_no_contact(client: TestClient, filled: Any) -> None:
    number = filled.ids["worst"]
    with filled.store.database.writing() as session:
        Redactor().redact(session, session.get_one(Listing, number), now())
    page = client.get(f"/cases/{number}").text
    assert "ลบข้อมูลติดต่อออกจากโฆษณานี้แล้ว" in page
    assert "@bairungrueang" not in page
    assert "ร้านใบรุ่งเรืองออนไลน์" not in page
    assert "(ลบแล้ว)" in page
    assert "รักษาเบาหวานให้หายขาดใน 7 วัน" in page
