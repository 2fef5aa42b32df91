import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.complaints.intake import BOUNDS
from service.store import Store
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]
AD = {"category": "health_ad", "detail": "พบโฆษณาอ้างว่ารักษาโรคได้", "url": "https://shop.example/item/1"}


@pytest.fixture
def send(client: TestClient, key: Key) -> Callable[..., Any]:
    headers = key(Scope.INGEST)
    return lambda body, **more: client.post(
        "/v1/complaints",
        content=json.dumps(body),
        headers=headers | {"Content-Type": "application/json"} | more,
    )


def test_a_complaint_about_a_listing_that_was_handed_in(client: TestClient, key: Key, send: Any) -> None:
    body = {"id": "1", "text": "แคปซูลตัวอย่าง", "url": "https://www.shop.example/item/1?utm_source=a"}
    own = key(Scope.INGEST, Scope.READ)
    number = client.post("/v1/listings", json=body, headers=own).json()["listing_id"]
    answer = client.post("/v1/complaints", json=AD, headers=own)
    assert answer.status_code == 202
    found = answer.json()
    assert found | {"number": "", "complaint_id": 0} == {
        "complaint_id": 0,
        "number": "",
        "status": "new",
        "listing_id": number,
        "tie": "address",
    }
    assert found["number"].startswith("รร 0001/25")
    assert client.post("/v1/complaints", json=AD, headers=key(Scope.ADMIN)).json()["listing_id"] == number
    elsewhere = send(AD).json()
    unheard = send(AD | {"url": "https://shop.example/item/2"}).json()
    for receipt in (elsewhere, unheard):  # the one is known to another tenant, the other to nobody
        assert (receipt["listing_id"], receipt["tie"], receipt["status"]) == (None, None, "new")


def test_other_trouble_has_no_listing(send: Any, api_store: Store) -> None:
    found = send(
        {"category": "late", "detail": "ส่งช้า", "complained_on": "2026-11-24", "contact": None}
    ).json()
    assert (found["listing_id"], found["tie"], found["status"]) == (None, None, "new")
    row = api_store.complaints.get(found["complaint_id"])
    assert row is not None
    assert str(row.complained_on) == "2026-11-24"
    assert row.source.startswith("api:")


def test_a_day_in_the_buddhist_era_is_the_day_that_it_is_in_files(send: Any, api_store: Store) -> None:
    for given, day in (("2569-11-24", "2026-11-24"), ("2567-02-29", "2024-02-29")):
        found = send({"category": "late", "detail": f"ส่งช้า {given}", "complained_on": given}).json()
        assert str(api_store.complaints.get(found["complaint_id"]).complained_on) == day  # type: ignore[union-attr]


def test_a_repeated_request_is_done_once(send: Any) -> None:
    first = send(AD, **{"Idempotency-Key": "k1"})
    again = send(AD, **{"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = send(AD | {"detail": "อื่น"}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 422
    assert other.json()["type"] == "urn:ruthan:problem:key-reused"
    assert send(AD).json()["status"] == "known"


def test_the_number_at_the_source_makes_it_one(send: Any) -> None:
    first = send(AD | {"external_id": "1212-1"}).json()
    again = send(AD | {"external_id": "1212-1", "detail": "เล่าใหม่"}).json()
    assert (again["status"], again["number"]) == ("differs", first["number"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "spam"}, "/category"),
        ({"category": None}, "/category"),
        ({"detail": " \n"}, "/detail"),
        ({"detail": 7}, "/detail"),
        ({"detail": "ก" * (BOUNDS["detail"] + 1)}, "/detail"),
        ({"seller": "ก" * 201}, "/seller"),
        ({"platform": "radio"}, "/platform"),
        ({"complained_on": "2026-02-30"}, "/complained_on"),
        ({"complained_on": 20261124}, "/complained_on"),
        ({"complained_on": "2999-01-01"}, "/complained_on"),
        ({"complained_on": "2300-01-01"}, "/complained_on"),
        ({"national_id": "1-0000-00000-00-0"}, "/national_id"),
        ({"a/b~\ud800": 1}, "/a~1b~0\ufffd"),
    ],
)
def test_what_is_wrong_is_named(send: Any, api_store: Store, change: dict[str, Any], pointer: str) -> None:
    answer = send(AD | change)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:ruthan:problem:bad-complaint"
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert problem["detail_th"]
    assert api_store.audit.newest(9, action="complaint.file") == []


@pytest.mark.parametrize("body", [[], [AD], "x", 7])
def test_what_is_no_complaint_is_refused(send: Any, body: Any) -> None:
    assert send(body).status_code == 422


def test_a_key_needs_the_scope(client: TestClient, key: Key) -> None:
    assert client.post("/v1/complaints", json=AD, headers=key(Scope.READ)).status_code == 403
    assert client.post("/v1/complaints", json=AD).status_code == 401
