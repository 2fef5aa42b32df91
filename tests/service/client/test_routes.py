"""Both clients have the same methods, one for every route of the API."""

import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Literal, get_args, get_origin

import anyio
import pytest

from labels.taxonomy import Platform, Verdict
from service.api.app import api_routes
from service.api.openapi.document import document
from service.client import AsyncRuthan, ComplaintFields, ListingFilter, Ruthan, RuthanError
from service.client.calls import Scope as AllowedScope
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = {"id": "1", "text": "รักษาเบาหวาน"}
# Arguments for each operation of the document; 999 and "none" do not exist and are refused with 404.
METHODS: dict[str, Callable[[Any], Any]] = {
    "readHealth": lambda client: client.health(),
    "readReadiness": lambda client: client.readiness(),
    "readMetrics": lambda client: client.metrics(),
    "readModel": lambda client: client.model(),
    "readTaxonomy": lambda client: client.taxonomy(),
    "classifyListings": lambda client: client.classify([TEXT]),
    "checkDrafts": lambda client: client.check([TEXT]),
    "handInListings": lambda client: client.hand_in([TEXT]),
    "readListings": lambda client: client.listings(
        1, verdict=[Verdict.CLEAR, Verdict.PROHIBITED], state="decided", since=SINCE, order="newest"
    ),
    "readListing": lambda client: client.listing(1),
    "handInComplaint": lambda client: client.hand_in_complaint(
        category="late", detail="ยังไม่ได้รับสินค้า", platform=Platform.LINE, complained_on=date(2026, 11, 1)
    ),
    "readTakedowns": lambda client: client.takedowns(since=SINCE, page=1),
    "fileAppeal": lambda client: client.file_appeal(1, "ได้รับอนุญาตแล้ว", appellant="seller"),
    "readAppeals": lambda client: client.appeals(page=1),
    "readAppeal": lambda client: client.appeal(1),
    "simulateDecision": lambda client: client.simulate_decision(1, "clear"),
    "sendBatch": lambda client: client.submit_batch([TEXT]),
    "readBatches": lambda client: client.batches(page=1),
    "readBatch": lambda client: client.batch("none"),
    "readBatchResult": lambda client: client.results("none"),
    "removeBatch": lambda client: client.delete_batch("none"),
    "createWebhook": lambda client: client.create_webhook(f"http://127.0.0.1:9/{type(client).__name__}"),
    "subscribeWebhook": lambda client: client.subscribe_webhook(1, ["batch.done", "notice.takedown"]),
    "testWebhook": lambda client: client.test_webhook(1),
    "retryWebhook": lambda client: client.retry_webhook(1),
    "readDeliveries": lambda client: client.webhook_deliveries(1, limit=1),
    "readWebhooks": lambda client: client.webhooks(),
    "removeWebhook": lambda client: client.remove_webhook(999),
    "renewWebhookSecret": lambda client: client.renew_webhook_secret(1),
    "replayWebhook": lambda client: client.replay_webhook(1, SINCE),
    "readKeys": lambda client: client.keys(),
    "createKey": lambda client: client.create_key(
        type(client).__name__, ["read"], datetime(2099, 1, 1, tzinfo=UTC)
    ),
    "rotateKey": lambda client: client.rotate_key(2, grace_hours=1),
    "revokeKey": lambda client: client.revoke_key(999),
}
REFUSED = dict.fromkeys(["readBatch", "readBatchResult", "removeBatch", "removeWebhook", "revokeKey"], 404)
REFUSED["simulateDecision"] = 403  # this is not a sandbox key


@pytest.fixture(scope="module")
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    paths = document(Settings(), api_routes())["paths"]
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in paths.items()
        for method, operation in item.items()
    }


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.changed({"webhook.allow_loopback": True})


def test_every_route_has_a_method_in_both_clients(
    served: tuple[str, Store], operations: dict[str, tuple[str, str, dict[str, Any]]], decide: Any
) -> None:
    address, store = served
    assert METHODS.keys() == operations.keys(), "give both clients of service.client a method for it"
    for name in "abc":
        decide(store, name, Verdict.PROHIBITED.value)
    token = store.api_keys.create("shop", [Scope.ADMIN]).token
    store.api_keys.create("reader", [Scope.READ], tenant="shop")
    seen: list[tuple[str, str]] = []

    async def asked() -> dict[str, Any]:
        async def note(request: Any) -> None:
            seen.append((request.method, request.url.path))

        async with AsyncRuthan(address, token) as client:
            client._http.event_hooks = {"request": [note]}
            return {name: await awaited(partial(METHODS[name], client)) for name in operations}

    with Ruthan(address, token) as client:
        client._http.event_hooks = {
            "request": [lambda request: seen.append((request.method, request.url.path))]
        }
        blocking = {name: got(partial(METHODS[name], client)) for name in operations}
        expected = [(method, path) for method, path, _ in operations.values()]
        assert_all_asked(seen, expected)
    seen.clear()
    waiting = anyio.run(asked)
    assert_all_asked(seen, expected)
    for name in operations:
        assert type(blocking[name]) is type(waiting[name]), name
        refused = isinstance(blocking[name], RuthanError)
        assert refused == (name in REFUSED), (name, blocking[name])
        if refused:
            assert blocking[name].status == waiting[name].status == REFUSED[name], name
    assert len(blocking["readTakedowns"]) == len(waiting["readTakedowns"]) == 3


def assert_all_asked(seen: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    """Check the routes in order; paginated ones are requested several times."""
    routes = [(method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for method, path in expected]
    at = -1
    for method, path in seen:
        if at < 0 or not (method == routes[at][0] and routes[at][1].fullmatch(path)):
            at += 1
        assert at < len(routes), (method, path)
        assert method == routes[at][0], (method, path)
        assert routes[at][1].fullmatch(path), (method, path)
    assert at == len(routes) - 1, expected[at + 1]


def got(ask: Callable[[], Any]) -> Any:
    try:
        found = ask()
        return list(found) if isinstance(found, Iterator) else found
    except RuthanError as error:
        return error


async def awaited(ask: Callable[[], Any]) -> Any:
    try:
        found = ask()
        return [row async for row in found] if isinstance(found, AsyncIterator) else await found
    except RuthanError as error:
        return error


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        public = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
        return {
            name: list(map(str, inspect.signature(value).parameters.values()))
            for name, value in public.items()
        }

    assert methods(Ruthan) == methods(AsyncRuthan)
    for name, method in vars(Ruthan).items():
        if not name.startswith("_"):
            assert method.__doc__, name


def test_the_filters_and_fields_are_those_of_the_document(
    operations: dict[str, tuple[str, str, dict[str, Any]]],
) -> None:
    parameters = {one["name"]: one["schema"] for one in operations["readListings"][2]["parameters"]}
    assert ListingFilter.__annotations__.keys() == parameters.keys() - {"cursor", "limit"}
    schemas = document(Settings(), api_routes())["components"]["schemas"]
    complaint = schemas["ComplaintIn"]["properties"]
    assert ComplaintFields.__annotations__.keys() == complaint.keys()
    assert ComplaintFields.__required_keys__ == set(schemas["ComplaintIn"]["required"])
    assert literals(ComplaintFields.__annotations__["category"]) == set(complaint["category"]["enum"])
    for name in ("harm",):
        assert literals(ComplaintFields.__annotations__[name]) | {"", None} == set(complaint[name]["enum"])
    assert literals(ListingFilter.__annotations__["state"]) == set(schemas["CaseState"]["enum"])
    assert literals(ListingFilter.__annotations__["order"]) == set(schemas["Order"]["enum"])
    assert literals(AllowedScope) == set(schemas["KeyIn"]["properties"]["scopes"]["items"]["enum"])


def literals(kind: Any) -> set[str]:
    while get_origin(kind) is not Literal:
        (kind,) = get_args(kind)
    return set(get_args(kind))
