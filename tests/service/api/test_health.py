import time

from fastapi.testclient import TestClient

from service.api import create_app
from service.settings import Settings
from service.store.api_tables import Scope


def test_ready_with_a_model(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "model": "stand-in 1 (000000)"}


def test_without_a_bundle_everything_else_works_and_the_reason_is_said(settings: Settings) -> None:
    missing = settings.model_copy(update={"bundle": settings.evidence / "no-bundle"})
    with TestClient(create_app(missing)) as client:
        assert client.get("/healthz").status_code == 200
        deadline = time.monotonic() + 30
        while "being loaded" in (response := client.get("/readyz")).text and time.monotonic() < deadline:
            time.sleep(0.05)
        assert response.status_code == 503
        assert response.json()["type"] == "urn:ruthan:problem:model-unavailable"
        assert "cannot be loaded" in response.json()["detail"]
        assert response.headers["retry-after"] == "10"
        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        headers = {"X-API-Key": token}
        body = {"listings": [{"id": "1", "text": "ก"}]}
        assert client.post("/v1/classify", json=body, headers=headers).status_code == 503
        assert client.post("/v1/listings", json=body, headers=headers).status_code == 202
