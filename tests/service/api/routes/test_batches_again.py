"""Batches over HTTP: sent again, and sent with a key that is revoked."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.schema import Assessment, Listing
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]
JSONL = {"Content-Type": "application/x-ndjson"}
FILE = '{"id": "1", "text": "รักษาเบาหวาน"}\n{"id": "3", "text": "ก"}\n'.encode()


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.changed({"batch.folder": tmp_path / "batches", "max.batches": 3})


def test_a_repeated_request_is_answered_though_no_further_batch_is_accepted(
    client: TestClient, key: Key
) -> None:
    own = key(Scope.CLASSIFY) | JSONL
    once = own | {"Idempotency-Key": "one"}
    first = client.post("/v1/batches", content=FILE, headers=once).json()
    for _ in range(2):
        client.post("/v1/batches", content=FILE, headers=own)
    again = client.post("/v1/batches", content=FILE, headers=once)
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    assert client.post("/v1/batches", content=FILE, headers=own).status_code == 429
    assert client.post("/v1/batches", content=FILE + b"{}", headers=once).status_code == 422


def test_a_key_that_is_revoked_while_its_file_arrives(
    client: TestClient, key: Key, api_store: Store, settings: Settings
) -> None:
    headers = key(Scope.CLASSIFY) | JSONL

    def parts() -> Iterator[bytes]:
        yield FILE
        api_store.api_keys.revoke("key 0")

    answer = client.post("/v1/batches", content=parts(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:ruthan:problem:bad-key")
    assert list(settings.batch.folder.glob("*")) == []


def test_lines_sent_again_with_a_price_are_offers(
    client: TestClient, key: Key, work: Any, api_store: Store, assessor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assess = assessor.assess

    def by_record(listing: Listing) -> Assessment:
        offered = listing.is_offer_by_record
        update = {"offer": offered, "offer_probability": 1.0 if offered else 0.2}
        return assess(listing).model_copy(update=update)  # type: ignore[no-any-return]

    monkeypatch.setattr(
        assessor, "classify", lambda listings: [by_record(listing) for listing in listings], raising=True
    )
    headers = key() | JSONL
    post = {"id": "1", "text": "ก", "platform": "facebook"}
    for record in (post, post, post | {"price": 390}, post | {"price": 390}, post | {"price": None}):
        content = json.dumps(record).encode()
        assert client.post("/v1/batches?ingest=true", content=content, headers=headers).status_code == 202
        work()
    (row,) = api_store.listings.page().rows
    assert [found.offer for found in api_store.assessments.of_listing(row.id)] == [False, True, False]
    assert api_store.unassessed(assessor.model_id) == []
