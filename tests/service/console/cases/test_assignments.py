"""Two reviewers and a lead around one case."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.tables.core_tables import Role


@pytest.fixture
def worst(filled: Any) -> int:
    number: int = filled.ids["worst"]
    return number


@pytest.fixture
def lek(app: FastAPI, client: TestClient, log_in: Callable[..., Any]) -> Iterator[TestClient]:
    """A second reviewer."""
    with TestClient(app, follow_redirects=False) as other:
        assert log_in(other, "lek").status_code == 303
        yield other


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def act(client: TestClient, number: int, action: str, **more: str) -> Any:
    fields = hidden(client.get("/queue").text)
    return client.post(f"/cases/{number}/claim", data={"csrf": fields["csrf"], "action": action} | more)


def test_looking_takes_nothing_and_the_first_mark_takes_the_case(
    client: TestClient, lek: TestClient, filled: Any, worst: int
) -> None:
    for one in (client, lek):
        page = one.get(f"/cases/{worst}").text
        assert "data-lease" in page
        assert "data-held" not in page
        assert 'name="decision" value="prohibited"' in page
    assert filled.store.assignments.holder(worst) is None
    told = act(client, worst, "begin").json()
    assert (told["state"], told["words"][:16]) == ("mine", "ท่านรับเคสนี้ไว้")
    assert act(lek, worst, "begin").json()["state"] == "other"
    mine = client.get(f"/cases/{worst}").text
    assert "ท่านรับเคสนี้ไว้" in mine
    assert "data-held" in mine
    other = lek.get(f"/cases/{worst}").text
    assert "นก ผู้พิจารณา</b> รับเคสนี้ไว้ตั้งแต่" in other
    assert 'name="decision" value="prohibited"' not in other
    assert "data-lease" not in other
    row = re.sub(r"<[^>]*>", "", lek.get("/queue").text)
    assert "นก ผู้พิจารณา รับเคสไว้ ตั้งแต่" in row
    assert f"/cases/{worst}" in client.get("/queue?assigned=me").text
    assert f"/cases/{worst}" not in lek.get("/queue?assigned=me").text
    assert f"/cases/{worst}" not in lek.get("/queue?assigned=nobody").text
    assert f"/cases/{worst}" in lek.get("/queue?assigned=anyone").text


def test_a_mark_without_script_takes_the_case_too(client: TestClient, filled: Any, worst: int) -> None:
    fields = hidden(client.get(f"/cases/{worst}").text)
    marked = client.post(f"/cases/{worst}", data=fields | {"claim-1": "confirm", "refresh": "1"})
    assert "ท่านรับเคสนี้ไว้" in marked.text
    assert filled.store.assignments.holder(worst).reviewer_name == "นก ผู้พิจารณา"


def test_skipping_releases_the_case_and_opens_the_next(
    client: TestClient, lek: TestClient, filled: Any, worst: int, become: Any
) -> None:
    act(client, worst, "begin")
    skipped = act(client, worst, "skip", verdict="prohibited")
    assert skipped.headers["location"] == f"/cases/{filled.ids['serum']}?verdict=prohibited"
    assert filled.store.assignments.holder(worst) is None
    act(client, worst, "begin")
    assert act(lek, worst, "skip").status_code == 303
    assert filled.store.assignments.holder(worst).reviewer_name == "นก ผู้พิจารณา", "another's is not released"
    assert act(client, 9999, "skip").status_code == 404
    become(Role.LEAD)
    assert act(client, worst, "hand", to=str(filled.store.users.find("nok").id)).status_code == 303
    act(client, worst, "skip")
    assert filled.store.assignments.holder(worst) is not None, "what was assigned stays so"


def test_the_script_gets_the_next_address_and_a_notice(client: TestClient, filled: Any, worst: int) -> None:
    fields = hidden(client.get(f"/cases/{worst}", headers={"X-Ahead": "1"}).text)
    made = fields | {"decision": Verdict.PROHIBITED, "claim-1": "confirm", "claim-2": "confirm"}
    told = client.post(f"/cases/{worst}", data=made, headers={"Accept": "application/json"}).json()
    (past,) = filled.store.reviews.history(worst)
    assert told["next"] == f"/cases/{filled.ids['serum']}?saved={past.review.id}"
    assert f'name="review" value="{past.review.id}"' in told["notice"]
    refused = client.post(f"/cases/{worst}", data=made, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "text/html; charset=utf-8")


def test_a_decided_case_is_looked_at_without_taking_it(
    client: TestClient, lek: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    assert decide(worst, Verdict.PROHIBITED).status_code == 303
    assert filled.store.assignments.holder(worst) is None
    lek.get(f"/cases/{worst}")
    assert filled.store.assignments.holder(worst) is None


def test_nobody_decides_a_case_that_somebody_else_has(
    client: TestClient, lek: TestClient, filled: Any, worst: int
) -> None:
    fields = hidden(lek.get(f"/cases/{worst}").text)
    act(client, worst, "begin")
    typed = fields | {
        "note": "พบคำอวดอ้างสองแห่ง",
        "claim-2": "reject",
        "decision": Verdict.PROHIBITED,
        "insist": "1",
    }
    refused = lek.post(f"/cases/{worst}", data=typed)
    assert refused.status_code == 409
    assert "นก ผู้พิจารณา รับเคสนี้ไว้" in refused.text
    assert "พบคำอวดอ้างสองแห่ง" in refused.text
    assert filled.store.reviews.history(worst) == []

    taken = lek.post(f"/cases/{worst}", data=hidden(refused.text) | typed | {"take_over": "1"})
    assert taken.status_code == 200
    assert "พบคำอวดอ้างสองแห่ง" in taken.text
    assert 'name="claim-2" value="reject" checked' in taken.text
    assert act(client, worst, "renew").json()["state"] == "other"
    done = lek.post(f"/cases/{worst}", data=hidden(taken.text) | typed)
    assert done.status_code == 303
    assert len(filled.store.reviews.history(worst)) == 1
    actions = [entry.action for entry in filled.store.audit.newest(50, subject=f"listing:{worst}")]
    assert [a for a in actions if a != "case.view"] == [
        "case.claim",
        "case.take_over",
        "review.record",
    ]


def test_the_second_of_two_decisions_at_once_is_told(
    client: TestClient, lek: TestClient, filled: Any, worst: int
) -> None:
    first, second = (hidden(one.get(f"/cases/{worst}").text) for one in (client, lek))
    against = {"decision": Verdict.PROHIBITED, "claim-1": "confirm"}
    assert client.post(f"/cases/{worst}", data=first | against).status_code == 303
    late = lek.post(f"/cases/{worst}", data=second | {"decision": Verdict.CLEAR, "note": "ไม่พบ"})
    assert late.status_code == 409
    assert "ข้อมูลของเคสนี้เปลี่ยนไป" in late.text
    assert "ไม่พบ</textarea>" in late.text
    assert [past.review.decision for past in filled.store.reviews.history(worst)] == [Verdict.PROHIBITED]


def test_taking_over_a_case_that_was_just_decided_says_so_and_takes_nothing(
    client: TestClient, lek: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    client.get(f"/cases/{worst}")
    shown = lek.get(f"/cases/{worst}").text
    assert decide(worst, Verdict.PROHIBITED).status_code == 303
    answer = lek.post(f"/cases/{worst}", data=hidden(shown) | {"take_over": "1", "note": "จดไว้"})
    assert answer.status_code == 409
    assert "นก ผู้พิจารณา ตัดสินเคสนี้แล้วขณะที่เปิดหน้านี้อยู่" in answer.text
    assert "จดไว้</textarea>" in answer.text
    assert filled.store.assignments.holder(worst) is None


def test_a_lease_that_ran_out_returns_the_case(
    client: TestClient, lek: TestClient, filled: Any, worst: int
) -> None:
    nok = filled.store.users.find("nok")
    filled.store.assignments.begin(worst, nok, timedelta(seconds=-1))
    assert filled.store.assignments.holder(worst) is None
    assert f"/cases/{worst}" in lek.get("/queue?assigned=nobody").text
    assert act(client, worst, "renew").json()["state"] == "mine", "who works on takes it again"
    filled.store.assignments.begin(worst, nok, timedelta(seconds=-1))
    assert act(lek, worst, "begin").json()["state"] == "mine"
    assert act(client, worst, "renew").json()["name"] == "เล็ก ผู้พิจารณา"


def test_working_renews_the_lease(client: TestClient, filled: Any, worst: int) -> None:
    act(client, worst, "begin")
    before = filled.store.assignments.holder(worst)
    assert act(client, worst, "renew").json()["state"] == "mine"
    after = filled.store.assignments.holder(worst)
    assert after.until > before.until
    assert after.since == before.since


def test_the_next_case_is_one_that_nobody_else_has(
    client: TestClient, lek: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    act(lek, filled.ids["serum"], "begin")
    answer = decide(worst, Verdict.PROHIBITED)
    assert answer.headers["location"].startswith(f"/cases/{filled.ids['permit']}?")


def test_a_lead_hands_a_case_to_somebody(
    client: TestClient, lek: TestClient, filled: Any, worst: int, become: Any
) -> None:
    users = filled.store.users
    target = str(users.find("lek").id)
    assert act(client, worst, "hand", to=target).status_code == 422
    become(Role.LEAD)
    page = client.get(f"/cases/{worst}").text
    assert "มอบเคสให้" in page
    assert "มอบเคสให้" not in lek.get(f"/cases/{worst}").text
    assert act(client, worst, "hand", to="9999").status_code == 422
    assert act(client, 9999, "hand", to=target).status_code == 404
    assert act(client, worst, "hand", to=target).status_code == 303
    holding = filled.store.assignments.holder(worst)
    assert (holding.reviewer_name, holding.until, holding.handed_by_name) == (
        "เล็ก ผู้พิจารณา",
        None,
        "นก ผู้พิจารณา",
    )
    assert "มอบโดย นก ผู้พิจารณา" in lek.get("/queue?assigned=me").text
    users.create("aoy", "a long password", "อ้อย")
    assert not filled.store.assignments.release(worst, users.find("aoy"))
    assert act(client, worst, "release").status_code == 303
    assert filled.store.assignments.holder(worst) is None


def test_a_decided_case_that_was_handed_over_is_returned_and_stays_decided(
    client: TestClient, lek: TestClient, filled: Any, worst: int, decide: Any, become: Any
) -> None:
    assert decide(worst, Verdict.PROHIBITED).status_code == 303
    become(Role.LEAD)
    assert 'value="release"' not in client.get(f"/cases/{worst}").text
    for one in (lek, client):
        assert act(client, worst, "hand", to=str(filled.store.users.find("lek").id)).status_code == 303
        assert '<button name="action" value="release" data-release>' in one.get(f"/cases/{worst}").text
        assert act(one, worst, "release").headers["location"] == "/queue"
        assert filled.store.assignments.holder(worst) is None
        assert not filled.store.assignments.waits(worst)
    assert len(filled.store.reviews.history(worst)) == 1


def test_a_forged_form_changes_nothing(client: TestClient, filled: Any, worst: int) -> None:
    assert client.post(f"/cases/{worst}/claim", data={"action": "take-over"}).status_code == 403
    assert filled.store.assignments.holder(worst) is None
