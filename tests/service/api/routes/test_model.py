import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference.model.bundle import load_bundle, shipped_bundle
from inference.model.versioned_folder import sha256_of
from labels.taxonomy import ClaimLabel
from service.answers.model import ModelFacts
from service.application import create_app
from service.inference_pool.assessor import load_assessor
from service.settings import Settings
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]

TINY = Path(__file__).parents[3] / "data" / "tiny_bundle"


def ask(settings: Settings, bundle: Path) -> dict[str, object]:
    chosen = settings.changed({"model.bundle": bundle})
    with TestClient(create_app(chosen, load_assessor(chosen))) as client:
        token = client.app.state.store.api_keys.create("a", [Scope.READ]).token  # type: ignore[attr-defined]
        response = client.get("/v1/model", headers={"X-API-Key": token})
    assert response.status_code == 200
    found: dict[str, object] = response.json()
    return found


def test_it_tells_of_the_bundle_in_use(settings: Settings) -> None:
    found = ModelFacts.model_validate(ask(settings, TINY))
    bundle = load_bundle(TINY)
    assert found.model == bundle.model_id
    assert found.bundle is not None
    assert found.bundle.version == bundle.manifest.version
    assert set(found.bundle.label_thresholds) == set(ClaimLabel)
    for name, digest in found.bundle.files.items():
        assert sha256_of(TINY / name) == digest
    assert found.registry.loaded is False
    assert found.registry.snapshot_date is None


@pytest.mark.slow
def test_it_tells_the_figures_of_the_shipped_bundle(settings: Settings) -> None:
    found = ModelFacts.model_validate(ask(settings, shipped_bundle()))
    test = json.loads((shipped_bundle() / "metrics.json").read_text(encoding="utf-8"))["test"]
    assert found.bundle is not None
    figures = found.bundle.test_figures
    for name in ("average_precision", "verdict_precision", "verdict_recall", "macro_f1", "listings"):
        assert figures[name] == test[name]
    assert found.bundle.window.tokens > 0


def test_a_model_that_is_no_bundle_has_an_id_all_the_same(client: TestClient, key: Key) -> None:
    found = client.get("/v1/model", headers=key(Scope.CLASSIFY)).json()
    assert found["model"] == "stand-in 1 (000000)"
    assert found["bundle"] is None
    assert len(found["policy"]["sha256"]) == 64


def test_scopes(client: TestClient, key: Key) -> None:
    assert client.get("/v1/model").status_code == 401
    assert client.get("/v1/model", headers=key(Scope.INGEST)).status_code == 403
    assert client.get("/v1/model", headers=key(Scope.READ)).status_code == 200


def test_without_a_model_it_says_why(settings: Settings) -> None:
    missing = settings.changed({"model.bundle": settings.evidence.folder / "no-bundle"})
    app = create_app(missing)
    with TestClient(app) as client:
        app.state.holder.wait(30)
        token = app.state.store.api_keys.create("a", [Scope.READ]).token
        response = client.get("/v1/model", headers={"X-API-Key": token})
        assert response.status_code == 503
        assert response.json()["type"] == "urn:ruthan:problem:model-unavailable"


def test_the_example_has_the_shape_of_the_answer(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/model"]["get"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert ModelFacts.model_validate(example).model_dump(mode="json", exclude_none=True) == example
