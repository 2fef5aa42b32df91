from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from service.store import Store
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]

BODY = {"listings": [{"id": "1", "text": "ก"}]}


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}, {"X-API-Key": " "}]
)
def test_without_a_key(client: TestClient, headers: dict[str, str]) -> None:
    response = client.post("/v1/classify", json=BODY, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert "ruthan api-key create" in response.json()["detail"]


def test_an_unknown_and_a_revoked_key(client: TestClient, api_store: Store) -> None:
    new = api_store.api_keys.create("a", [Scope.CLASSIFY])
    headers = {"X-API-Key": new.token}
    assert client.post("/v1/classify", json=BODY, headers=headers).status_code == 200
    api_store.api_keys.revoke("a")
    for token in (new.token, "rt_guess"):
        response = client.post("/v1/classify", json=BODY, headers={"X-API-Key": token})
        assert response.status_code == 401
        assert token not in response.text


def test_a_key_may_do_what_its_scopes_say_and_no_more(client: TestClient, key: Key) -> None:
    calls = {
        Scope.CLASSIFY: lambda headers: client.post("/v1/classify", json=BODY, headers=headers),
        Scope.INGEST: lambda headers: client.post("/v1/listings", json=BODY, headers=headers),
        Scope.READ: lambda headers: client.get("/v1/listings", headers=headers),
    }
    for scope in calls:
        headers = key(scope)
        for needed, call in calls.items():
            response = call(headers)
            assert response.is_success == (scope is needed), (scope, needed)
            if scope is not needed:
                assert response.status_code == 403
                assert needed.value in response.json()["detail"]
    admin = key(Scope.ADMIN)
    assert all(call(admin).is_success for call in calls.values())


def test_the_key_is_asked_for_before_the_body_is_read(client: TestClient) -> None:
    assert client.post("/v1/classify", content=b"\xff").status_code == 401
