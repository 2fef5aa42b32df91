"""A lead who makes a new decision in a second look sees its facts and provisions, and is asked as on a case's page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.decisions.reasons import notice_of
from service.store.cases.reviews import Decision
from service.store.tables.core_tables import UNSURE, Role
from tests.service.console.borrowed import (
    BORROWED,
    CRITERIA,
    ENDORSED,
    FOOD,
    borrowed,
    gives_condition,
    offered,
    sent,
)

from .conftest import CLEAR, PROHIBITED, deal

NUMBER = "11-1-00000-1-0001"
TEXT = f"แคปซูลตัวอย่าง รักษาเบาหวาน หมอรับรอง เลข {NUMBER}"


@pytest.fixture
def look(filled: Any, assess: Any, claim_in: Any, decide: Callable[..., Any]) -> str:
    """The page of a case in which both readers rejected the number and ticked a provision to be confirmed."""
    claims = [
        claim_in(TEXT, "รักษาเบาหวาน", ClaimLabel.DISEASE),
        claim_in(TEXT, "หมอรับรอง", ClaimLabel.FALSE_ENDORSEMENT),
    ]
    listing = Listing(id="borrowed", description=TEXT)
    number = filled.add(
        listing, assess(listing, claims, Verdict.PROHIBITED, 0.9, findings=[borrowed(TEXT, NUMBER)])
    )
    filled.store.reviews.record(
        filled.store.listing(number).assessment_id,
        filled.store.users.find("lek").id,
        Decision(PROHIBITED, (0, 1), rejected_findings=(0,), law_choices={CRITERIA: True}),
        0,
    )
    assert deal(filled).tasks == 1
    rejected = {"finding-1": "reject", "offence": CRITERIA, "tick": CRITERIA}
    assert decide(number, CLEAR, {1: "confirm", 2: "confirm"}, note="อ่านแล้ว", **rejected).status_code == 303
    (found,) = filled.store.second_looks.disagreements()
    return f"/second-look/{found.look.id}"


def test_what_both_readers_rejected_and_ticked_is_kept(lead: TestClient, look: str, filled: Any) -> None:
    page = lead.get(look).text
    assert offered(page) == {FOOD: True, ENDORSED: True, CRITERIA: True}
    assert page.count(f"ไม่ใช้เป็นข้อเท็จจริง: เลข {NUMBER}") == 2
    assert lead.post(look, data=sent(page, look) | {"decision": PROHIBITED}).status_code == 303
    review = filled.store.reviews.history(filled.ids["borrowed"])[0].review
    assert [item["code"] for item in review.rejected_findings] == ["number_of_other_product"]
    ground = notice_of(filled.store.decisions.of_review(review.id), "").ground
    assert [row.id for row in ground] == [FOOD, ENDORSED, CRITERIA]


def test_the_panel_follows_the_form(lead: TestClient, look: str, filled: Any) -> None:
    fields = sent(lead.get(look).text, look)
    number = fields | {"finding-1": "confirm", "claim-1": "reject", "claim-2": "reject"}
    drawn = lead.post(f"{look}/offences", data=number)
    assert offered(drawn.text) == {BORROWED: True}
    assert lead.post(f"{look}/offences", data=number | {"assessment": "9999"}).status_code == 409
    # Without scripts a button redraws the page.
    assert offered(lead.post(look, data=number | {"refresh": "1"}).text) == {BORROWED: True}
    assert len(filled.store.second_looks.disagreements()) == 1


def test_a_contradiction_is_asked_about(lead: TestClient, look: str, filled: Any) -> None:
    fields = sent(lead.get(look).text, look)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"decision": CLEAR}, "2 ข้อ"),
        ({"decision": PROHIBITED, "claim-1": "reject", "claim-2": "reject"}, "ไม่มีฐานความผิด"),
        ({"decision": PROHIBITED, "tick": []}, "ไม่ได้เลือกฐานความผิดใด"),
    ]
    for contradicting, words in cases:
        asked = lead.post(look, data=fields | contradicting)
        assert (asked.status_code, words in asked.text, 'name="insist"' in asked.text) == (422, True, True), (
            words
        )
        assert ("จำเป็นเมื่อยืนยันผลนี้" in asked.text, 'href="#note"' in asked.text) == (True, True), words
        assert lead.post(look, data=fields | contradicting | {"insist": "1"}).status_code == 422, words
    insisting = fields | {"decision": CLEAR, "insist": "1", "note": "ยังไม่มีผู้ขาย"}
    assert lead.post(look, data=insisting).status_code == 303
    assert filled.store.reviews.history(filled.ids["borrowed"])[0].review.decision == CLEAR


def test_what_is_refused_anyway_is_not_asked_about(
    lead: TestClient, look: str, filled: Any, app: FastAPI, log_in: Callable[..., Any]
) -> None:
    contradicting = sent(lead.get(look).text, look) | {"decision": CLEAR}
    typed = {"claim-1": "reject", "note": "เห็นต่าง"}
    changed = lead.post(look, data=contradicting | typed | {"assessment": "9999"})
    assert (changed.status_code, "เปลี่ยนไประหว่างที่เปิดหน้าอยู่" in changed.text) == (409, True)
    # Marks on an earlier text say nothing of this one.
    assert ('name="claim-1" value="confirm" checked' in changed.text, "เห็นต่าง" in changed.text) == (
        True,
        True,
    )
    # Who decided first leads by now, and settles nothing.
    filled.store.users.set_role("lek", Role.LEAD, "cli")
    with TestClient(app, follow_redirects=False) as client:
        log_in(client, "lek")
        own = sent(client.get(look).text, "/logout") | {"assessment": contradicting["assessment"]}
        refused = client.post(look, data=contradicting | own)
    assert (refused.status_code, "ท่านเป็นผู้พิจารณาเคสนี้คนหนึ่ง" in refused.text) == (403, True)
    assert len(filled.store.second_looks.disagreements()) == 1


def test_a_new_decision_on_a_page_of_another_release_is_asked_about_and_no_other(
    lead: TestClient, look: str, filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = sent(lead.get(look).text, look) | {"decision": PROHIBITED}
    gives_condition(monkeypatch, FOOD)
    asked = lead.post(look, data=fields)
    assert (asked.status_code, "ข้อเสนอฐานความผิดเปลี่ยน" in asked.text) == (409, True)
    assert offered(asked.text) == {FOOD: False, ENDORSED: True, CRITERIA: True}
    assert len(filled.store.second_looks.disagreements()) == 1
    assert lead.post(look, data=fields | {"settle": "first"}).status_code == 303


def test_a_button_that_settles_is_not_taken_for_the_one_that_redraws(
    lead: TestClient, look: str, filled: Any
) -> None:
    fields = sent(lead.get(look).text, look) | {"refresh": "1"}
    assert lead.post(look, data=fields | {"settle": "anew"}).status_code == 422
    assert lead.post(look, data=fields | {"decision": PROHIBITED}).status_code == 303


def test_a_case_that_a_colleague_holds_is_not_settled_over_their_head(
    lead: TestClient, look: str, filled: Any
) -> None:
    fields = sent(lead.get(look).text, look) | {"decision": PROHIBITED}
    nok = filled.store.users.find("nok")
    filled.store.assignments.take_over(filled.ids["borrowed"], nok, timedelta(minutes=30))
    refused = lead.post(look, data=fields)
    assert (refused.status_code, f"{nok.display_name} รับเคสนี้ไว้" in refused.text) == (409, True)
    assert len(filled.store.second_looks.disagreements()) == 1


def test_a_reading_without_an_answer_cannot_be_taken(
    client: TestClient, lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any]
) -> None:
    assert decide(filled.ids["worst"], UNSURE).status_code == 303
    (found,) = filled.store.second_looks.disagreements()
    page = lead.get(f"/second-look/{found.look.id}").text
    assert ('value="first"' in page, 'value="second"' in page) == (True, False)


def newer(filled: Any, assess: Any) -> int:
    """A newer model finds nothing in the text that both readers marked; returns the listing's number."""
    number = filled.ids["borrowed"]
    listing = Listing(id="borrowed", description=TEXT)
    filled.store.assessments.record(number, assess(listing, [], Verdict.CLEAR, 0.1, model="newer"))
    return int(number)


def test_a_reading_that_is_taken_keeps_words_that_a_newer_model_misses(
    lead: TestClient, filled: Any, assess: Any, claim_in: Any, decide: Callable[..., Any]
) -> None:
    listing = Listing(id="borrowed", description=TEXT)
    claims = [claim_in(TEXT, "รักษาเบาหวาน", ClaimLabel.DISEASE)]
    number = filled.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9))
    lek = filled.store.users.find("lek").id
    filled.store.reviews.record(filled.store.listing(number).assessment_id, lek, Decision(CLEAR, (), (0,)), 0)
    assert deal(filled).tasks == 1
    assert decide(number, PROHIBITED, {1: "confirm"}).status_code == 303
    newer(filled, assess)
    (found,) = filled.store.second_looks.disagreements()
    look = f"/second-look/{found.look.id}"
    assert lead.post(look, data=sent(lead.get(look).text, look) | {"settle": "second"}).status_code == 303
    review = filled.store.reviews.history(number)[0].review
    assert (review.decision, [claim["text"] for claim in review.added_claims]) == (
        PROHIBITED,
        ["รักษาเบาหวาน"],
    )
    notice = notice_of(filled.store.decisions.after()[-1], "")
    assert ([claim.text for claim in notice.claims], bool(notice.ground)) == (["รักษาเบาหวาน"], True)


def test_taking_a_reading_without_a_ground_is_asked_about(
    lead: TestClient, first: Any, filled: Any, decide: Callable[..., Any], client: TestClient
) -> None:
    # The reader insisted on it; the lead who makes it the decision is asked too.
    assert decide(filled.ids["worst"], Verdict.NEEDS_PERMIT.value, {1: "reject"}).status_code == 303
    (found,) = filled.store.second_looks.disagreements()
    look = f"/second-look/{found.look.id}"
    fields = sent(lead.get(look).text, look) | {"settle": "second"}
    asked = lead.post(look, data=fields)
    assert (asked.status_code, "ไม่มีฐานความผิด" in asked.text, 'name="insist"' in asked.text) == (
        422,
        True,
        True,
    )
    assert len(filled.store.second_looks.disagreements()) == 1
    assert lead.post(look, data=fields | {"insist": "1", "note": "ตรวจแล้ว"}).status_code == 303
