"""Every route is called by two tenants with each scope: scopes hold, and no tenant sees another's data.

The calls are told by the operations of the app: a route that has none here fails the first test.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.api.app import api_routes
from service.batches.running import BatchRunner
from service.complaints.intake import filing_of
from service.settings import Settings
from service.store import Store
from service.store.appeals.tables import Appellant
from service.store.tables.api_tables import WIDE, Scope
from tests.helpers.stored import find_listing, record_review

pytestmark = [pytest.mark.slow, pytest.mark.attack]
ROUTES: dict[str, APIRoute] = {
    route.operation_id: route
    for route in api_routes()
    if route.operation_id and route.path.startswith("/v1/")
}
OURS, THEIRS, CITIZENS = "ourmark", "theirmark", "citizenmark"
JSONL = {"Content-Type": "application/x-ndjson"}


@dataclass
class World:
    """What two tenants have, and a key of each for each scope."""

    client: TestClient
    keys: dict[tuple[str, Scope], str]
    listings: dict[str, int]
    webhooks: dict[str, int]
    batches: dict[str, str]
    key_ids: dict[str, int]
    appeals: dict[str, int]
    spare: int = field(default=0)

    def ask(self, operation: str, whose: str, by: str, scope: Scope) -> Response:
        """Call the operation on an object of ``whose`` with a key of the tenant ``by``."""
        route = ROUTES[operation]
        path = route.path_format.format(
            listing_id=self.listings[whose],
            webhook_id=self.webhooks[whose],
            batch_id=self.batches[whose],
            key_id=self.key_ids[whose],
            appeal_id=self.appeals[whose],
        )
        headers = {"X-API-Key": self.keys[by, scope]}
        more = dict(CALLS[operation].more)
        self.spare += 1
        if operation == "createWebhook":
            more["json"] = {"url": f"https://shop.example/{by}/{self.spare}"}
        if operation == "createKey":
            more["json"] = {"name": str(self.spare), "scopes": ["keys"]}
        headers |= more.pop("headers", {})
        (method,) = route.methods or set[str]()
        return self.client.request(method, path, headers=headers, **more)


@dataclass(frozen=True)
class Call:
    """How to call an operation, and the scopes that allow it; ``one``: it concerns an owned object."""

    scopes: frozenset[Scope]
    one: bool = False
    more: dict[str, Any] = field(default_factory=dict)


def may(*scopes: Scope, one: bool = False, **more: Any) -> Call:
    allowed = {*scopes, Scope.ADMIN} | ({Scope.READ_ALL} if Scope.READ in scopes else set())
    return Call(frozenset(allowed), one, more)


DRAFTS = {"listings": [{"id": "1", "text": "ก"}]}
SINCE = {"since": "2020-01-01T00:00:00Z"}
CALLS = {
    "classifyListings": may(Scope.CLASSIFY, json=DRAFTS),
    "checkDrafts": may(Scope.CLASSIFY, json=DRAFTS),
    "handInListings": may(Scope.INGEST, json={"id": "x", "text": "ก"}),
    "readListings": may(Scope.READ, params={"limit": 200}),
    "readListing": may(Scope.READ, one=True),
    "sendBatch": may(Scope.CLASSIFY, content=b'{"id": "1", "text": "x"}\n', headers=JSONL),
    "readBatches": may(Scope.CLASSIFY, params={"limit": 200}),
    "readBatch": may(Scope.CLASSIFY, one=True),
    "readBatchResult": may(Scope.CLASSIFY, one=True),
    "removeBatch": may(Scope.CLASSIFY, one=True),
    "handInComplaint": may(Scope.INGEST, json={"category": "late", "detail": "ช้า"}),
    "readTakedowns": may(Scope.READ, params={"limit": 200}),
    "fileAppeal": may(Scope.READ, one=True, json={"reason": "ข้อความได้รับอนุญาต"}),
    "readAppeals": may(Scope.READ),
    "readAppeal": may(Scope.READ, one=True),
    # Only sandbox keys.
    "simulateDecision": Call(frozenset(), more={"json": {"decision": "clear"}}),
    "createWebhook": may(Scope.READ),
    "readWebhooks": may(Scope.READ),
    "removeWebhook": may(Scope.READ, one=True),
    "renewWebhookSecret": may(Scope.READ, one=True),
    "replayWebhook": may(Scope.READ, one=True, params=SINCE),
    "subscribeWebhook": may(Scope.READ, one=True, json={"events": ["notice.takedown"]}),
    "testWebhook": may(Scope.READ, one=True),
    "retryWebhook": may(Scope.READ, one=True),
    "readDeliveries": may(Scope.READ, one=True),
    "readKeys": may(Scope.KEYS),
    "createKey": may(Scope.KEYS),
    "rotateKey": may(Scope.KEYS, one=True),
    "revokeKey": may(Scope.KEYS, one=True),
    "readTaxonomy": may(Scope.CLASSIFY, Scope.READ),
    "readModel": may(Scope.CLASSIFY, Scope.READ),
}
OPERATORS = frozenset({Scope.ADMIN})
SEES_ALL = {
    "readListings": WIDE,
    "readListing": WIDE,
    "readTakedowns": WIDE,
    "readBatches": OPERATORS,
    "readBatch": OPERATORS,
    "readBatchResult": OPERATORS,
    "removeBatch": OPERATORS,
}
"""Where a scope reaches beyond the tenant."""


@pytest.fixture
def world(
    client: TestClient, api_store: Store, decide: Any, assessor: Any, settings: Settings, monkeypatch: Any
) -> World:
    public = [(0, 0, 0, "", ("8.8.8.8", 443))]
    monkeypatch.setattr("service.webhooks.addresses.socket.getaddrinfo", lambda *_, **__: public)
    keys, rows, numbers, webhooks, batches = {}, {}, {}, {}, {}
    key_ids, appeals = {}, {}
    for tenant, mark in (("a", OURS), ("b", THEIRS)):
        api_store.tenants.create(tenant, "cli")
        for scope in Scope:
            new = api_store.api_keys.create(f"{tenant} {scope}", [scope], tenant)
            keys[tenant, scope], rows[tenant, scope] = new.token, new.row
        key_ids[tenant] = api_store.api_keys.create(f"{mark} key", [Scope.KEYS], tenant).row.id
        decide(
            api_store,
            f"{mark}-1",
            Verdict.PROHIBITED.value,
            source=f"api:{tenant}",
            url=f"https://{mark}.example/",
        )
        numbers[tenant] = find_listing(api_store, f"{mark}-1", f"api:{tenant}").id  # type: ignore[union-attr]
        filed = api_store.appeals.file(numbers[tenant], rows[tenant, Scope.READ], Appellant.SELLER, mark)
        assert filed is not None
        appeals[tenant] = filed.appeal.id
        hook = f"https://shop.example/{mark}"
        cipher = settings.secret.webhook_cipher()
        webhooks[tenant] = api_store.webhooks.create(rows[tenant, Scope.READ], hook, 0, cipher).id
        line = json.dumps({"id": mark, "text": mark}) + "\n"
        sent = client.post(
            "/v1/batches", content=line, headers=JSONL | {"X-API-Key": keys[tenant, Scope.CLASSIFY]}
        )
        batches[tenant] = sent.json()["id"]
    runner, stop = BatchRunner(api_store, assessor, settings), threading.Event()
    while runner.step(stop):
        pass
    about = {"category": "health_ad", "detail": CITIZENS, "seller": CITIZENS, "contact_name": CITIZENS}
    made = api_store.complaints.file(filing_of(about), "form", "form").listing_id
    assert made is not None
    shape = Listing(id="c", description=CITIZENS)
    row = api_store.assessments.record(made, assessor.assess(shape))
    reviewer = api_store.users.find("nok")
    assert reviewer is not None
    record_review(api_store, row, reviewer.id, Verdict.PROHIBITED.value)
    numbers["citizen"], webhooks["citizen"], batches["citizen"] = made, 0, "none"
    key_ids["citizen"], appeals["citizen"] = 0, 0
    return World(client, keys, numbers, webhooks, batches, key_ids, appeals)


def test_every_route_of_the_app_is_asked_below() -> None:
    assert CALLS.keys() == ROUTES.keys()


@pytest.mark.parametrize("operation", CALLS)
def test_who_may_ask_and_what_they_see(world: World, operation: str) -> None:
    call = CALLS[operation]
    # The other tenant first: what an owner removes is gone.
    for by, whose in (("b", "a"), ("a", "a")):
        for scope in Scope:
            answer = world.ask(operation, whose, by, scope)
            assert CITIZENS not in answer.text
            if scope not in call.scopes:
                assert answer.status_code == 403, (scope, answer.text)
                continue
            assert answer.status_code != 403, (scope, answer.text)
            if by == "a":
                continue
            foreign = scope in SEES_ALL.get(operation, ())
            if call.one:
                assert (answer.status_code == 404) is not foreign, (scope, answer.text)
            told = OURS in answer.text or world.batches["a"] in answer.text
            assert told <= foreign, (scope, answer.text)


@pytest.mark.parametrize("operation", [name for name, call in CALLS.items() if call.one])
def test_an_owner_finds_what_is_theirs(world: World, operation: str) -> None:
    scope = next(scope for scope in Scope if scope in CALLS[operation].scopes)
    assert world.ask(operation, "b", "a", scope).status_code == 404
    assert world.ask(operation, "a", "a", scope).is_success


@pytest.mark.parametrize("scope", [Scope.READ, *sorted(WIDE)])
def test_what_complaints_brought_in_is_in_nobodys_reach(world: World, scope: Scope) -> None:
    assert world.ask("readListing", "citizen", "a", scope).status_code == 404
    seen = world.ask("readListings", "a", "a", scope).json()["listings"]
    assert {OURS in row["id"] for row in seen} == ({True} if scope is Scope.READ else {True, False})
    assert world.listings["citizen"] not in [row["listing_id"] for row in seen]
    told = world.ask("readTakedowns", "a", "a", scope).json()["notices"]
    assert len(told) == (1 if scope is Scope.READ else 2)


def test_a_repeated_request_of_another_tenant_is_another_request(
    client: TestClient, key: Callable[..., Any]
) -> None:
    once = {"Idempotency-Key": "same"}
    body = {"id": "1", "text": "ก"}
    first, second = (
        client.post("/v1/listings", json=body, headers=key(Scope.INGEST) | once) for _ in range(2)
    )
    assert first.json()["listing_id"] != second.json()["listing_id"]
    assert "idempotency-replayed" not in second.headers


def test_keys_of_one_tenant_see_the_same(client: TestClient, api_store: Store) -> None:
    made = [
        api_store.api_keys.create("writer", [Scope.INGEST]),
        api_store.api_keys.create("reader", [Scope.READ]),
    ]
    writer, reader = ({"X-API-Key": new.token} for new in made)
    client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers=writer)
    assert client.get("/v1/listings", headers=reader).json()["listings"] == []
    api_store.tenants.merge("reader", "writer", "cli")
    assert [row["id"] for row in client.get("/v1/listings", headers=reader).json()["listings"]] == ["1"]
    late = {"X-API-Key": api_store.api_keys.create("late", [Scope.INGEST], "writer").token}
    again = client.post("/v1/listings", json={"id": "1", "text": "ก"}, headers=late).json()
    assert again["status"] == "unchanged", "an id is a listing's within its tenant"
