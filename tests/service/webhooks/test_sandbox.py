"""The sandbox works like production, and nothing of it reaches the real database."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import select

from labels.taxonomy import Verdict
from service.application import create_app
from service.batches.running import BatchRunner
from service.client import verify_event
from service.commands import api_key as commands
from service.running.sandbox import Sandbox, SandboxWork
from service.settings import Settings
from service.store import Store, open_store
from service.store.appeals.tables import Appellant
from service.store.tables.api_tables import EventType, Scope
from service.store.tables.core_tables import Base
from service.webhooks.courier import Courier

REAL, TRIAL = "realmark", "trialmark"
ALL = [kind.value for kind in EventType if kind is not EventType.TEST]
SCOPES = [Scope.CLASSIFY, Scope.INGEST, Scope.READ, Scope.KEYS]
JSONL = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def settings(settings: Settings, tables: Path, tmp_path: Path) -> Settings:
    copyfile(tables, tmp_path / "sandbox.db")
    return settings.changed(
        {
            "sandbox.database_url": f"sqlite:///{tmp_path / 'sandbox.db'}",
            "webhook.allow_loopback": True,
        }
    )


@pytest.fixture
def client(settings: Settings, assessor: Any) -> Iterator[TestClient]:
    with TestClient(create_app(settings, assessor)) as opened:
        yield opened


def stores(client: TestClient) -> tuple[Store, Sandbox]:
    return client.app.state.store, client.app.state.sandbox  # type: ignore[attr-defined]


def content(store: Store) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with store.database.reading() as session:
        return {
            name: sorted(map(repr, session.execute(select(table))))
            for name, table in Base.metadata.tables.items()
        }


def work(client: TestClient, assessor: Any) -> None:
    _, sandbox = stores(client)
    batches = BatchRunner(sandbox.store, assessor, sandbox.settings)
    step, stop = SandboxWork(sandbox.store, assessor, batches.step).step, threading.Event()
    while step(stop):
        pass
    Courier(sandbox.store, sandbox.settings).run(stop, once=True)


def test_the_whole_path_of_an_integrator_leaves_the_real_database_as_it_was(
    client: TestClient, endpoint: Any, assessor: Any, decide: Any
) -> None:
    store, sandbox = stores(client)
    store.api_keys.create("shop", [Scope.READ])
    decide(store, "sku-1", Verdict.CLEAR.value)
    before = content(store)
    token = sandbox.store.api_keys.create("shop", SCOPES, sandbox=True).token
    assert token.startswith("rt_sandbox_")
    headers = {"X-API-Key": token}

    def ask(method: str, path: str, **more: Any) -> Any:
        answer = client.request(method, path, headers=headers | more.pop("headers", {}), **more)
        assert answer.is_success, answer.text
        return answer.json()

    made = ask("POST", "/v1/webhooks", json={"url": endpoint.url, "events": ALL})
    listing = ask("POST", "/v1/listings", json={"id": "sku-1", "text": "แคปซูล รักษาเบาหวาน"})["listing_id"]
    line = json.dumps({"id": "sku-2", "text": "รักษาเบาหวาน"}).encode()
    ask("POST", "/v1/batches?ingest=true", content=line + b"\n", headers=JSONL)
    ask("POST", "/v1/complaints", json={"category": "late", "detail": "ช้า"})
    own = ask("POST", "/v1/keys", json={"name": "reader", "scopes": ["read"]})
    assert own["prefix"].startswith("rt_sandbox_")
    assert ask("POST", f"/v1/keys/{own['key_id']}/rotate")["secret"].startswith("rt_sandbox_")
    work(client, assessor)
    simulated = ask("POST", f"/v1/listings/{listing}/decision", json={"decision": "prohibited"})
    assert simulated["notice"]["sandbox"]
    assert [claim["text"] for claim in simulated["notice"]["claims"]] == ["รักษาเบาหวาน"]
    assert ask("GET", "/v1/takedowns")["notices"] == [simulated["notice"]]
    ask("POST", f"/v1/listings/{listing}/appeals", json={"reason": "ได้รับอนุญาตแล้ว"})
    reversed_ = ask("POST", f"/v1/listings/{listing}/decision", json={"decision": "clear"})
    assert reversed_["notice"]["appeal"]["outcome"] == "reversed"
    again = ask("POST", f"/v1/listings/{listing}/decision", json={"decision": "clear"})
    assert again == {"notice": None}, "nothing changes for the platform"
    work(client, assessor)
    events = [verify_event(item.headers, item.body, made["secret"]) for item in endpoint.received]
    assert sorted(event.type for event in events) == sorted(ALL)
    assert content(store) == before


def test_neither_side_sees_the_other(client: TestClient, assessor: Any, decide: Any) -> None:
    store, sandbox = stores(client)
    tokens = {}
    for mark, side in ((REAL, store), (TRIAL, sandbox.store)):
        new = side.api_keys.create(mark, SCOPES, sandbox=side is not store)
        tokens[mark] = new.token
        for name in (f"{mark}-1", f"{mark}-2"):
            decide(side, name, Verdict.PROHIBITED.value, source=f"api:{mark}", url=f"https://{mark}.example/")
        side.webhooks.create(
            new.row, f"https://shop.example/{mark}", 0, sandbox.settings.secret.webhook_cipher()
        )
        side.appeals.file(1, new.row, Appellant.SELLER, mark)
        line = json.dumps({"id": mark, "text": mark}).encode() + b"\n"
        client.post("/v1/batches", content=line, headers=JSONL | {"X-API-Key": new.token})
    pages = [
        "listings",
        "listings/1",
        "takedowns",
        "appeals",
        "appeals/1",
        "webhooks",
        "webhooks/1/deliveries",
    ]
    pages += ["keys", "batches", *(f"listings?query={mark}" for mark in (REAL, TRIAL))]
    for mark, other in ((REAL, TRIAL), (TRIAL, REAL)):
        for page in pages:
            answer = client.get(f"/v1/{page}", headers={"X-API-Key": tokens[mark]})
            assert answer.status_code == 200, (page, answer.text)
            assert other not in answer.text, page
    batches = [client.get("/v1/batches", headers={"X-API-Key": token}).json() for token in tokens.values()]
    assert batches[0]["batches"][0]["id"] != batches[1]["batches"][0]["id"]
    assert len(batches[0]["batches"]) == len(batches[1]["batches"]) == 1
    refused = client.post(
        "/v1/listings/1/decision", json={"decision": "clear"}, headers={"X-API-Key": tokens[REAL]}
    )
    assert (refused.status_code, "sandbox" in refused.json()["detail"]) == (403, True)
    for body, pointer in (
        ({"decision": "unsure"}, "/decision"),
        ([], ""),
        ({"decision": "clear", "x": 1}, "/x"),
    ):
        bad = client.post("/v1/listings/1/decision", json=body, headers={"X-API-Key": tokens[TRIAL]})
        assert (bad.status_code, bad.json()["type"]) == (422, "urn:ruthan:problem:bad-decision")
        assert [fault["pointer"] for fault in bad.json()["errors"]] == [pointer]
    missing = client.post(
        "/v1/listings/99/decision", json={"decision": "clear"}, headers={"X-API-Key": tokens[TRIAL]}
    )
    assert missing.status_code == 404


def test_without_a_sandbox_its_keys_are_unknown(settings: Settings, assessor: Any) -> None:
    with open_store(str(settings.sandbox.database_url)) as store:
        token = store.api_keys.create("shop", SCOPES, sandbox=True).token
    alone = settings.changed({"sandbox.database_url": None})
    with TestClient(create_app(alone, assessor)) as client:
        assert client.get("/v1/listings", headers={"X-API-Key": token}).status_code == 401


def test_the_sandbox_has_a_database_of_its_own_and_no_wide_keys(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="its own database"):
        Settings.of({"database.url": "sqlite:///a.db", "sandbox.database_url": "sqlite:///a.db"})
    own = settings.for_sandbox()
    assert own is not None
    assert any(
        part.startswith(".") for part in own.pictures.folder.relative_to(settings.pictures.folder).parts
    ), "no backup"
    with open_store(str(settings.sandbox.database_url)) as store, pytest.raises(ValueError, match="read_all"):
        store.api_keys.create("shop", [Scope.READ_ALL], sandbox=True)


def test_the_operator_makes_a_sandbox_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_DATABASE_URL", f"sqlite:///{tmp_path / 'ruthan.db'}")
    call = ["create", "shop", "--scope", "read", "--sandbox"]
    refused = CliRunner().invoke(commands.api_key, call)
    assert "RUTHAN_SANDBOX_DATABASE_URL" in refused.output
    monkeypatch.setenv("RUTHAN_SANDBOX_DATABASE_URL", f"sqlite:///{tmp_path / 'sandbox.db'}")
    made = CliRunner().invoke(commands.api_key, call)
    assert made.stdout.startswith("rt_sandbox_")
    assert "rt_sandbox_" in CliRunner().invoke(commands.api_key, ["list", "--sandbox"]).output
    assert CliRunner().invoke(commands.api_key, ["list"]).output == ""
