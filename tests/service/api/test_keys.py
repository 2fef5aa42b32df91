from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.store import Store
from service.store.tables.api_tables import ApiKey, Scope
from service.store.tenants.own_keys import MAX_KEYS

Key = Callable[..., dict[str, str]]
DAY = timedelta(days=1)


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def end_of(store: Store, name: str, at: datetime) -> None:
    """Let a key expire at this time, so that the test need not wait."""
    with store.database.writing() as session:
        row = session.query(ApiKey).filter_by(name=name).one()
        row.expires_at = at


def test_an_integrator_makes_rotates_and_revokes_keys(client: TestClient, api_store: Store, key: Key) -> None:
    own = key(Scope.KEYS, Scope.READ)
    wanted = {"name": "reader", "scopes": ["read"], "expires_at": "2099-01-01T00:00:00+07:00"}
    made = client.post("/v1/keys", json=wanted, headers=own)
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["name"], found["scopes"]) == ("key 0/reader", ["read"])
    assert found["expires_at"] == "2098-12-31T17:00:00Z"
    reader = {"X-API-Key": found["secret"]}
    assert client.get("/v1/listings", headers=reader).status_code == 200
    assert client.get("/v1/keys", headers=reader).status_code == 403
    listed = client.get("/v1/keys", headers=own)
    assert [row["name"] for row in listed.json()["keys"]] == ["key 0", "key 0/reader"]
    assert found["secret"] not in listed.text

    path = f"/v1/keys/{found['key_id']}"
    new = client.post(f"{path}/rotate", params={"grace_hours": 0}, headers=own).json()
    assert new["expires_at"] == found["expires_at"]
    assert kind(client.get("/v1/listings", headers=reader)) == (401, "bad-key")
    reader = {"X-API-Key": new["secret"]}
    assert client.get("/v1/listings", headers=reader).status_code == 200
    assert client.delete(path, headers=own).status_code == 204
    assert kind(client.get("/v1/listings", headers=reader)) == (401, "bad-key")
    assert kind(client.post(f"{path}/rotate", headers=own)) == (404, "not-found")
    entries = api_store.audit.newest(3)
    assert [(entry.actor, entry.action, entry.subject) for entry in entries] == [
        ("key:key 0", f"api_key.{deed}", "api_key:key 0/reader") for deed in ("create", "rotate", "revoke")
    ]
    assert new["secret"] not in str([entry.detail for entry in entries])


def test_no_key_gives_more_than_it_has(client: TestClient, api_store: Store, key: Key) -> None:
    own, boss = key(Scope.KEYS, Scope.READ), key(Scope.ADMIN)
    for scopes, answer in (
        (["ingest"], (403, "not-allowed")),
        (["read", "ingest"], (403, "not-allowed")),
        (["read_all"], (422, "bad-new-key")),
        (["admin"], (422, "bad-new-key")),
        ([], (422, "bad-new-key")),
    ):
        assert kind(client.post("/v1/keys", json={"name": "x", "scopes": scopes}, headers=own)) == answer
    assert kind(client.post("/v1/keys", json={"name": "x", "scopes": ["admin"]}, headers=boss))[0] == 422
    stronger = api_store.api_keys.create("stronger", [Scope.READ, Scope.INGEST], "key 0").row.id
    for method, path in (("POST", f"/v1/keys/{stronger}/rotate"), ("DELETE", f"/v1/keys/{stronger}")):
        assert kind(client.request(method, path, headers=own)) == (403, "not-allowed")
    end_of(api_store, "key 0", datetime.now(UTC) + 40 * DAY)
    late = {"name": "late", "scopes": ["read"], "expires_at": "2099-01-01T00:00:00Z"}
    assert kind(client.post("/v1/keys", json=late, headers=own)) == (403, "not-allowed")
    made = client.post("/v1/keys", json=late | {"expires_at": None}, headers=own).json()
    assert made["expires_at"] is not None, "it ends when the key ends that made it"
    for_ever = api_store.api_keys.create("for ever", [Scope.READ], "key 0").row.id
    assert kind(client.post(f"/v1/keys/{for_ever}/rotate", headers=own)) == (403, "not-allowed")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"name": "x"},
        {"name": "ก", "scopes": ["read"]},
        {"name": "x" * 61, "scopes": ["read"]},
        {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "scopes": ["read"], "expires_at": "tomorrow"},
        {"name": "x", "scopes": ["read"], "tenant": "other"},
    ],
)
def test_what_cannot_be_made(client: TestClient, key: Key, body: Any) -> None:
    assert kind(client.post("/v1/keys", json=body, headers=key(Scope.ADMIN))) == (422, "bad-new-key")


def test_a_tenant_makes_only_so_many_keys(client: TestClient, key: Key) -> None:
    own = key(Scope.KEYS)
    answers = [
        client.post("/v1/keys", json={"name": str(n), "scopes": ["keys"]}, headers=own)
        for n in range(MAX_KEYS)
    ]
    assert [answer.status_code for answer in answers] == [201] * (MAX_KEYS - 1) + [422]
    again = client.post("/v1/keys", json={"name": "1", "scopes": ["keys"]}, headers=own)
    assert again.status_code == 422


def test_a_key_is_warned_before_its_end_and_refused_after(client: TestClient, api_store: Store) -> None:
    end = datetime.now(UTC) + 31 * DAY
    headers = {"X-API-Key": api_store.api_keys.create("shop", [Scope.READ], expires_at=end).token}
    assert "x-key-expires" not in client.get("/v1/listings", headers=headers).headers
    end -= 2 * DAY
    end_of(api_store, "shop", end)
    for path, status in (("/v1/listings", 200), ("/v1/listings/9", 404), ("/v1/keys", 403)):
        answer = client.get(path, headers=headers)
        assert answer.status_code == status
        assert answer.headers["x-key-expires"] == f"{end:%Y-%m-%dT%H:%M:%SZ}"
    end_of(api_store, "shop", datetime.now(UTC))
    refused = client.get("/v1/listings", headers=headers)
    assert kind(refused) == (401, "key-expired")
    assert f"{datetime.now(UTC):%Y}" in refused.json()["detail"]
    assert refused.json()["detail_th"]
    api_store.api_keys.rotate("shop", DAY, "cli", end)
    assert client.get("/v1/listings", headers=headers).status_code == 200, "the replaced secret too"


def test_the_webhook_of_a_key_that_ended_is_taken_over(
    client: TestClient, api_store: Store, settings: Any
) -> None:
    first = api_store.api_keys.create("first", [Scope.READ]).row
    second = api_store.api_keys.create("second", [Scope.READ], "first").token
    number = api_store.webhooks.create(first, "https://shop.example/", 0, settings.secret.webhook_cipher()).id
    headers = {"X-API-Key": second}
    assert [due.webhook_id for due in api_store.deliveries.due(datetime.now(UTC))] == [number]
    end_of(api_store, "first", datetime.now(UTC))
    assert api_store.deliveries.due(datetime.now(UTC)) == []
    assert [hook["state"] for hook in client.get("/v1/webhooks", headers=headers).json()["webhooks"]] == [
        "stopped"
    ]
    since = {"since": "2099-01-01T00:00:00Z"}
    taken = client.post(f"/v1/webhooks/{number}/replay", params=since, headers=headers).json()
    assert taken["state"] == "active"
    assert [due.webhook_id for due in api_store.deliveries.due(datetime.now(UTC))] == [number]
    # After a merge the tenant can have two webhooks for one address.
    other = api_store.api_keys.create("other", [Scope.READ])
    api_store.webhooks.create(other.row, "https://shop.example/", 0, settings.secret.webhook_cipher())
    api_store.tenants.merge("first", "other", "cli")
    api_store.api_keys.revoke("second")
    headers = {"X-API-Key": other.token}
    refused = client.post(f"/v1/webhooks/{number}/replay", params=since, headers=headers)
    assert kind(refused) == (422, "bad-webhook")
    assert refused.json()["detail_th"]
