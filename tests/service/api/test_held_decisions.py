"""A decision that was held back: nothing that its tenant reads through the API changes."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.taxonomy import Verdict
from service.api.app import api_routes
from service.store import Store
from service.store.cases.reviews import Consequences
from service.store.index.entries import CaseState
from service.store.index.pages import Order
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import UNSURE
from tests.helpers.stored import record_review

pytestmark = pytest.mark.attack
HELD = Consequences(takedown=False)
PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


@pytest.fixture
def shop(client: TestClient, api_store: Store) -> dict[str, str]:
    return {"X-API-Key": api_store.api_keys.create("shop", [Scope.READ, Scope.CLASSIFY, Scope.KEYS]).token}


def reading(number: int, webhook: int) -> Iterator[str]:
    """Return every readable address, with the filters that could reveal the state of a case."""
    for route in api_routes():
        if (
            route.path.startswith("/v1/")
            and "GET" in (route.methods or ())
            and not {"batch_id", "appeal_id"} & route.param_convertors.keys()
        ):
            yield route.path_format.format(listing_id=number, webhook_id=webhook)
    for state, order in product(CaseState, Order):
        yield f"/v1/listings?state={state}&order={order}"


def seen(client: TestClient, headers: dict[str, str], number: int, replay: int) -> dict[str, Any]:
    """Return what a tenant can read now; a replay reveals its webhook's position."""
    found = {path: client.get(path, headers=headers) for path in reading(number, replay)}
    since = {"since": "2030-01-01T00:00:00Z"}
    found["replay"] = client.post(f"/v1/webhooks/{replay}/replay", params=since, headers=headers)
    made = client.post("/v1/webhooks", json={"url": "https://shop.example/again"}, headers=headers).json()
    client.delete(f"/v1/webhooks/{made['webhook_id']}", headers=headers)
    assert all(answer.status_code == 200 for answer in found.values()), found
    return {path: answer.json() for path, answer in found.items()} | {"new webhook": made["cursor"]}


@pytest.mark.parametrize(
    "before", [(), (UNSURE,), (CLEAR,), (PROHIBITED,), (PROHIBITED, CLEAR), (UNSURE, UNSURE)]
)
def test_nothing_shows_a_decision_that_was_held_back(
    client: TestClient,
    api_store: Store,
    shop: dict[str, str],
    decide: Any,
    assessor: Any,
    before: tuple[str, ...],
    monkeypatch: Any,
) -> None:
    public = [(0, 0, 0, "", ("8.8.8.8", 443))]
    monkeypatch.setattr("service.webhooks.addresses.socket.getaddrinfo", lambda *_, **__: public)
    decide(api_store, "another", UNSURE)
    decide(api_store, "told", PROHIBITED)
    number = client.post(
        "/v1/listings",
        json={"id": "1", "text": "รักษาเบาหวาน"},
        headers={"X-API-Key": api_store.api_keys.create("hands in", [Scope.INGEST], "shop").token},
    ).json()["listing_id"]
    row = api_store.listing(number)
    assert row is not None
    assessment = api_store.assessments.record(number, assessor.assess(row.shape()))
    nok = api_store.users.find("nok").id  # type: ignore[union-attr]
    for decision in before:
        record_review(api_store, assessment, nok, decision)
    body = {"url": "https://shop.example/hook"}
    webhook = client.post("/v1/webhooks", json=body, headers=shop).json()["webhook_id"]

    first = seen(client, shop, number, webhook)
    held = record_review(api_store, assessment, nok, PROHIBITED, consequences=HELD)
    assert seen(client, shop, number, webhook) == first
    assert len(api_store.reviews.history(number)) == len(before) + 1
    if before[-1:] != (PROHIBITED,):
        record_review(api_store, assessment, nok, PROHIBITED)
        assert seen(client, shop, number, webhook) != first, "what is told is seen"
    assert held.id


def test_who_reads_all_reads_how_far_a_case_has_come(
    client: TestClient, api_store: Store, key: Any, decide: Any
) -> None:
    decide(api_store, "1", PROHIBITED, consequences=HELD)
    decided = client.get("/v1/listings?state=decided", headers=key(Scope.READ_ALL)).json()["listings"]
    assert [row["id"] for row in decided] == ["1"]
