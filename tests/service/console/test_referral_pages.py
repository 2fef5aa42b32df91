"""Referrals through the console: drafting, the pack, sending, what comes of it."""

import io
import re
import zipfile
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.console.referrals import day_of
from service.store.columns import now
from service.store.models import Role
from service.store.referral_steps import ReferralRefused
from service.store.referral_tables import ReferralStatus
from service.thai_calendar import local_day

Decide = Callable[..., Any]


@pytest.fixture
def drafted(client: TestClient, filled: Any, decide: Decide, token: Callable[[str], str]) -> str:
    """The address of a draft to the consumer police, which the decision proposed."""
    number = filled.ids["worst"]
    assert decide(number, "prohibited", {1: "confirm"}, referral="consumer_police").status_code == 303
    page = client.get(f"/cases/{number}").text
    assert "ผู้พิจารณาเสนอให้ส่ง: ตำรวจ ปคบ." in page
    review = re.search(r'name="review" value="(\d+)"', page)
    assert review
    form = {"csrf": token(page), "review": review[1], "recipient": "consumer_police", "province": ""}
    answer = client.post(f"/cases/{number}/referrals", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def lead(filled: Any) -> None:
    filled.store.users.set_role("nok", Role.LEAD, "cli")


def send(client: TestClient, where: str, token: Callable[[str], str], **more: str) -> Any:
    page = client.get(where).text
    seen = re.search(r'name="last_event" value="(\d+)"', page)
    fields = {
        "csrf": token(page),
        "last_event": seen[1] if seen else "0",
        "status": "sent",
        "day": local_day(now()).isoformat(),
        "channel": "post",
        "address": "กองบังคับการ ปคบ.",
    }
    return client.post(f"{where}/record", data=fields | more)


def test_a_draft_shows_on_its_page_its_case_and_the_list(
    client: TestClient, filled: Any, drafted: str
) -> None:
    page = client.get(drafted)
    assert page.status_code == 200
    (row,) = filled.store.referrals.of_listing(filled.ids["worst"])
    assert row.number in page.text
    assert "หัวหน้างานหรือผู้ดูแลระบบเป็นผู้บันทึก" in page.text
    assert 'id="send"' not in page.text
    case = client.get(f"/cases/{filled.ids['worst']}").text
    assert f'href="{drafted}"' in case
    assert "ผู้พิจารณาเสนอให้ส่ง" not in case
    found = client.get("/referrals?status=draft&recipient=consumer_police").text
    assert row.number in found
    assert row.number not in client.get("/referrals?recipient=revenue").text
    assert row.number not in client.get("/referrals?idle=7").text
    assert client.get("/referrals?status=nonsense&page=x&idle=3").status_code == 200


def test_the_pack_is_downloaded_and_that_stands_on_the_trail(
    client: TestClient, filled: Any, drafted: str
) -> None:
    answer = client.get(f"{drafted}/pack")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(
        r'attachment; filename="referral-\d{4}-0001\.zip"', answer.headers["content-disposition"]
    )
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"letter.docx", "letter.pdf", "case.json", "SHA256SUMS"} <= set(names)
    (entry,) = filled.store.audit.newest(5, action="referral.download")
    assert entry.actor == "reviewer:nok"
    assert entry.detail["bytes"] == len(answer.content)
    assert entry.detail["recipient"] == "consumer_police"


def test_a_lead_sends_and_records_what_comes_of_it(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    lead(filled)
    pack = client.get(f"{drafted}/pack").content
    assert send(client, drafted, token, reference="EX123").status_code == 303
    page = client.get(drafted).text
    assert "ไปรษณีย์ → <bdi>กองบังคับการ ปคบ.</bdi>" in page
    assert "EX123" in page
    assert sha256(pack).hexdigest() in page
    outcome = send(
        client, drafted, token, status="acted", channel="", address="", note="จับกุมแล้ว <b>1</b> ราย"
    )
    assert outcome.status_code == 303
    page = client.get(drafted).text
    assert "จับกุมแล้ว &lt;b&gt;1&lt;/b&gt; ราย" in page
    assert 'id="send"' not in page
    assert (
        send(client, drafted, token, status="closed", channel="", address="", note="เสร็จสิ้น").status_code
        == 303
    )
    (row,) = filled.store.referrals.of_listing(filled.ids["worst"])
    assert row.status == ReferralStatus.CLOSED


def test_what_was_typed_survives_a_refusal(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    lead(filled)
    answer = send(client, drafted, token, address="", note="หมายเหตุที่พิมพ์ไว้", reference="R-1")
    assert answer.status_code == 422
    assert "ต้องระบุว่าส่งไปที่ใด" in answer.text
    assert "หมายเหตุที่พิมพ์ไว้" in answer.text
    for more in ({"day": "yesterday"}, {"day": "2001-01-01"}, {"status": "nonsense"}, {"channel": "pigeon"}):
        assert send(client, drafted, token, **more).status_code == 422
    assert send(client, drafted, token, last_event="0").status_code == 409
    assert len(filled.store.referrals.events(1)) == 1


def test_a_reviewer_may_not_send(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    form = {"csrf": token(client.get(drafted).text), "status": "sent"}
    assert client.post(f"{drafted}/record", data=form).status_code == 403
    assert len(filled.store.referrals.events(1)) == 1


def test_an_integrator_sees_no_referral(client: TestClient, filled: Any, drafted: str) -> None:
    filled.store.users.set_role("nok", Role.INTEGRATOR, "cli")
    for address in ("/referrals", drafted, f"{drafted}/pack"):
        assert client.get(address).status_code == 403
    assert filled.store.audit.newest(5, action="referral.download") == []


def test_a_withdrawn_decision_is_said_and_stops_the_sending(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    lead(filled)
    row = filled.store.referrals.get(1)
    filled.store.reviews.withdraw(row.review_id, row.created_by)
    assert "ถูกถอนหรือเปลี่ยนแล้ว" in client.get(drafted).text
    assert send(client, drafted, token).status_code == 422
    assert 'id="make-referral"' not in client.get(f"/cases/{row.listing_id}").text


@pytest.mark.parametrize(
    "more",
    [
        {"recipient": "nobody"},
        {"recipient": "province"},
        {"recipient": "province", "province": "กรุงโรม"},
        {"review": "999"},
        {"review": "๑"},
        {"recipient": "consumer_police"},
    ],
)
def test_a_form_that_makes_no_sense_makes_no_referral(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str], more: dict[str, str]
) -> None:
    number = filled.ids["worst"]
    page = client.get(f"/cases/{number}").text
    review = str(filled.store.referrals.get(1).review_id)
    form = {"csrf": token(page), "review": review, "recipient": "revenue"} | more
    assert client.post(f"/cases/{number}/referrals", data=form).status_code == 422
    assert (
        client.post(f"/cases/{filled.ids['serum']}/referrals", data=form | {"review": review}).status_code
        == 422
    )
    assert len(filled.store.referrals.of_listing(number)) == 1


@pytest.mark.parametrize("address", ["/referrals/99", "/referrals/0", f"/referrals/{10**30}", "/referrals/x"])
def test_there_is_no_such_referral(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/pack").status_code == 404


def test_a_broken_template_is_said_and_nothing_leaves(
    client: TestClient, app: Any, filled: Any, drafted: str, tmp_path: Any
) -> None:
    (tmp_path / "office.toml").write_text("name = ")
    app.state.referral_desk.packer.templates.folder = tmp_path
    answer = client.get(f"{drafted}/pack")
    assert answer.status_code == 503
    assert "office.toml" in answer.text
    assert filled.store.audit.newest(5, action="referral.download") == []


def test_a_day_is_written_in_either_calendar() -> None:
    assert day_of("2026-11-24") == day_of("2569-11-24") == day_of("๒๔/๑๑/๒๕๖๙")
    assert day_of("2026-11-24").hour == 12
    for text in ("", "24/11", "2569-02-30", "30/2/2569", "1/1/" + "9" * 40, "99999-01-01"):
        with pytest.raises(ReferralRefused):
            day_of(text)
