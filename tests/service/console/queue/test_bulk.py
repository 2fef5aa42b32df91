"""Decisions on several rows of the queue."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.console.queue import bulk
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import UNSURE, WITHDRAWN
from tests.helpers.stored import record_review

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


def rows_of(page: str) -> dict[int, str]:
    """The value of each row's checkbox, by listing."""
    return {int(value.split(":")[0]): value for value in re.findall(r'name="row" value="([^"]*)"', page)}


def notices(page: str) -> list[str]:
    """What the page tells of decisions and withdrawals, as one reads it."""
    found = re.findall(r'<div class="notice" role="status">(.*?)</div>', page, re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", "", notice).split()) for notice in found]


def send(client: TestClient, token: Callable[[str], str], *numbers: int, **fields: str) -> Any:
    page = client.get("/queue?view=all").text
    rows = rows_of(page)
    form = {"csrf": token(page), "row": [rows[number] for number in numbers], **fields}
    return client.post("/queue/decide", data=form)


def test_rows_are_decided_with_their_claims_confirmed_and_taken_back_together(
    client: TestClient, filled: Any, token: Any
) -> None:
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    told = send(client, token, worst, serum, decision=PROHIBITED, platform="tiktok")
    reviews = [filled.store.reviews.history(number)[0].review for number in (worst, serum)]
    assert [(len(review.confirmed_claims), review.decision) for review in reviews] == [
        (4, PROHIBITED),
        (2, PROHIBITED),
    ]
    address = told.headers["location"]
    numbers = ".".join(str(review.id) for review in reviews)
    assert address == f"/queue?platform=tiktok&view=all&decided={numbers}"
    page = client.get(address).text
    assert "ตัดสินแล้ว 2 รายการ" in page
    entry = filled.store.audit.newest(1, action="review.record")[0]
    assert entry.detail["rows"] == 2
    undone = client.post("/queue/undo", data={"csrf": token(page), "reviews": f"{numbers}.999.x"})
    newest = [filled.store.reviews.history(number)[0].review for number in (worst, serum)]
    assert {review.decision for review in newest} == {WITHDRAWN}
    taken_back = ".".join(str(review.id) for review in newest)
    assert undone.headers["location"] == f"/queue?view=all&undone={taken_back}&kept=999"
    assert notices(client.get(undone.headers["location"]).text) == ["ถอนผลแล้ว 2 รายการ เคสกลับมารอพิจารณา"]


def test_the_queue_tells_only_what_is_ones_own_and_still_so(
    client: TestClient, filled: Any, token: Any, log_in: Any
) -> None:
    store, worst, serum = filled.store, filled.ids["worst"], filled.ids["serum"]
    nok, lek = (store.users.find(name).id for name in ("nok", "lek"))
    decided = send(client, token, worst, serum, decision=PROHIBITED).headers["location"]
    first, second = (store.reviews.history(number)[0].review.id for number in (worst, serum))
    # A colleague decides one of them, which the undoing leaves as it is.
    record_review(store, store.listing(serum).assessment_id, lek, CLEAR)
    page = client.get(decided).text
    assert notices(page) == ["ตัดสินแล้ว 1 รายการ Z ถอนผลทั้ง 1 รายการ Undo"]
    assert f'name="reviews" value="{first}"' in page
    form = {"csrf": token(page), "reviews": f"{first}.{second}"}
    undone = client.post("/queue/undo", data=form).headers["location"]
    kept = "1 รายการถอนไม่ได้ เพราะมีการตัดสินหรืออุทธรณ์หลังจากนั้น"
    assert notices(client.get(undone).text) == [f"ถอนผลแล้ว 1 รายการ เคสกลับมารอพิจารณา อีก {kept}"]
    # Back to the page before, and to an address that also names a row that was left.
    for address in (decided, f"{decided}&left={filled.ids['permit']}"):
        assert notices(client.get(address).text) == []
    again = client.post("/queue/undo", data=form | {"reviews": str(second)}).headers["location"]
    assert again == f"/queue?view=all&kept={second}"
    assert notices(client.get(again).text) == [kept]
    record_review(store, store.listing(worst).assessment_id, nok, CLEAR)
    assert notices(client.get(undone).text) == [kept], "the case does not wait any more"
    # A colleague who opens the same addresses decided and withdrew nothing.
    client.cookies.clear()
    log_in(client, "lek")
    for address in (decided, undone, again, "/queue?decided=1&undone=3&kept=2"):
        assert notices(client.get(address).text) == []


def test_a_row_that_its_own_page_would_ask_about_is_left_until_a_reason_is_given(
    client: TestClient, filled: Any, token: Any
) -> None:
    store, clear, worst = filled.store, filled.ids["clear"], filled.ids["worst"]
    lek = store.users.find("lek").id
    record_review(store, store.listing(worst).assessment_id, lek, PROHIBITED, confirmed=[0])
    # No claim to rest on, and a colleague's decision to overrule.
    assert send(client, token, clear, decision=PROHIBITED).headers["location"].endswith(f"left={clear}")
    assert send(client, token, worst, decision=CLEAR).headers["location"].endswith(f"left={worst}")
    assert (
        send(client, token, worst, decision=CLEAR, insist="1", note=" ")
        .headers["location"]
        .endswith(f"left={worst}")
    )
    assert len(store.reviews.history(worst)) == 1
    send(client, token, worst, decision=CLEAR, insist="1", note="อ่านใหม่แล้ว")
    assert store.reviews.history(worst)[0].review.note == "อ่านใหม่แล้ว"


def test_answers_given_before_are_kept_as_on_the_page_of_the_case(
    client: TestClient, filled: Any, token: Any
) -> None:
    store, worst = filled.store, filled.ids["worst"]
    nok = store.users.find("nok").id
    given: dict[str, Any] = {"confirmed": [0, 2, 3], "rejected": [1]}
    record_review(store, store.listing(worst).assessment_id, nok, UNSURE, **given)
    assert send(client, token, worst, decision=CLEAR).headers["location"].endswith(f"left={worst}")
    send(client, token, worst, decision=PROHIBITED)
    review = store.reviews.history(worst)[0].review
    assert (review.decision, len(review.confirmed_claims), len(review.rejected_claims)) == (PROHIBITED, 3, 1)


def test_what_somebody_else_has_or_changed_or_is_read_blind_is_left(
    client: TestClient, filled: Any, token: Any
) -> None:
    store = filled.store
    worst, serum, permit = (filled.ids[name] for name in ("worst", "serum", "permit"))
    lek = store.users.find("lek")
    record_review(store, store.listing(worst).assessment_id, lek.id, PROHIBITED, confirmed=[0])
    assert store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    store.assignments.begin(serum, lek, timedelta(hours=1))
    page = client.get("/queue?view=all").text
    assert rows_of(page)[worst].endswith(":0"), "a blind row tells no decision"
    stale = rows_of(page)[permit]
    record_review(store, store.listing(permit).assessment_id, lek.id, CLEAR)
    form = {
        "csrf": token(page),
        "decision": CLEAR,
        "row": [rows_of(page)[worst], rows_of(page)[serum], stale],
    }
    told = client.post("/queue/decide", data=form)
    assert told.headers["location"] == f"/queue?view=all&left={worst}.{serum}.{permit}"
    assert store.blinds.on(store.users.find("nok").id, worst).own == ()


def test_more_rows_than_one_form_takes_are_refused_and_none_is_dropped(
    client: TestClient, filled: Any, token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_ROWS", 1)
    worst, serum = filled.ids["worst"], filled.ids["serum"]
    answer = send(client, token, worst, serum, decision=PROHIBITED)
    assert answer.status_code == 422
    assert "ไม่เกิน 1 รายการ" in answer.text
    assert filled.store.reviews.history(worst) == []


def test_a_form_without_rows_or_with_an_unknown_decision_says_what_to_do(
    client: TestClient, filled: Any, token: Any
) -> None:
    assert send(client, token, decision=CLEAR).status_code == 422
    for decision in ("unsure", "", "maybe"):
        answer = send(client, token, filled.ids["worst"], decision=decision)
        assert answer.status_code == 422
        assert "เลือกอย่างน้อยหนึ่งรายการ" in answer.text
    assert client.post("/queue/decide", data={"decision": CLEAR}).status_code == 403
