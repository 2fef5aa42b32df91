"""The header Idempotency-Key over HTTP, on every database, with many requests at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from service.api.routes import listings
from service.application import create_app
from service.settings import Settings
from service.store import Store
from service.store.platforms.idempotency import LEASE
from service.store.tables.api_tables import IdempotencyRecord, Scope
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import Listing as Row

COMPLAINT = {"category": "late", "detail": "โอนเงินแล้วไม่ได้รับสินค้า"}
IN_FLIGHT, REUSED = "urn:ruthan:problem:in-flight", "urn:ruthan:problem:key-reused"


@pytest.fixture
def client(url: str, settings: Settings, assessor: Any) -> Iterator[TestClient]:
    of_url = settings.changed({"database.url": url})
    with TestClient(create_app(of_url, assessor), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def store(client: TestClient) -> Store:
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    return store


@pytest.fixture
def headers(store: Store) -> dict[str, str]:
    token = store.api_keys.create("shop", [Scope.INGEST]).token
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}


def at_once(number: int, send: Callable[[int], Response]) -> list[Response]:
    start = threading.Barrier(number)

    def attempt(n: int) -> Response:
        start.wait()
        return send(n)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(attempt, range(number)))


def count(store: Store, table: Any) -> int:
    with store.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_ten_equal_requests_at_once_have_one_answer(
    client: TestClient, store: Store, headers: dict[str, str]
) -> None:
    body = {"listings": [{"id": str(n), "text": "ก"} for n in range(20)]}
    found = at_once(10, lambda _: client.post("/v1/listings", json=body, headers=headers))
    assert {response.status_code for response in found} <= {202, 409}
    for response in found:
        if response.status_code == 409:
            assert response.json()["type"] == IN_FLIGHT
            # As long as the first request has taken: more than a second on a busy machine.
            assert 1 <= int(response.headers["retry-after"]) <= LEASE.total_seconds()
    answers = [response for response in found if response.status_code == 202]
    answers.append(client.post("/v1/listings", json=body, headers=headers))
    assert answers[-1].headers["idempotency-replayed"] == "true"
    assert [item["status"] for item in answers[-1].json()["listings"]] == ["new"] * 20
    assert all(response.json() == answers[-1].json() for response in answers)
    assert sum("idempotency-replayed" not in response.headers for response in answers) == 1
    assert count(store, IdempotencyRecord) == 1


def test_of_eight_bodies_under_one_key_one_is_carried_out(
    client: TestClient, store: Store, headers: dict[str, str]
) -> None:
    found = at_once(
        8, lambda n: client.post("/v1/listings", json={"id": str(n), "text": "ก"}, headers=headers)
    )
    assert sorted(response.status_code for response in found) == [202] + [422] * 7
    assert {response.json().get("type") for response in found} == {None, REUSED}
    assert count(store, Row) == 1


def test_a_key_belongs_to_one_operation(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/complaints", json=COMPLAINT, headers=headers).status_code == 202
    other = client.post("/v1/listings", json=COMPLAINT, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, REUSED)


def test_of_ten_equal_complaints_at_once_one_is_kept(
    client: TestClient, store: Store, headers: dict[str, str]
) -> None:
    at_once(10, lambda _: client.post("/v1/complaints", json=COMPLAINT, headers=headers))
    last = client.post("/v1/complaints", json=COMPLAINT, headers=headers)
    assert (last.json()["status"], last.headers["idempotency-replayed"]) == ("new", "true")
    assert count(store, Complaint) == 1


def test_a_request_that_failed_frees_its_key(
    client: TestClient, store: Store, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {"listings": [{"id": "1", "text": "ก"}, {"id": "2"}]}
    assert client.post("/v1/listings", json=bad, headers=headers).status_code == 422
    with monkeypatch.context() as patched:
        patched.setattr(listings, "deposited", lambda *_: 1 / 0)
        assert client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers=headers).status_code == 500
    assert count(store, Row) == count(store, IdempotencyRecord) == 0, "one transaction: all or nothing"
    found = client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers=headers)
    assert (found.status_code, found.json()["status"]) == (202, "new")


def test_an_answer_that_was_lost_on_its_way_is_given_again(
    client: TestClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"id": "1", "text": "ก"}
    with monkeypatch.context() as patched:
        patched.setattr(listings, "_located", lambda *_: 1 / 0)
        assert client.post("/v1/listings", json=body, headers=headers).status_code == 500
    again = client.post("/v1/listings", json=body, headers=headers)
    assert (again.json()["status"], again.headers["idempotency-replayed"]) == ("new", "true")


def test_a_process_that_died_between_reservation_and_answer_locks_no_key(
    client: TestClient, store: Store, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"id": "1", "text": "ก"}
    with (
        monkeypatch.context() as patched
    ):  # as if it had been killed: it neither answers nor releases the key
        patched.setattr(store.listings, "deposit_all", lambda *_: 1 / 0)
        patched.setattr(store.idempotency, "release", lambda _: None)
        assert client.post("/v1/listings", json=body, headers=headers).status_code == 500
    waiting = client.post("/v1/listings", json=body, headers=headers)
    assert (waiting.status_code, waiting.json()["type"]) == (409, IN_FLIGHT)
    other = client.post("/v1/listings", json=body | {"id": "2"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, REUSED)
    with store.database.writing() as session:
        row = session.scalars(select(IdempotencyRecord)).one()
        assert row.reserved_until is not None
        row.reserved_until -= LEASE + timedelta(seconds=1)
    done = client.post("/v1/listings", json=body, headers=headers)
    assert (done.status_code, done.json()["status"]) == (202, "new")
