import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.taxonomy import Verdict
from service.application import create_app
from service.decisions.reasons import position_at
from service.settings import Settings
from service.store import Store
from service.store.platforms.deliveries import DeliveryAttempt
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]
URL = "https://shop.example/hook"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small DNS: shop.example is public, inside.example is not, all others do not exist."""
    known = {"shop.example": "8.8.8.8", "inside.example": "10.0.0.7", "127.0.0.1": "127.0.0.1"}

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror
        return [(0, 0, 0, "", (known[host], port))]

    monkeypatch.setattr("service.webhooks.addresses.socket.getaddrinfo", look_up)


@pytest.fixture
def loopback(settings: Settings, assessor: Any) -> Iterator[TestClient]:
    given = settings.changed({"webhook.allow_loopback": True})
    with TestClient(create_app(given, assessor)) as opened:
        yield opened


def test_a_webhook_is_made_read_and_removed(
    client: TestClient, api_store: Store, key: Key, decide: Any
) -> None:
    headers = key(Scope.READ)
    decide(api_store, "theirs", Verdict.PROHIBITED.value)
    earlier = decide(api_store, "a", Verdict.PROHIBITED.value, source="api:key 0")
    decide(api_store, "theirs too", Verdict.PROHIBITED.value)
    made = client.post("/v1/webhooks", json={"url": URL}, headers=headers)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    listed = client.get("/v1/webhooks", headers=headers)
    assert secret not in listed.text
    (found,) = listed.json()["webhooks"]
    assert (found["url"], found["state"], found["attempts"]) == (URL, "active", 0)
    assert position_at(found["cursor"]) == earlier  # only what is decided from now on
    path = f"/v1/webhooks/{found['webhook_id']}"
    assert client.delete(path, headers=key(Scope.READ)).status_code == 404
    assert client.delete(path, headers=headers).status_code == 204
    assert client.get("/v1/webhooks", headers=headers).json() == {"webhooks": []}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"url": "http://shop.example/"}, "encrypted"),
        ({"url": "https://inside.example/"}, "public internet"),
        ({"url": "https://nowhere.example/"}, "cannot be found"),
        ({"url": "https://127.0.0.1/"}, "public internet"),
        ({"url": 1}, "send"),
        ([], "send"),
    ],
)
def test_an_address_that_cannot_be_used(client: TestClient, key: Key, body: Any, says: str) -> None:
    answer = client.post("/v1/webhooks", json=body, headers=key(Scope.READ))
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:ruthan:problem:bad-webhook"
    assert says in answer.json()["detail"]
    assert "10.0.0.7" not in answer.text


def test_the_same_address_twice_and_loopback_where_it_is_allowed(loopback: TestClient) -> None:
    store: Store = loopback.app.state.store  # type: ignore[attr-defined]
    headers = {"X-API-Key": store.api_keys.create("a", [Scope.READ]).token}
    body = {"url": "http://127.0.0.1:8000/hook"}
    assert loopback.post("/v1/webhooks", json=body, headers=headers).status_code == 201
    again = loopback.post("/v1/webhooks", json=body, headers=headers)
    assert (again.status_code, "already" in again.json()["detail"]) == (422, True)


def test_an_address_in_another_spelling_is_the_same_address(client: TestClient, key: Key) -> None:
    headers = key(Scope.READ)
    for url, status in (
        ("HTTPS://Shop.Example:443/Hook?A=b", 201),
        ("https://shop.example/Hook?A=b", 422),
        ("https://SHOP.example:443/Hook?A=b", 422),
        ("https://shop.example./Hook?A=b", 422),
        ("https://shop.example/hook?A=b", 201),
        ("https://shop.example/Hook?a=b", 201),
        ("https://shop.example:8443/Hook?A=b", 201),
        ("https://shop.example", 201),
        ("https://shop.example/", 422),
    ):
        answer = client.post("/v1/webhooks", json={"url": url}, headers=headers)
        assert answer.status_code == status, (url, answer.text)
        assert status == 201 or "already" in answer.json()["detail"]
    urls = [made["url"] for made in client.get("/v1/webhooks", headers=headers).json()["webhooks"]]
    assert urls[0] == "HTTPS://Shop.Example:443/Hook?A=b"


def test_a_new_secret_is_shown_once(client: TestClient, key: Key) -> None:
    headers = key(Scope.READ)
    made = client.post("/v1/webhooks", json={"url": URL}, headers=headers).json()
    renewed = client.post(f"/v1/webhooks/{made['webhook_id']}/secret", headers=headers).json()
    assert renewed["secret"] != made["secret"]
    assert renewed["webhook_id"] == made["webhook_id"]


def test_replay_goes_back_to_a_time(client: TestClient, api_store: Store, key: Key, decide: Any) -> None:
    headers = key(Scope.READ)
    first = decide(api_store, "a", Verdict.PROHIBITED.value, source="api:key 0")
    decide(api_store, "theirs", Verdict.PROHIBITED.value)
    moment = datetime.now(UTC).isoformat()
    decide(api_store, "b", Verdict.PROHIBITED.value, source="api:key 0")
    number = client.post("/v1/webhooks", json={"url": URL}, headers=headers).json()["webhook_id"]
    path = f"/v1/webhooks/{number}/replay"
    answer = client.post(path, params={"since": moment}, headers=headers)
    assert (answer.status_code, position_at(answer.json()["cursor"])) == (200, first)
    for params in ({}, {"since": "2026-01-01T00:00:00"}, {"since": "x"}):
        bad = client.post(path, params=params, headers=headers)
        assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/query/since")


def test_how_a_webhook_fares(client: TestClient, api_store: Store, key: Key) -> None:
    headers = key(Scope.READ)
    number = client.post("/v1/webhooks", json={"url": URL}, headers=headers).json()["webhook_id"]
    hour = datetime.resolution * 3_600_000_000
    moment = datetime.now(UTC)
    for give_up_after, state in ((hour, "failing"), (0 * hour, "disabled")):
        tried = DeliveryAttempt("notice-1", "notice.takedown", 500, "it answered with status 500")
        api_store.deliveries.failed(number, tried, moment, hour, give_up_after)
        (found,) = client.get("/v1/webhooks", headers=headers).json()["webhooks"]
        assert (found["state"], found["last_problem"]) == (state, "it answered with status 500")
        assert (found["next_attempt_at"] is not None) == (state == "failing")
    assert (found["attempts"], found["disabled_at"] is not None) == (2, True)


@pytest.mark.parametrize("number", ["7", "0", "-1", "99999999999999999999"])
def test_unknown_numbers_and_missing_scopes(client: TestClient, key: Key, number: str) -> None:
    since = {"since": "2026-01-01T00:00:00Z"}
    calls = [
        ("DELETE", f"/v1/webhooks/{number}"),
        ("POST", f"/v1/webhooks/{number}/secret"),
        ("POST", f"/v1/webhooks/{number}/replay"),
    ]
    for method, path in calls:
        params = since if path.endswith("/replay") else {}
        answer = client.request(method, path, params=params, headers=key(Scope.READ))
        assert answer.status_code == 404, (method, path)
        assert client.request(method, path, params=params, headers=key(Scope.INGEST)).status_code == 403
    assert client.get("/v1/webhooks", headers=key(Scope.CLASSIFY)).status_code == 403
    assert client.post("/v1/webhooks", json={"url": URL}, headers=key(Scope.INGEST)).status_code == 403


def test_a_webhook_whose_key_was_revoked_is_stopped_in_every_answer(
    client: TestClient, api_store: Store, key: Key
) -> None:
    first = key(Scope.READ)
    path = (
        f"/v1/webhooks/{client.post('/v1/webhooks', json={'url': URL}, headers=first).json()['webhook_id']}"
    )
    other = api_store.api_keys.create("other", [Scope.READ], tenant="key 0").token
    headers = {"X-API-Key": other}
    api_store.api_keys.revoke("key 0")
    changed = client.patch(path, json={"events": ["notice.takedown"]}, headers=headers)
    secret = client.post(f"{path}/secret", headers=headers)
    assert [changed.json()["state"], secret.json()["state"]] == ["stopped", "stopped"]
    refused = client.post(f"{path}/retry", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:ruthan:problem:bad-webhook")
    assert "replay" in refused.json()["detail"]
    since = {"since": "2026-01-01T00:00:00Z"}
    replayed = client.post(f"{path}/replay", params=since, headers=headers)
    assert replayed.json()["state"] == "active"
    assert client.post(f"{path}/retry", headers=headers).json()["state"] == "active"
