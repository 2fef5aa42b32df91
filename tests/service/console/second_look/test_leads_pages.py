"""A lead settles disagreements, marks golden cases and reads the agreement."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.store.tables.blind_tables import BlindTask
from service.store.tables.core_tables import Role
from tests.helpers.stored import record_review

from .conftest import CLEAR, NOTE, PROHIBITED, deal, without_colleagues


def test_undo_after_the_lead_settled_is_refused(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any], token: Any
) -> None:
    number = filled.ids["worst"]
    page = client.get(decide(number, CLEAR).headers["location"]).text
    undo = re.search(r'name="review" value="(\d+)"', page)
    assert undo
    (found,) = filled.store.second_looks.disagreements()
    form = lead.get(f"/second-look/{found.look.id}").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    settled = lead.post(f"/second-look/{found.look.id}", data=hidden | {"settle": "first"})
    assert settled.headers["location"] == "/second-look?settled=1"
    assert (
        client.post(f"/cases/{number}/withdraw", data={"csrf": token(page), "review": undo[1]}).status_code
        == 409
    )
    # Now the second reader sees the case as it is.
    assert NOTE in client.get(f"/cases/{number}").text


def test_a_lead_takes_the_second_reading(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    decide(number, CLEAR, {1: "reject", 4: "confirm"}, note="เห็นว่าไม่เข้าข่าย")
    listed = lead.get("/second-look").text
    (found,) = filled.store.second_looks.disagreements()
    assert f"/second-look/{found.look.id}" in listed
    page = lead.get(f"/second-look/{found.look.id}").text
    for words in ("เล็ก ผู้พิจารณา", "นก ผู้พิจารณา", NOTE, "เห็นว่าไม่เข้าข่าย", "ต่างกัน", "rejected-mark"):
        assert words in page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert (
        lead.post(
            f"/second-look/{found.look.id}", data=hidden | {"settle": "second", "note": "เห็นตามคนที่สอง"}
        ).status_code
        == 303
    )
    newest = filled.store.reviews.history(number)[0]
    assert (newest.review.decision, newest.reviewer_name) == (CLEAR, "มะลิ หัวหน้างาน")
    assert [claim["label"] for claim in newest.review.confirmed_claims] == [ClaimLabel.BENEFIT]
    assert newest.review.note == "เห็นตามคนที่สอง"
    assert "บันทึกผลชี้ขาดแล้ว" in lead.get("/second-look?settled=1").text
    assert lead.get(f"/second-look/{found.look.id}").status_code == 404


def test_a_lead_decides_anew_and_an_old_page_is_refused(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    decide(number, CLEAR)
    (found,) = filled.store.second_looks.disagreements()
    address = f"/second-look/{found.look.id}"
    page = lead.get(address).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    anew = {"decision": Verdict.NEEDS_PERMIT.value, "claim-1": "reject", "claim-4": "confirm"}
    assert lead.post(address, data=hidden | anew | {"assessment": "9999"}).status_code == 409
    assert lead.post(address, data=hidden | {"decision": "unsure"}).status_code == 422
    assert lead.post(address, data=hidden | {"decision": ""}).status_code == 422
    assert lead.post(address, data=hidden | anew).status_code == 303
    review = filled.store.reviews.history(number)[0].review
    assert review.decision == Verdict.NEEDS_PERMIT
    assert [claim["label"] for claim in review.confirmed_claims] == [ClaimLabel.BENEFIT]


def test_a_lead_who_reads_blind_learns_of_the_decision_on_no_page_of_leads(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any], become: Any
) -> None:
    """Second looks, warnings and referrals, while the second reader may still change their mind."""
    number = filled.ids["worst"]
    become(Role.LEAD)
    mali = filled.store.users.find("mali").id
    alert = filled.store.alerts.publish(first.id, mali, "ปต", ProductClass.FOOD, "ประกาศทดสอบ", "ห้ามซื้อ")
    decide(number, CLEAR)
    (found,) = filled.store.second_looks.disagreements()
    (referral,) = filled.store.referrals.of_listing(number)
    told = {
        "/second-look": f"/second-look/{found.look.id}",
        "/alert-desk": alert.number,
        f"/cases/{number}": alert.number,
    }
    for address, words in told.items():
        assert words in lead.get(address).text, address
        assert words not in client.get(address).text, address
    for address in (
        f"/second-look/{found.look.id}",
        f"/alert-desk/{alert.id}",
        f"/cases/{number}/alert",
        f"/referrals/{referral.id}",
    ):
        assert lead.get(address).status_code == 200, address
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("path", ["", "/1", "/agreement", "/agreement.csv", "/golden"])
def test_reviewers_open_none_of_the_leads_pages(client: TestClient, filled: Any, path: str) -> None:
    assert client.get(f"/second-look{path}").status_code == 403
    assert 'href="/second-look"' not in client.get("/queue").text


def test_a_golden_case_is_marked_dealt_read_and_retired(
    client: TestClient,
    lead: TestClient,
    filled: Any,
    decide: Callable[..., Any],
    token: Callable[[str], str],
    become: Any,
) -> None:
    number = filled.ids["worst"]
    row = filled.store.listing(number)
    record_review(
        filled.store,
        row.assessment_id,
        filled.store.users.find("lek").id,
        PROHIBITED,
        confirmed=[0, 1],
        rejected=[2],
    )
    deal(filled, looks=0)
    page = lead.get(f"/cases/{number}").text
    assert lead.post(f"/cases/{number}/golden", data={"csrf": token(page)}).status_code == 303
    assert "เคสนี้เป็นกรณีมาตรฐาน" in lead.get(f"/cases/{number}").text
    assert lead.post(f"/cases/{number}/golden", data={"csrf": token(page)}).status_code == 422
    decide(filled.ids["serum"], PROHIBITED)
    assert deal(filled, looks=0, golden=1).tasks == 1
    shown = client.get(f"/cases/{number}").text
    assert "กรณีมาตรฐาน" not in shown
    assert "เล็ก ผู้พิจารณา" not in without_colleagues(shown)
    become(Role.LEAD)  # A new lead still reads it blind.
    for one, there in ((lead, True), (client, False)):
        assert (f"/cases/{number}" in one.get("/second-look/golden").text) is there
    become(Role.REVIEWER)
    feed = len(filled.store.decisions.after())
    assert decide(number, CLEAR).status_code == 303
    assert len(filled.store.decisions.after()) == feed
    agreement = lead.get("/second-look/agreement").text
    assert "นก ผู้พิจารณา" in agreement
    assert "น้อยกว่า 10 กรณี" in agreement
    listed = lead.get("/second-look/golden").text
    action = re.search(r'action="(/second-look/golden/\d+/retire)"', listed)
    assert action
    assert lead.post(action[1], data={"csrf": token(listed)}).status_code == 303
    assert "ยังไม่มีกรณีมาตรฐาน" in lead.get("/second-look/golden").text
    assert lead.post(action[1], data={"csrf": token(listed)}).status_code == 404


def test_agreement_says_so_where_there_is_little_and_comes_as_csv(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    decide(filled.ids["worst"], CLEAR)
    page = lead.get("/second-look/agreement?days=30").text
    assert "ยังน้อยเกินไป" in page
    assert "เล็ก ผู้พิจารณา" in page
    answer = lead.get("/second-look/agreement.csv?days=30")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    verdicts = {row["reviewer"]: row for row in rows if row["question"] == "verdict"}
    assert set(verdicts) == {"everybody", "เล็ก ผู้พิจารณา", "นก ผู้พิจารณา"}
    assert {(row["pairs"], row["same"], row["too_few"]) for row in verdicts.values()} == {("1", "0", "1")}
    assert "agreement.view" in [entry.action for entry in filled.store.audit.entries(limit=500)]


def test_a_lead_sees_what_lapsed_but_not_where_they_read_or_decided_themselves(
    lead: TestClient, first: Any, filled: Any, app: FastAPI, log_in: Callable[..., Any], password: str
) -> None:
    assert 'id="lapsed"' not in lead.get("/second-look").text
    filled.store.users.create("som", password, "ส้ม ผู้พิจารณา")
    with filled.store.database.writing() as session:
        session.query(BlindTask).one().dealt_at -= timedelta(days=8)
    assert deal(filled, looks=0).tasks == 1
    page = lead.get("/second-look").text
    for words in ("หมดเวลา", "แคปซูลใบรุ่งเรือง", "นก ผู้พิจารณา", "ไม่ได้เริ่ม", "มอบให้ ส้ม ผู้พิจารณา"):
        assert words in page
    filled.store.users.set_role("som", Role.LEAD, "cli")
    filled.store.users.set_role("lek", Role.LEAD, "cli")
    for name in ("som", "lek"):
        with TestClient(app, follow_redirects=False) as client:
            log_in(client, name)
            assert 'id="lapsed"' not in client.get("/second-look").text
