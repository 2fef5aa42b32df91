"""Every refusal says in English and in Thai what is wrong, also where the store refuses."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.store import Store
from service.store.tables.api_tables import Scope
from service.store.tenants.registry import MAX_NAME
from tests.helpers.every import every

Key = Callable[..., dict[str, str]]
THAI = re.compile("[ก-๛]")
HOOK = {"url": "https://shop.example/"}


def test_every_refusal_has_words_in_both_languages(
    client: TestClient, api_store: Store, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.routes.webhooks.resolve", lambda *_: [])
    monkeypatch.setattr("service.store.platforms.webhooks.MAX_PER_TENANT", 1)
    admin, reader = key(Scope.ADMIN), key(Scope.READ)
    keys = key(Scope.KEYS, Scope.READ)
    hook = client.post("/v1/webhooks", json=HOOK, headers=reader).json()["webhook_id"]
    other = client.post("/v1/keys", json={"name": "x", "scopes": ["read"]}, headers=keys).json()
    made = client.post("/v1/webhooks", json=HOOK, headers={"X-API-Key": other["secret"]})
    ended = made.json()["webhook_id"]
    assert client.delete(f"/v1/keys/{other['key_id']}", headers=keys).status_code == 204
    long = api_store.api_keys.create("t" * (MAX_NAME - 5), [Scope.KEYS, Scope.READ]).token
    monkeypatch.setattr("service.store.tenants.own_keys.MAX_KEYS", 1)
    once = admin | {"Idempotency-Key": "a"}
    client.post("/v1/listings", json={"id": "1", "text": "x"}, headers=once)
    form = {"body": ("", b'{"listings": []}', "application/json"), "x": ("x.png", b"x", "image/png")}
    cases: dict[str, tuple[int, tuple[str, str], dict[str, Any]]] = {
        "no key": (401, ("GET", "/v1/listings"), {}),
        "unknown key": (401, ("GET", "/v1/listings"), {"headers": {"X-API-Key": "rt_x"}}),
        "scope": (403, ("POST", "/v1/classify"), {"headers": reader, "json": {}}),
        "path": (404, ("GET", "/v1/nothing"), {}),
        "method": (405, ("PUT", "/v1/listings"), {}),
        "parameter": (422, ("GET", "/v1/listings?limit=x&order=y&since=z&ingest=1"), {"headers": admin}),
        "number": (422, ("GET", "/v1/listings?limit=x&order=y&since=z"), {"headers": admin}),
        "cursor": (422, ("GET", "/v1/listings?cursor=x"), {"headers": admin}),
        "feed's cursor": (422, ("GET", "/v1/takedowns?cursor=x"), {"headers": admin}),
        "listing": (404, ("GET", "/v1/listings/9"), {"headers": admin}),
        "appeal": (404, ("GET", "/v1/appeals/9"), {"headers": admin}),
        "batch": (404, ("GET", "/v1/batches/b_x"), {"headers": admin}),
        "webhook": (404, ("DELETE", "/v1/webhooks/99"), {"headers": admin}),
        "key": (404, ("DELETE", "/v1/keys/99"), {"headers": admin}),
        "body": (400, ("POST", "/v1/listings"), {"headers": admin, "content": b"{"}),
        "empty body": (400, ("POST", "/v1/listings"), {"headers": admin, "content": b""}),
        "NaN": (400, ("POST", "/v1/listings"), {"headers": admin, "content": b"[NaN]"}),
        "encoding": (400, ("POST", "/v1/listings"), {"headers": admin, "content": b"\xff"}),
        "NUL": (400, ("POST", "/v1/listings"), {"headers": admin, "content": b"\0{}"}),
        "form": (400, ("POST", "/v1/classify"), {"headers": admin, "files": form}),
        "media type": (415, ("POST", "/v1/listings"), {"headers": admin | {"Content-Type": "text/plain"}}),
        "size": (413, ("POST", "/v1/listings"), {"headers": admin, "content": b" " * (2**24 + 1)}),
        "no list": (422, ("POST", "/v1/classify"), {"headers": admin, "json": []}),
        "empty list": (422, ("POST", "/v1/classify"), {"headers": admin, "json": {"listings": []}}),
        "many": (413, ("POST", "/v1/classify"), {"headers": admin, "json": {"listings": [{}] * 101}}),
        "field": (422, ("POST", "/v1/classify"), {"headers": admin, "json": {"listings": [{"id": "1"}]}}),
        "base64": (422, ("POST", "/v1/listings"), {"headers": admin, "json": picture("?")}),
        "picture": (422, ("POST", "/v1/listings"), {"headers": admin, "json": picture("eA==")}),
        "pictures": (413, ("POST", "/v1/listings"), {"headers": admin, "json": picture(*["eA=="] * 21)}),
        "reused": (422, ("POST", "/v1/listings"), {"headers": once, "json": {"id": "2", "text": "x"}}),
        "simulation": (403, ("POST", "/v1/listings/1/decision"), {"headers": admin, "json": {}}),
        "contest": (409, ("POST", "/v1/listings/1/appeals"), {"headers": admin, "json": {"reason": "x"}}),
        "same webhook": (422, ("POST", "/v1/webhooks"), {"headers": reader, "json": HOOK}),
        "webhooks": (422, ("POST", "/v1/webhooks"), {"headers": reader, "json": {"url": HOOK["url"] + "a"}}),
        "events": (
            422,
            ("PATCH", f"/v1/webhooks/{hook}"),
            {"headers": reader, "json": {"events": ["batch.done"]}},
        ),
        "ended webhook": (422, ("POST", f"/v1/webhooks/{ended}/test"), {"headers": keys}),
        "long name": (422, ("POST", "/v1/keys"), {"headers": {"X-API-Key": long}, "json": new_key("x" * 9)}),
        "no scope": (422, ("POST", "/v1/keys"), {"headers": keys, "json": new_key("y", [])}),
        "more scope": (403, ("POST", "/v1/keys"), {"headers": keys, "json": new_key("y", ["ingest"])}),
        "past": (
            422,
            ("POST", "/v1/keys"),
            {"headers": keys, "json": new_key("y") | {"expires_at": "2020-01-01T00:00:00Z"}},
        ),
        "same name": (422, ("POST", "/v1/keys"), {"headers": keys, "json": new_key("x")}),
        "keys": (422, ("POST", "/v1/keys"), {"headers": keys, "json": new_key("y")}),
    }
    cases |= {
        url: (422, ("POST", "/v1/webhooks"), {"headers": admin, "json": {"url": url}})
        for url in (
            "shop",
            "http://shop.example",
            "https://ก.example",
            "https://[",
            "https://a:b@shop.example",
            "https://shop.example:0",
        )
    }

    def refused(name: str) -> None:
        status, (method, path), sent = cases[name]
        answer = client.request(method, path, **sent)
        assert answer.status_code == status, answer.text
        problem = answer.json()
        assert THAI.search(problem["detail_th"]), problem
        assert THAI.search(problem["title_th"])
        assert not THAI.search(problem["detail"])

    every([(name,) for name in cases], refused)


def picture(*data: str) -> dict[str, Any]:
    return {"id": "p", "text": "x", "images": [{"data": each} for each in data]}


def new_key(name: str, scopes: tuple[str, ...] | list[str] = ("read",)) -> dict[str, Any]:
    return {"name": name, "scopes": list(scopes)}
