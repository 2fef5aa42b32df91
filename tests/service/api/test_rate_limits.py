"""Rate limits as a client meets them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.application import create_app
from service.settings import Settings
from service.store.tables.api_tables import Scope

BODY = {"listings": [{"id": "1", "text": "ก"}]}


@pytest.fixture
def client(settings: Settings, assessor: Any) -> Iterator[TestClient]:
    limited = settings.changed({"rate.limit": "2/hour"})
    with TestClient(create_app(limited, assessor)) as opened:
        yield opened


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    client: TestClient, key: Callable[..., dict[str, str]]
) -> None:
    mine, other = key(Scope.CLASSIFY), key(Scope.CLASSIFY)
    first = client.post("/v1/classify", json=BODY, headers=mine)
    assert first.status_code == 200
    assert first.headers["ratelimit-policy"] == '"hour";q=2;w=3600'
    assert first.headers["ratelimit"].startswith('"hour";r=1;t=')
    # A request that fails for another reason counts too, and says how many are left.
    assert (
        client.post("/v1/classify", content=b"{", headers=mine).headers["ratelimit"].startswith('"hour";r=0;')
    )
    refused = client.post("/v1/classify", json=BODY, headers=mine)
    assert refused.status_code == 429
    assert 3590 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["ratelimit"].startswith('"hour";r=0;')
    problem = refused.json()
    assert problem["type"] == "urn:ruthan:problem:rate-limited"
    assert "โปรดรอ" in problem["title_th"]
    assert "2 per 1 hour" in problem["detail"]
    assert client.post("/v1/classify", json=BODY, headers=other).status_code == 200


def test_an_address_without_a_valid_key_is_limited_and_those_with_one_go_on(
    client: TestClient, key: Callable[..., dict[str, str]]
) -> None:
    assert client.get("/v1/listings").status_code == 401
    assert client.get("/v1/listings", headers={"X-API-Key": "rt_guess"}).status_code == 401
    for headers in ({}, {"X-API-Key": "rt_guess"}):
        refused = client.get("/v1/listings", headers=headers)
        assert refused.status_code == 429
        assert "retry-after" in refused.headers
    assert client.get("/v1/listings", headers=key()).status_code == 200


def test_health_and_the_console_are_not_counted(client: TestClient) -> None:
    for path in ("/healthz", "/readyz", "/login"):
        for _ in range(4):
            response = client.get(path)
            assert response.status_code == 200
            assert "ratelimit" not in response.headers
