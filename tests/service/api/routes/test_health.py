import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.application import create_app
from service.running.disk_space import LEAST_ROOM, is_full
from service.settings import Settings
from service.store.tables.api_tables import Scope


def test_ready_with_a_model(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "model": "stand-in 1 (000000)"}


def test_without_a_bundle_everything_else_works_and_the_reason_is_said(settings: Settings) -> None:
    missing = settings.changed({"model.bundle": settings.evidence.folder / "no-bundle"})
    with TestClient(create_app(missing)) as client:
        assert client.get("/healthz").status_code == 200
        deadline = time.monotonic() + 30
        while "being loaded" in (response := client.get("/readyz")).text and time.monotonic() < deadline:
            time.sleep(0.05)
        assert response.status_code == 503
        assert response.json()["type"] == "urn:ruthan:problem:model-unavailable"
        assert "cannot be loaded" in response.json()["detail"]
        assert str(settings.evidence.folder.parent) not in response.text
        assert response.headers["retry-after"] == "10"
        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        headers = {"X-API-Key": token}
        body = {"listings": [{"id": "1", "text": "ก"}]}
        assert client.post("/v1/classify", json=body, headers=headers).status_code == 503
        assert client.post("/v1/listings", json=body, headers=headers).status_code == 202


def test_a_full_disk_is_not_ready_and_names_no_path(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> Any:
        asked.append(folder)
        return SimpleNamespace(free=LEAST_ROOM - 1)

    monkeypatch.setattr("service.running.disk_space.shutil.disk_usage", usage)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:ruthan:problem:disk-full")
    assert answer.headers["retry-after"] == "30"
    assert "64 MiB" in answer.json()["detail_th"]
    assert not any(str(folder) in answer.text for folder in (*asked, settings.batch.folder))
    monkeypatch.setattr(
        "service.running.disk_space.shutil.disk_usage", lambda _: SimpleNamespace(free=LEAST_ROOM)
    )
    assert client.get("/readyz").status_code == 200


def test_every_disk_that_is_written_to_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.of(
        {
            "database.url": f"sqlite:///{tmp_path}/db/x",
            "batch.folder": tmp_path / "b" / "new",
            "evidence.folder": tmp_path / "e",
            "pictures.folder": tmp_path / "p",
        }
    )
    for name in ("db", "b", "e", "p"):
        (tmp_path / name).mkdir()
    for full in ("db", "b", "e", "p", None):
        monkeypatch.setattr(
            "service.running.disk_space.shutil.disk_usage",
            lambda folder, full=full: SimpleNamespace(free=0 if folder.name == full else 2**40),
        )
        assert is_full(settings) is (full is not None)
