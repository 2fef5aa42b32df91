"""The courier in production: beside the server, and in the worker's command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from labels.taxonomy import Verdict
from service.application import create_app
from service.commands import main as commands
from service.settings import Settings
from service.store import Store, open_store
from service.store.tables.api_tables import Scope

TINY_BUNDLE = Path(__file__).parents[2] / "data" / "tiny_bundle"


def test_the_server_delivers_to_a_webhook_that_was_made_over_the_api(
    webhook_settings: Settings, assessor: Any, endpoint: Any, decide: Any, until: Callable[..., None]
) -> None:
    with TestClient(create_app(webhook_settings, assessor, with_worker=True)) as client:
        store: Store = client.app.state.store  # type: ignore[attr-defined]
        headers = {"X-API-Key": store.api_keys.create("shop", [Scope.READ]).token}
        made = client.post("/v1/webhooks", json={"url": endpoint.url}, headers=headers)
        assert made.status_code == 201, made.text
        decide(store, "a", Verdict.PROHIBITED.value)
        until(lambda: endpoint.received)


def test_the_worker_delivers_what_is_due_and_ends(
    webhook_settings: Settings, endpoint: Any, decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLE", str(TINY_BUNDLE))
    monkeypatch.setenv("RUTHAN_WEBHOOK_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("RUTHAN_SECRET_KEY", "k" * 40)
    with open_store(webhook_settings.database.url) as store:
        key = store.api_keys.create("shop", [Scope.READ]).row
        store.webhooks.create(key, endpoint.url, 0, webhook_settings.secret.webhook_cipher())
        decide(store, "a", Verdict.PROHIBITED.value)
        result = CliRunner().invoke(commands.worker, ["--once", "--database", webhook_settings.database.url])
        assert result.exit_code == 0, result.output
        assert store.webhooks.of(key)[0].last_delivered_at is not None
    assert len(endpoint.received) == 1
