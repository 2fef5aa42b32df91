"""The form of a case that was decided before, and the notice of a decision while it is in force."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.schema import Claim, Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.store.tables.core_tables import UNSURE
from tests.helpers.stored import record_review


@pytest.fixture
def worst(filled: Any) -> int:
    number: int = filled.ids["worst"]
    return number


def test_the_marks_are_those_of_the_decision_in_force_after_an_unsure_that_is_taken_back(
    client: TestClient, filled: Any, worst: int, decide: Any, token: Any
) -> None:
    decide(worst, Verdict.PROHIBITED, {1: "confirm", 2: "confirm"})
    review = filled.store.reviews.history(worst)[0].review
    lek = filled.store.users.find("lek").id
    assessment = filled.store.listing(worst).assessment_id
    doubt = record_review(filled.store, assessment, lek, UNSURE, rejected=[0, 1])
    filled.store.reviews.withdraw(doubt.id, lek)
    page = client.get(f"/cases/{worst}").text
    ticked = re.findall(r'name="(claim-\d+)" value="(\w+)" checked', page)
    assert ticked == [("claim-1", "confirm"), ("claim-2", "confirm")]
    # So are those of a row that is decided in the queue.
    page = client.get("/queue?view=all").text
    (row,) = re.findall(rf'name="row" value="({worst}:[^"]*)"', page)
    data = {"csrf": token(page), "row": row, "decision": "prohibited"}
    assert client.post("/queue/decide", data=data).status_code == 303
    newest = filled.store.reviews.history(worst)[0].review
    assert newest.id > doubt.id + 1
    assert newest.confirmed_claims[:2] == review.confirmed_claims
    # Its author can withdraw it after another "unsure" was taken back.
    doubt = record_review(filled.store, assessment, lek, UNSURE)
    filled.store.reviews.withdraw(doubt.id, lek)
    data = {"csrf": token(page), "review": str(newest.id)}
    assert client.post(f"/cases/{worst}/withdraw", data=data).status_code == 303
    assert "เคสนี้กลับมารอพิจารณา" in client.get(f"/cases/{worst}?withdrawn=1").text


def test_any_number_of_confirmed_words_that_a_newer_model_misses_can_be_decided_again(
    client: TestClient, filled: Any, assess: Any, decide: Any
) -> None:
    word = "รักษาเบาหวาน"
    listing = Listing(id="many", description=f"{word} " * 250)
    starts = range(0, len(listing.text) - len(word), len(word) + 1)
    claims = [
        Claim(start=at, end=at + len(word), label=ClaimLabel.DISEASE, probability=0.9, text=word)
        for at in starts
    ]
    number = filled.add(listing, assess(listing, claims, Verdict.PROHIBITED, 0.9))
    nok = filled.store.users.find("nok").id
    every = range(len(claims))
    record_review(
        filled.store, filled.store.listing(number).assessment_id, nok, "prohibited", confirmed=every
    )
    filled.store.assessments.record(number, assess(listing, [], Verdict.CLEAR, 0.1, model="newer"))
    page = client.get(f"/cases/{number}").text
    added = re.findall(r'name="added" value="([^"]+)"', page)
    assert len(added) == len(claims)
    new = [f"{at}:{at + 6}:disease_claim" for at in starts]
    refused = decide(number, Verdict.PROHIBITED, added=[*added, *new])
    assert (refused.status_code, "เพิ่มข้อความเองได้ครั้งละไม่เกิน 200 ข้อความ" in refused.text) == (422, True)
    assert decide(number, Verdict.PROHIBITED, added=[*added, *new[:200]]).status_code == 303
    assert len(filled.store.reviews.history(number)[0].review.added_claims) == len(claims) + 200


@pytest.mark.parametrize("last", [False, True])
def test_a_withdrawn_decision_is_not_said_to_be_saved(
    client: TestClient, filled: Any, worst: int, decide: Any, token: Any, *, last: bool
) -> None:
    if last:  # no case waits after it, so the queue is shown
        decide(filled.ids["serum"], Verdict.CLEAR)
    answer = decide(worst, Verdict.PROHIBITED, {1: "confirm"}, verdict=Verdict.PROHIBITED)
    address = answer.headers["location"]
    assert address.startswith("/queue") is last
    page = client.get(address).text
    assert f"บันทึกแล้ว: เคส {worst}" in page
    (past,) = filled.store.reviews.history(worst)
    form = {"csrf": token(page), "review": str(past.review.id)}
    client.post(f"/cases/{worst}/withdraw", data=form)
    newest = filled.store.reviews.history(worst)[0].review.id
    for shown in (address, address.replace(f"saved={past.review.id}", f"saved={newest}")):
        page = client.get(shown).text
        assert "บันทึกแล้ว" not in page
        assert "ไม่มีเคสรอพิจารณาเหลืออยู่" not in page


def test_an_overruled_decision_is_not_said_to_be_saved(
    client: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    address = decide(worst, Verdict.PROHIBITED, {1: "confirm"}).headers["location"]
    nok, lek = (filled.store.users.find(name).id for name in ("nok", "lek"))
    assessment = filled.store.listing(worst).assessment_id
    unsure = record_review(filled.store, assessment, nok, UNSURE)
    assert "บันทึกแล้ว" not in client.get(address).text
    filled.store.reviews.withdraw(unsure.id, nok)
    assert "บันทึกแล้ว" in client.get(address).text, "after a withdrawn doubt the decision is in force again"
    record_review(filled.store, assessment, lek, Verdict.CLEAR.value)
    assert "บันทึกแล้ว" not in client.get(address).text


def test_skipping_the_last_case_saves_nothing(
    client: TestClient, filled: Any, worst: int, token: Any
) -> None:
    form = {"csrf": token(client.get(f"/cases/{worst}").text), "action": "skip", "class": "food_supplement"}
    address = client.post(f"/cases/{worst}/claim", data=form | {"q": "เบาหวาน"}).headers["location"]
    assert "finished=1" in address
    page = client.get(address).text
    assert "ไม่มีเคสรอพิจารณาเหลืออยู่" in page
    assert "บันทึกแล้ว" not in page
