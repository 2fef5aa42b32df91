"""A server on loopback with every kind of object, so that every response has a body to check."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from labels.schema import Capture, Listing
from labels.taxonomy import Verdict
from service.batches.running import BatchRunner
from service.running.serving import listen, make_server
from service.settings import Settings
from service.store import open_store
from service.store.appeals.tables import Appellant
from service.store.tables.api_tables import Scope
from tests.helpers.stored import find_listing
from tests.service.batches.runners import finish


@dataclass
class Served:
    """Where the server is, a key that may do everything, one of the sandbox, and what requests may name.

    Attributes:
        batch: a finished one.
        contested: the number of a listing with a decision to contest.
        simulated: the number of a listing of the sandbox.
    """

    url: str
    token: str
    sandbox_token: str
    batch: str
    contested: int
    simulated: int
    database: str
    sandbox: str


@pytest.fixture
def served(
    settings: Settings, assessor: Any, decide: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """The API with small bounds, so that generated bodies reach them, and nothing but the stand-in model.

    Only webhooks and keys are bounded by none: a document cannot say how many there are already.
    """
    monkeypatch.setattr("service.store.tenants.own_keys.MAX_KEYS", 100_000)
    monkeypatch.setattr("service.store.platforms.webhooks.MAX_PER_TENANT", 100_000)
    given = settings.changed(
        {
            "database.url": url,
            "sandbox.database_url": f"sqlite:///{tmp_path / 'sandbox.db'}",
            "max.listings": 4,
            "max.text_characters": 500,
            "max.body_bytes": 2**16,
            "rate.limit": "",
            "webhook.allow_loopback": True,
        }
    )
    bound, address = listen("127.0.0.1", 0)
    sandbox_url = str(given.sandbox.database_url)
    with bound, open_store(given.database.url) as store, open_store(sandbox_url) as sandbox:
        # The first listing of each store is that of the key which docs/api.md makes.
        sandbox.deposit(Listing(id="sku-1", description="ก"), source="api:my-shop")
        decide(sandbox, "a", Verdict.PROHIBITED.value)
        simulated = find_listing(sandbox, "a", "api:shop")
        assert simulated is not None
        trial = sandbox.api_keys.create("shop", [Scope.READ], sandbox=True)
        shop = store.api_keys.create("shop", [Scope.ADMIN])
        store.deposit(Listing(id="first", description="ก"), source="api:my-shop")
        for name, decision in (("a", Verdict.PROHIBITED), ("b", Verdict.NEEDS_PERMIT), ("a", Verdict.CLEAR)):
            decide(store, name, decision.value, url="https://shop.example/a")
        contested = find_listing(store, "b", "api:shop")
        assert contested is not None
        store.appeals.file(contested.id, shop.row, Appellant.SELLER, "ได้รับอนุญาตแล้ว")
        capture = Capture(
            url="https://shop.example/c",
            status=200,
            captured_at=datetime(2026, 11, 1, tzinfo=UTC),
            sha256="0" * 64,
            warc_file="shop.warc.gz",
            warc_record_id="<urn:uuid:00000000-0000-0000-0000-000000000000>",
        )
        store.deposit(Listing(id="c", title="ก", description="ข"), [capture], "crawl")
        server = make_server(given, assessor, with_worker=False)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            headers = {"X-API-Key": shop.token, "Content-Type": "text/csv"}
            sent = httpx.post(f"{address}/v1/batches", content=b"id,text\n1,x\n", headers=headers).json()
            finish(BatchRunner(store, assessor, given))
            yield Served(
                address, shop.token, trial.token, sent["id"], contested.id, simulated.id, url, sandbox_url
            )
        finally:
            server.should_exit = True
            thread.join(30)
        assert not thread.is_alive()
