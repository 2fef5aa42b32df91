from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.taxonomy import Verdict
from service.application import create_app
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]
PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value


def ids(answer: Any) -> list[str]:
    return [notice["external_id"] for notice in answer.json()["notices"]]


def test_a_platform_reads_the_decisions_on_what_it_handed_in(
    client: TestClient, api_store: Store, decide: Any
) -> None:
    shop = api_store.api_keys.create("shop", [Scope.INGEST, Scope.READ]).token
    boss = api_store.api_keys.create("boss", [Scope.ADMIN]).token
    handed_in = client.post(
        "/v1/listings", json={"id": "mine", "text": "รักษาเบาหวาน หายขาด"}, headers={"X-API-Key": shop}
    ).json()
    decide(api_store, "mine", PROHIBITED, source="api:shop")
    decide(api_store, "crawled", PROHIBITED, source="crawl")
    answer = client.get("/v1/takedowns", headers={"X-API-Key": shop})
    (notice,) = answer.json()["notices"]
    assert notice["listing_id"] == handed_in["listing_id"]
    assert (notice["external_id"], notice["kind"], notice["source"]) == ("mine", "takedown", "api:shop")
    assert notice["statement_of_reasons"]["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert ids(client.get("/v1/takedowns", headers={"X-API-Key": boss})) == ["mine", "crawled"]


def test_paging_on_while_decisions_come_in(
    client: TestClient, api_store: Store, key: Key, decide: Any
) -> None:
    headers = key()
    empty = client.get("/v1/takedowns", headers=headers).json()
    assert (empty["notices"], empty["more"]) == ([], False)
    for name in "abc":
        decide(api_store, name, PROHIBITED)
    first = client.get("/v1/takedowns", params={"limit": 2, "cursor": empty["next_cursor"]}, headers=headers)
    assert (ids(first), first.json()["more"]) == (["a", "b"], True)
    decide(api_store, "a", CLEAR)
    rest = client.get("/v1/takedowns", params={"cursor": first.json()["next_cursor"]}, headers=headers)
    assert (ids(rest), rest.json()["more"]) == (["c", "a"], False)
    end = rest.json()["next_cursor"]
    again = client.get("/v1/takedowns", params={"cursor": end}, headers=headers).json()
    assert (again["notices"], again["next_cursor"], again["more"]) == ([], end, False)
    middle = first.json()["notices"][0]["cursor"]
    assert ids(client.get("/v1/takedowns", params={"cursor": middle}, headers=headers)) == ["b", "c", "a"]


def test_since_and_bad_parameters(client: TestClient, api_store: Store, key: Key, decide: Any) -> None:
    headers = key(Scope.ADMIN)
    decide(api_store, "a", PROHIBITED)
    moment = datetime.now(UTC).isoformat()
    decide(api_store, "b", PROHIBITED)
    assert ids(client.get("/v1/takedowns", params={"since": moment}, headers=headers)) == ["b"]
    for params in ({"since": "2026-01-01T00:00:00"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "x"}):
        answer = client.get("/v1/takedowns", params=params, headers=headers)
        assert answer.status_code == 422, params
        assert answer.json()["errors"][0]["pointer"] == f"/query/{next(iter(params))}"
    assert client.get("/v1/takedowns", headers=key(Scope.INGEST)).status_code == 403
    assert ids(client.get("/v1/takedowns", headers=key(Scope.READ))) == []


def test_the_way_to_appeal_is_what_the_operator_set(settings: Settings, assessor: Any, decide: Any) -> None:
    given = settings.changed({"notice.redress": "อุทธรณ์ภายใน 30 วัน"})
    with TestClient(create_app(given, assessor)) as client:
        store: Store = client.app.state.store  # type: ignore[attr-defined]
        decide(store, "a", PROHIBITED)
        headers = {"X-API-Key": store.api_keys.create("a", [Scope.ADMIN]).token}
        (notice,) = client.get("/v1/takedowns", headers=headers).json()["notices"]
    assert notice["redress"] == "อุทธรณ์ภายใน 30 วัน"


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("2026-11-01T00:00:00+07:00", 200),
        ("2026-11-01T00:00:00.25z", 200),
        ("0001-01-01T00:00:00+14:00", 200),
        ("9999-12-31T23:59:59-12:00", 200),
        ("2026-11-01T00:00:00 07:00", 200),  # a + that was not written as %2B
        ("2026-11-01T00:00:00", 422),
        ("2026-11-01", 422),
        ("1793000000", 422),
        ("2026-13-01T00:00:00Z", 422),
    ],
)
def test_a_time_has_one_form(client: TestClient, key: Key, since: str, status: int) -> None:
    response = client.get("/v1/takedowns", params={"since": since}, headers=key())
    assert response.status_code == status, response.text
    if status == 422:
        assert response.json()["errors"][0]["pointer"] == "/query/since"
