"""A lead who reads a case blind still sees the alerts and referrals that she made about it."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from labels.taxonomy import ProductClass
from service.store.tables.alert_tables import AlertRow
from service.store.tables.blind_tables import BlindTask, SecondLook
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient
from tests.helpers.stored import record_review

from .conftest import CLEAR, NOTE, PROHIBITED, deal


def _becomes_lead(office: Any, name: str = "nok") -> int:
    office.store.users.set_role(name, Role.LEAD, "cli")
    number: int = office.store.users.find(name).id
    return number


@pytest.fixture
def shaken(filled: Any) -> Any:
    """An alert that nok, a lead, published on lek's decision; pim decided again, and nok is to read that
    blind."""
    number, users = filled.ids["worst"], filled.store.users
    nok, lek = _becomes_lead(filled), users.find("lek").id
    assessment = filled.store.listing(number).assessment_id
    earlier = record_review(filled.store, assessment, lek, PROHIBITED, confirmed=[0])
    filled.store.referrals.create(earlier.id, nok, Recipient.REVENUE, "รท")
    filled.store.referrals.create(earlier.id, lek, Recipient.MINISTRY, "รท")
    alert = filled.store.alerts.publish(earlier.id, nok, "ปต", ProductClass.FOOD, "ประกาศทดสอบ", "ห้ามซื้อ")
    pim = users.create("pim", "รหัสผ่าน-ยาว-พอ", "พิม ผู้พิจารณา").id
    record_review(filled.store, assessment, pim, CLEAR, note=NOTE)
    assert deal(filled).tasks == 1
    assert set(filled.store.blinds.of(nok)) == {number}
    return alert


def test_a_lead_sees_her_own_alert_and_referral_of_a_case_that_she_reads_blind(
    client: TestClient, shaken: Any, filled: Any, log_in: Callable[..., Any]
) -> None:
    number = filled.ids["worst"]
    log_in(client)  # The new role ended her session.
    own, others = filled.store.referrals.of_listing(number)
    assert "/alert-desk?list=shaken" in client.get("/queue?view=all").text
    desk = client.get("/alert-desk?list=shaken").text
    assert shaken.number in desk
    assert "มีประกาศ 1 รายการ" in desk
    for address in (f"/alert-desk/{shaken.id}", f"/referrals/{own.id}"):
        assert client.get(address).status_code == 200, address
    listed, case = client.get("/referrals").text, client.get(f"/cases/{number}").text
    assert own.number in listed
    assert own.number in case
    assert shaken.number in case
    # Other people's alerts and the other reader's decision stay hidden.
    assert others.number not in listed + case
    assert client.get(f"/referrals/{others.id}").status_code == 404
    assert client.get(f"/cases/{number}/alert").status_code == 404
    for page in (desk, listed, case, client.get(f"/alert-desk/{shaken.id}").text):
        # Her name may appear among possible assignees, but not beside a decision.
        assert "พิม ผู้พิจารณา ·" not in page
        assert "· พิม ผู้พิจารณา" not in page
        assert NOTE not in page


def test_a_draft_that_a_later_decision_took_over_tells_its_maker_nothing_of_that(
    client: TestClient, filled: Any, log_in: Callable[..., Any]
) -> None:
    number, nok = filled.ids["worst"], _becomes_lead(filled)
    log_in(client)
    assessment = filled.store.listing(number).assessment_id
    lek = filled.store.users.find("lek").id
    earlier = record_review(filled.store, assessment, lek, PROHIBITED, confirmed=[0])
    row = filled.store.referrals.create(earlier.id, nok, Recipient.REVENUE, "รท")
    again = record_review(filled.store, assessment, lek, PROHIBITED, confirmed=[0, 1], note=NOTE)
    with filled.store.database.writing() as session:
        task = BlindTask(reviewer_id=nok, listing_id=number, review_id=again.id)
        look = SecondLook(listing_id=number, review_id=again.id)
        session.add(look)
        session.flush()
        task.look_id = look.id
        session.add(task)
    assert filled.store.referrals.get(row.id).review_id == again.id
    assert client.get(f"/referrals/{row.id}").status_code == 404
    assert row.number not in client.get("/referrals").text


def test_an_admin_is_told_of_a_shaken_alert_that_no_lead_sees(
    app: FastAPI, client: TestClient, shaken: Any, filled: Any, log_in: Callable[..., Any], password: str
) -> None:
    users = filled.store.users
    log_in(client)
    with filled.store.database.writing() as session:  # As if it had been published by somebody who left.
        session.query(AlertRow).one().published_by = users.find("lek").id
    # Nobody else may see it, so nok, who reads the case blind, is notified all the same.
    assert shaken.number in client.get("/alert-desk?list=shaken").text
    users.create("anan", password, "อนันต์ ผู้ดูแลระบบ", role=Role.ADMIN)
    assert shaken.number not in client.get("/alert-desk").text
    assert client.get(f"/alert-desk/{shaken.id}").status_code == 404
    told = "ไม่มีหัวหน้างานคนใดเห็นคำเตือนของประกาศ"
    with TestClient(app, follow_redirects=False) as admin:
        log_in(admin, "anan")
        desk = admin.get("/alert-desk").text
        assert told in desk
        assert "No lead can currently see the warning about these alerts" in desk
        assert shaken.number in desk.partition(told)[2].partition("</div>")[0]
        # An admin who is the only one left sees it, blind or not.
        with filled.store.database.writing() as session:
            session.query(BlindTask).one().reviewer_id = users.find("anan").id
        users.disable(users.find("nok").id)
        assert told in admin.get("/alert-desk").text
        assert admin.get(f"/alert-desk/{shaken.id}").status_code == 200
        # If a lead sees it, nobody else needs to be notified.
        users.create("mali", password, "มะลิ หัวหน้างาน", role=Role.LEAD)
        assert told not in admin.get("/alert-desk").text
        assert admin.get(f"/alert-desk/{shaken.id}").status_code == 404


def test_who_made_a_warning_or_a_referral_of_a_decision_is_not_asked_to_read_it_blind(filled: Any) -> None:
    number, nok = filled.ids["worst"], _becomes_lead(filled)
    row = filled.store.listing(number)
    first = record_review(
        filled.store, row.assessment_id, filled.store.users.find("lek").id, PROHIBITED, confirmed=[0]
    )
    filled.store.alerts.publish(first.id, nok, "ปต", ProductClass.FOOD, "ประกาศทดสอบ", "ห้ามซื้อ")
    assert deal(filled).tasks == 0
    pim = filled.store.users.create("pim", "รหัสผ่าน-ยาว-พอ", "พิม ผู้พิจารณา").id
    filled.store.referrals.create(first.id, pim, Recipient.REVENUE, "รท")
    assert deal(filled).tasks == 0
    filled.store.users.create("ying", "รหัสผ่าน-ยาว-พอ", "หญิง ผู้พิจารณา")
    assert deal(filled).tasks == 1
