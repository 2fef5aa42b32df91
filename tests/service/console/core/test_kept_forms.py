"""A form sent after the session has ended is restored after login, and is not submitted automatically."""

import logging
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from labels.taxonomy import ProductClass, Verdict
from service.complaints.intake import filing_of
from service.console.core.kept_forms import COOKIE, RESTORED, RESTORED_IN_PART, page_of
from service.console.core.session import COOKIE as SESSION
from service.console.core.session import SENDER_SECONDS
from service.running.kept_forms import KeptFormSweep
from service.store.accounts.kept_forms import MAX_SEALED, MOST_OF_ONE, KeptForm
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient
from tests.helpers.stored import record_review

NOTE = "ผู้ขายอ้างว่ารักษาเบาหวาน ตรวจแล้ว"
PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


def kept(office: Any) -> list[KeptForm]:
    with office.store.database.reading() as session:
        return list(session.scalars(select(KeptForm)))


def test_marks_and_note_come_back_and_nothing_is_decided(
    client: TestClient,
    filled: Any,
    too_late: Callable[..., Any],
    come_back: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    worst = filled.ids["worst"]
    chosen = {"claim-1": "confirm", "claim-3": "reject", "note": NOTE, "hold": "1", "decision": PROHIBITED}
    with caplog.at_level(logging.DEBUG):
        answer = too_late(client, f"/cases/{worst}?verdict=prohibited", chosen, f"/cases/{worst}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next=%2Fcases%2F{worst}"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "Max-Age=3600" in cookie
    (row,) = kept(filled)
    for place in (cookie, row.sealed, row.token_sha256, *(record.getMessage() for record in caplog.records)):
        assert NOTE not in unquote(place)
    assert row.token_sha256 not in cookie
    assert "สิ่งที่เลือกและพิมพ์ไว้จะกลับมา" in client.get(answer.headers["location"]).text

    page = come_back(client, answer)
    assert page.status_code == 200
    assert "หมดเวลาเข้าสู่ระบบ" in page.text
    assert (
        'lang="en">The page was open for too long, or your session had ended: nothing was saved.' in page.text
    )
    assert NOTE in page.text
    assert 'name="claim-1" value="confirm" checked' in page.text
    assert 'name="claim-3" value="reject" checked' in page.text
    assert 'name="hold" value="1" checked' in page.text
    assert '<input type="hidden" name="verdict" value="prohibited">' in page.text  # the queue's filter
    assert filled.store.reviews.history(worst) == []
    # It is given once.
    assert kept(filled) == []
    assert COOKIE not in client.cookies
    assert NOTE not in client.get(f"/cases/{worst}").text
    # The page is as good as any: the button works.
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    sent = client.post(f"/cases/{worst}", data=fields | chosen)
    assert sent.status_code == 303
    assert filled.store.reviews.history(worst)[0].review.note == NOTE


def test_a_message_comes_back_beside_the_marks_and_a_password_is_not_kept(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    page = client.get(f"/cases/{worst}").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    too_late(client, f"/cases/{worst}", {"text": "ถามเพื่อน"}, f"/cases/{worst}/thread")
    secret = "a password typed in the wrong place"
    answer = client.post(f"/cases/{worst}", data=hidden | {"note": NOTE, "password": secret})
    cipher = client.app.state.console.kept_forms._cipher  # type: ignore[attr-defined]
    assert [secret in cipher.decrypt(row.sealed, 60) for row in kept(filled)] == [False, False]
    restored = come_back(client, answer).text
    assert "ถามเพื่อน</textarea>" in restored
    assert NOTE in restored
    assert kept(filled) == []
    assert COOKIE not in client.cookies


def test_somebody_else_who_logs_in_does_not_get_it(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    answer = too_late(client, f"/cases/{worst}", {"claim-1": "confirm", "note": NOTE, "decision": CLEAR})
    page = come_back(client, answer, "lek")
    assert NOTE not in page.text
    assert 'value="confirm" checked' not in page.text
    client.cookies.delete(SESSION)
    assert NOTE in come_back(client, answer).text


def test_another_browser_of_the_same_person_does_not_get_it(
    app: FastAPI, client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    answer = too_late(client, f"/cases/{worst}", {"note": NOTE, "decision": CLEAR})
    with TestClient(app, follow_redirects=False) as other:
        assert NOTE not in come_back(other, answer).text


def test_after_an_hour_it_is_gone(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    answer = too_late(client, f"/cases/{worst}", {"note": NOTE, "decision": CLEAR})
    assert filled.store.kept_forms.drop_old() == 0
    with filled.store.database.writing() as session:
        session.scalars(select(KeptForm)).one().created_at -= timedelta(hours=1)
    assert NOTE not in come_back(client, answer).text
    assert KeptFormSweep(filled.store).step() is False
    assert kept(filled) == []


def test_a_form_with_no_token_of_ours_is_not_kept(
    client: TestClient, filled: Any, token: Callable[[str], str]
) -> None:
    worst = filled.ids["worst"]
    right = token(client.get(f"/cases/{worst}").text)
    client.cookies.clear()
    stranger = token(client.get("/login").text)
    forged = right[:40] + "00000002" + right[48:]
    altered = right[:-1] + ("0" if right[-1] != "0" else "1")
    for csrf in ("", "0" * 64, "ก", right[:-2], altered, forged, stranger):
        answer = client.post(f"/cases/{worst}", data={"csrf": csrf, "note": NOTE, "decision": CLEAR})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), csrf
    assert kept(filled) == []


def test_a_form_of_an_earlier_session_comes_back_to_the_same_person_alone(
    client: TestClient, filled: Any, log_in: Callable[..., Any], token: Callable[[str], str]
) -> None:
    worst = filled.ids["worst"]
    page = client.get(f"/cases/{worst}").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    fields |= {"csrf": token(page), "note": NOTE, "decision": CLEAR}
    client.cookies.clear()
    log_in(client, "lek")
    assert client.post(f"/cases/{worst}", data=fields).status_code == 403
    assert kept(filled) == []
    client.cookies.clear()
    log_in(client)
    answer = client.post(f"/cases/{worst}", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{worst}")
    # The page's script follows the redirect first, and only then does the browser open the page.
    assert NOTE not in client.get(f"/cases/{worst}", headers={"Accept": "application/json"}).text
    assert NOTE in client.get(f"/cases/{worst}").text
    assert filled.store.reviews.history(worst) == []
    # A form that no page fills in again is refused as before.
    assert client.post("/logout", data={"csrf": fields["csrf"]}).status_code == 403


def test_only_the_note_comes_back_where_the_case_was_assessed_anew(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    answer = too_late(client, f"/cases/{worst}", {"claim-1": "confirm", "note": NOTE, "decision": CLEAR})
    row = filled.store.assessments.get(filled.store.listing(worst).assessment_id)
    filled.store.assessments.record(worst, row.shape())
    page = come_back(client, answer).text
    assert NOTE in page
    assert "นำกลับมาได้เฉพาะบันทึก" in page
    assert 'value="confirm" checked' not in page


def test_what_is_kept_is_bounded(
    client: TestClient, filled: Any, too_late: Callable[..., Any], log_in: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    answer = too_late(client, f"/cases/{worst}", {"note": "x" * (MAX_SEALED - 5000), "decision": CLEAR})
    assert answer.headers["location"] == f"/login?next=%2Fcases%2F{worst}&unsaved=1"
    assert "set-cookie" not in answer.headers
    assert "โปรดเข้าสู่ระบบแล้วทำอีกครั้ง" in client.get(answer.headers["location"]).text
    assert kept(filled) == []
    for _ in range(MOST_OF_ONE + 2):
        client.cookies.clear()  # or the page would restore the form
        log_in(client)
        too_late(client, f"/cases/{worst}", {"note": NOTE, "decision": CLEAR})
    assert len(kept(filled)) == MOST_OF_ONE


def test_forms_without_words_of_their_own_lead_back_to_their_page(
    client: TestClient, filled: Any, too_late: Callable[..., Any]
) -> None:
    worst = filled.ids["worst"]
    answer = too_late(client, f"/cases/{worst}", {"action": "release"}, f"/cases/{worst}/claim")
    assert answer.headers["location"] == f"/login?next=%2Fcases%2F{worst}&unsaved=1"
    assert kept(filled) == []
    assert page_of("/complaints/export", "/complaints/export") == "/complaints"
    assert page_of("/cases/{listing_id}/alert", "/cases/7/alert") == "/cases/7/alert"


def test_a_step_of_a_referral_comes_back(
    lead: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    row = _referral(filled)
    fields = {"status": "sent", "day": "24/11/2569", "channel": "email", "address": "a@police.example"}
    fields |= {"reference": "ที่ 12/2569", "note": NOTE}
    answer = too_late(lead, f"/referrals/{row.id}", fields, f"/referrals/{row.id}/record")
    page = come_back(lead, answer, "mali").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert "ในระหว่างนั้น" not in page
    assert 'value="24/11/2569"' in page
    assert '<option value="email" selected>' in page
    assert 'value="a@police.example"' in page
    assert 'value="ที่ 12/2569"' in page
    assert NOTE in page
    assert filled.store.referrals.get(row.id).status == "draft"


def test_what_was_typed_at_a_complaint_comes_back(
    lead: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    given = {"category": "late", "detail": "ของไม่มา", "contact_name": "สมชาย", "contact": "0812345678"}
    number = filled.store.complaints.file(filing_of(given), "form", "form").complaint_id
    action = f"/complaints/{number}/erase"
    answer = too_late(lead, f"/complaints/{number}", {"request": "PDPA 9/2569"}, action)
    page = come_back(lead, answer, "mali").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert 'value="PDPA 9/2569"' in page
    assert filled.store.complaints.get(number).contact == "0812345678"


def test_an_alert_comes_back_drafted_corrected_and_withdrawn(
    lead: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    review, mali = _decided(filled), filled.store.users.find("mali").id
    where = f"/cases/{filled.ids['worst']}/alert"
    words = {"title": "หัวข้อใหม่", "text": "ข้อความใหม่ทั้งหมด", "deed": "publish"}
    page = come_back(lead, too_late(lead, where, words), "mali").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert 'value="หัวข้อใหม่"' in page
    assert "ข้อความใหม่ทั้งหมด" in page
    alert = filled.store.alerts.publish(review.id, mali, "ปต", ProductClass.FOOD, "หัวข้อ", "ห้ามซื้อ")
    desk = f"/alert-desk/{alert.id}"
    words |= {"what": "แก้ชื่อ"}
    page = come_back(lead, too_late(lead, f"{desk}/correct", words), "mali").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert "ข้อความใหม่ทั้งหมด" in page
    assert "แก้ชื่อ" in page
    page = come_back(lead, too_late(lead, desk, {"reason": "ซ้ำกับฉบับก่อน"}, f"{desk}/withdraw"), "mali").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert "ซ้ำกับฉบับก่อน" in page
    now_is = filled.store.alerts.get(alert.id)
    assert (now_is.title, now_is.withdrawn) == ("หัวข้อ", False)


def test_what_was_chosen_to_settle_comes_back(
    lead: TestClient,
    client: TestClient,
    filled: Any,
    decide: Callable[..., Any],
    too_late: Callable[..., Any],
    come_back: Callable[..., Any],
    log_in: Callable[..., Any],
) -> None:
    _decided(filled)
    mali = filled.store.users.find("mali").id
    filled.store.users.set_role("mali", Role.INTEGRATOR, "cli")
    assert filled.store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    filled.store.users.set_role("mali", Role.LEAD, "cli")
    lead.cookies.clear()  # another role has ended the session
    log_in(lead, "mali")
    decide(filled.ids["worst"], CLEAR)
    (found,) = filled.store.second_looks.disagreements()
    assert found.second_id != mali
    where = f"/second-look/{found.look.id}"
    chosen = {"claim-2": "reject", "note": NOTE, "decision": CLEAR}
    page = come_back(lead, too_late(lead, where, chosen), "mali").text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert NOTE in page
    assert 'name="claim-2" value="reject" checked' in page
    assert RESTORED[0] in page
    again = come_back(lead, too_late(lead, where, chosen | {"assessment": "9999"}), "mali").text
    assert RESTORED_IN_PART[0] in again
    assert filled.store.second_looks.disagreements() != []


def _decided(office: Any) -> Any:
    row = office.store.listing(office.ids["worst"])
    lek = office.store.users.find("lek").id
    return record_review(office.store, row.assessment_id, lek, PROHIBITED, confirmed=[0])


def _referral(office: Any) -> Any:
    lek = office.store.users.find("lek").id
    return office.store.referrals.create(_decided(office).id, lek, Recipient.CONSUMER_POLICE, "รท")


def test_a_form_that_lay_open_for_too_long_comes_back_filled_in_and_does_nothing(
    client: TestClient, app: FastAPI, filled: Any, token: Callable[[str], str]
) -> None:
    worst, sessions = filled.ids["worst"], app.state.console.sessions
    page = client.get(f"/cases/{worst}").text
    fields = dict(re.findall(r'<input type="hidden" name="(assessment|last_review)" value="([^"]*)">', page))
    fields |= {"csrf": token(page), "note": NOTE, "claim-1": "confirm", "decision": PROHIBITED}
    opened = time.time()
    sessions.clock = lambda: opened + sessions.seconds + 60
    answer = client.post(f"/cases/{worst}", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{worst}")
    assert filled.store.reviews.history(worst) == []
    again = client.get(f"/cases/{worst}").text
    assert "หน้านี้เปิดไว้นานเกินไป" in again
    assert NOTE in again
    assert client.post(f"/cases/{worst}", data=fields | {"csrf": token(again)}).status_code == 303
    assert len(filled.store.reviews.history(worst)) == 1
    # A form that no page shows again is refused, and says what to do.
    late = client.post("/logout", data={"csrf": fields["csrf"]})
    assert (late.status_code, "แบบฟอร์มนี้หมดอายุ" in late.text) == (403, True)
    # After a month the form no longer reveals whose it was.
    sessions.clock = lambda: opened + SENDER_SECONDS + 60
    assert sessions.sender_of(fields["csrf"]) is None
    assert client.post(f"/cases/{worst}", data=fields).status_code == 403
