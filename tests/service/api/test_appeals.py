from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.taxonomy import Verdict
from service.api.openapi.request_shapes import MAX_REASON
from service.store import Store
from service.store.cases.reviews import Consequences, ContestedByAppeal
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import UNSURE, Role
from tests.helpers.stored import find_listing, record_review

Key = Callable[..., dict[str, str]]
PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
SAID = {"reason": "โฆษณานี้ได้รับอนุญาตแล้ว", "evidence": "โทร 081-234-5678", "appellant": "seller"}
HELD = Consequences(takedown=False)


class Shop:
    """A platform with a listing that nok decided against, and a second reviewer."""

    def __init__(self, client: TestClient, store: Store, headers: dict[str, str], decide: Any) -> None:
        self.client, self.store, self.headers = client, store, headers
        self.review = decide(store, "1", PROHIBITED, source="api:key 0")
        self.number = find_listing(store, "1", "api:key 0").id  # type: ignore[union-attr]
        self.lek = store.users.create("lek", "a long password", "เล็ก").id
        self.nok = store.users.find("nok").id  # type: ignore[union-attr]

    def appeal(self, body: Any = SAID) -> Any:
        return self.client.post(f"/v1/listings/{self.number}/appeals", json=body, headers=self.headers)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers).json()

    def decide(self, who: int, decision: str, **more: Any) -> int:
        listing = self.store.listing(self.number)
        assert listing is not None
        assert listing.assessment_id is not None
        return record_review(self.store, listing.assessment_id, who, decision, **more).id

    def waiting(self) -> list[str]:
        return [row.external_id for row in self.store.find.page(QueueFilter(state=CaseState.WAITING)).rows]


@pytest.fixture
def shop(client: TestClient, api_store: Store, key: Key, decide: Any) -> Shop:
    return Shop(client, api_store, key(Scope.READ), decide)


@pytest.mark.parametrize(("decision", "outcome"), [(CLEAR, "reversed"), (PROHIBITED, "upheld")])
def test_an_appeal_is_answered_by_another_reviewer(shop: Shop, decision: str, outcome: str) -> None:
    assert shop.waiting() == []
    filed = shop.appeal()
    assert filed.status_code == 202, filed.text
    found = filed.json()
    assert (found["status"], found["state"], found["outcome"]) == ("new", "open", None)
    assert found["contested"] == f"notice-{shop.review}"
    assert shop.waiting() == ["1"]
    assert shop.get("/v1/listings?state=waiting")["listings"][0]["id"] == "1"
    assert [row.external_id for row in shop.store.find.page(QueueFilter(appealed=True)).rows] == ["1"]
    assert shop.appeal({"reason": "อีกครั้ง"}).json() == found | {"status": "known"}

    with pytest.raises(ContestedByAppeal, match="another reviewer"):
        shop.decide(shop.nok, CLEAR)
    shop.decide(shop.lek, UNSURE)
    assert shop.get(f"/v1/appeals/{found['appeal_id']}")["state"] == "open", "a doubt answers nothing"
    answer = shop.decide(shop.lek, decision)
    told = shop.get(f"/v1/appeals/{found['appeal_id']}")
    assert (told["state"], told["outcome"], told["decision"]) == ("answered", outcome, decision)
    assert told["notice"] == f"notice-{answer}"
    assert shop.get("/v1/appeals")["appeals"] == [told]
    first, last = shop.get("/v1/takedowns")["notices"]
    assert first["appeal"] is None
    assert last["appeal"] == {"appeal_id": found["appeal_id"], "outcome": outcome}
    assert last["replaces"] == first["id"]
    assert shop.waiting() == []
    assert shop.store.find.page(QueueFilter(appealed=True)).rows == []
    again = shop.appeal()
    assert (again.status_code, again.json()["type"]) == (409, "urn:ruthan:problem:not-contestable")
    actions = [entry.action for entry in shop.store.audit.newest(20) if entry.action.startswith("appeal.")]
    assert actions == ["appeal.file", "appeal.answer"]
    assert "เล็ก" not in str((told, last))


def test_nobody_answers_an_appeal_by_taking_back_their_own_decision(shop: Shop) -> None:
    number = shop.appeal().json()["appeal_id"]
    with pytest.raises(ContestedByAppeal, match="another reviewer"):
        shop.store.reviews.withdraw(shop.review, shop.nok)
    assert shop.get(f"/v1/appeals/{number}")["state"] == "open"
    shop.store.users.disable(shop.lek)
    shop.store.reviews.withdraw(shop.review, shop.nok)
    told = shop.get(f"/v1/appeals/{number}")
    assert (told["state"], told["outcome"], told["decision"]) == ("answered", "reversed", None)
    assert shop.decide(shop.nok, CLEAR), "nothing contests it any more"
    assert [e.action for e in shop.store.audit.newest(20) if e.action.startswith("appeal.")] == [
        "appeal.file",
        "appeal.answer",
    ]


def test_a_decision_that_is_held_back_answers_nothing(shop: Shop) -> None:
    number = shop.appeal().json()["appeal_id"]
    before = shop.get("/v1/listings?state=waiting")
    shop.decide(shop.lek, PROHIBITED, consequences=HELD)
    assert shop.get(f"/v1/appeals/{number}")["state"] == "open"
    assert shop.get("/v1/listings?state=waiting") == before


@pytest.mark.parametrize("untold", [(UNSURE, {}), (PROHIBITED, {"consequences": HELD})])
def test_taking_back_what_was_not_told_answers_nothing_and_tells_nothing(shop: Shop, untold: Any) -> None:
    number = shop.appeal().json()["appeal_id"]
    decision, more = untold
    shop.store.reviews.withdraw(shop.decide(shop.lek, decision, **more), shop.lek)
    assert shop.get(f"/v1/appeals/{number}")["state"] == "open"
    assert len(shop.get("/v1/takedowns")["notices"]) == 1
    answer = shop.decide(shop.lek, CLEAR)
    told = shop.get(f"/v1/appeals/{number}")
    assert (told["outcome"], told["notice"]) == ("reversed", f"notice-{answer}")
    assert shop.get("/v1/takedowns")["notices"][1]["replaces"] == f"notice-{shop.review}"


@pytest.mark.parametrize(("slip", "decision", "outcome"), [
    (PROHIBITED, PROHIBITED, "upheld"), (PROHIBITED, CLEAR, "reversed"), (CLEAR, CLEAR, "reversed"),
])  # fmt: skip
def test_an_appeal_whose_answer_is_withdrawn_is_open_again(
    shop: Shop, slip: str, decision: str, outcome: str
) -> None:
    number = shop.appeal().json()["appeal_id"]
    first = shop.decide(shop.lek, slip)
    assert shop.get(f"/v1/appeals/{number}")["notice"] == f"notice-{first}"
    shop.store.reviews.withdraw(first, shop.lek)
    assert shop.get(f"/v1/appeals/{number}")["state"] == "open"
    assert shop.appeal().json()["status"] == "known"
    assert shop.waiting() == ["1"]
    with pytest.raises(ContestedByAppeal, match="another reviewer"):
        shop.decide(shop.nok, CLEAR)
    shop.store.reviews.withdraw(shop.decide(shop.lek, UNSURE), shop.lek)
    answer = shop.decide(shop.lek, decision)
    told = shop.get(f"/v1/appeals/{number}")
    assert (told["outcome"], told["decision"], told["notice"]) == (outcome, decision, f"notice-{answer}")
    notices = shop.get("/v1/takedowns")["notices"]
    assert notices[-1]["id"] == f"notice-{answer}", "also where nothing stood against the listing any more"
    answers = {notice["id"]: notice["appeal"] for notice in notices if notice["appeal"]}
    assert list(answers) == [f"notice-{first}", f"notice-{answer}"]
    assert answers[f"notice-{answer}"] == {"appeal_id": number, "outcome": outcome}
    assert shop.appeal().status_code == 409


def test_what_was_not_told_cannot_be_contested(shop: Shop, decide: Any) -> None:
    decide(shop.store, "held", PROHIBITED, source="api:key 0", consequences=HELD)
    decide(shop.store, "clear", CLEAR, source="api:key 0")
    for name in ("held", "clear"):
        shop.number = find_listing(shop.store, name, "api:key 0").id  # type: ignore[union-attr]
        answer = shop.appeal()
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:ruthan:problem:not-contestable")
        assert answer.json()["detail_th"]


@pytest.mark.parametrize(
    "body", [[], {}, {"reason": " "}, {"reason": "ก" * (MAX_REASON + 1)}, {"reason": "ก", "appellant": "x"}]
)
def test_an_appeal_that_cannot_be_used(shop: Shop, body: Any) -> None:
    answer = shop.appeal(body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:ruthan:problem:bad-appeal")


def test_the_only_reviewer_answers_an_appeal_against_their_own_decision(shop: Shop) -> None:
    shop.store.users.disable(shop.lek)
    shop.store.users.invite("new", "ใหม่", Role.REVIEWER, "cli")  # who was only invited cannot answer
    shop.appeal()
    assert shop.decide(shop.nok, CLEAR)
