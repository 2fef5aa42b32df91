import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

from service.api.request_context import RequestContext
from service.application import create_app
from service.running.logs import FIELDS, JsonFormatter
from service.settings import Settings

Key = Callable[..., dict[str, str]]


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What was logged, as the JSON lines that the operator sees."""
    found: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(JsonFormatter().format(record)))

    handler, root = Kept(), logging.getLogger("service")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield found
    root.removeHandler(handler)
    root.setLevel(level)


def test_an_id_is_made_or_kept_and_stands_in_the_problem(client: TestClient) -> None:
    made = client.get("/healthz").headers["x-request-id"]
    assert len(made) == 32
    assert made != client.get("/healthz").headers["x-request-id"]
    kept = client.get("/v1/nothing", headers={"X-Request-ID": "shop-42:a.b_c"})
    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "shop-42:a.b_c"


@pytest.mark.parametrize("wrong", ["", "a b", "x" * 129, "-a", 'a"b', "é"])
def test_an_id_that_is_not_plain_is_replaced(client: TestClient, wrong: str) -> None:
    response = client.get("/healthz", headers={b"X-Request-ID": wrong.encode("latin-1")})
    assert len(response.headers["x-request-id"]) == 32


def test_a_fault_of_ours_carries_the_id_too(settings: Settings, lines: list[dict[str, Any]]) -> None:
    class Broken:
        model_id = "broken"

        def classify(self, listings: Any) -> Any:
            raise RuntimeError(listings[0].text)

    with TestClient(create_app(settings, Broken()), raise_server_exceptions=False) as client:
        from service.store.tables.api_tables import Scope

        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        headers = {"X-API-Key": token, "X-Request-ID": "mine"}
        body = {"listings": [{"id": "1", "text": "คำลับ"}]}
        response = client.post("/v1/classify", json=body, headers=headers)
    assert response.status_code == 500
    assert response.headers["x-request-id"] == response.json()["request_id"] == "mine"
    (line,) = [line for line in lines if line.get("status") == 500]
    assert line["request_id"] == "mine"
    assert "คำลับ" not in json.dumps(lines, ensure_ascii=False)


def test_one_line_a_request_with_the_template_and_never_the_path(
    client: TestClient, key: Key, lines: list[dict[str, Any]]
) -> None:
    headers = key()
    client.get("/v1/listings/7?q=secret", headers={**headers, "X-Request-ID": "r1"})
    client.get("/secret")
    client.get("/login")
    client.request("BREW", "/healthz")
    client.get("/console/static/console.css")
    found = [line for line in lines if "route" in line]
    assert [(x["method"], x["route"], x["status"]) for x in found] == [
        ("GET", "/v1/listings/{listing_id}", 422),
        ("GET", "unmatched", 404),
        ("GET", "/login", 200),
        ("other", "/healthz", 405),
        ("GET", "/console/static", 200),
    ]
    assert (found[0]["request_id"], found[0]["key"]) == ("r1", "key 0")
    assert "key" not in found[1]
    assert all(line["ms"] > 0 for line in found)
    assert "secret" not in str(found)
    assert FIELDS not in found[0]


def of_the_connection(method: str = "POST", version: str = "1.1", **headers: str) -> dict[str, Any]:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": "/v1/nothing",
        "raw_path": b"/v1/nothing",
        "query_string": b"",
        "http_version": version,
        "headers": pairs,
        "scheme": "http",
        "client": ("192.0.2.1", 1),
        "server": ("shop.example", 80),
    }


@pytest.mark.parametrize(
    ("scope", "is_read"),
    [
        (of_the_connection(connection="close"), True),
        (of_the_connection(version="1.0"), True),
        (of_the_connection(version="1.0", connection="Keep-Alive"), False),
        (of_the_connection(), False),
        (of_the_connection(connection="close", expect="100-continue"), False),
    ],
)
def test_the_body_of_a_refused_request_is_read_before_its_connection_closes(
    client: TestClient, scope: dict[str, Any], is_read: bool
) -> None:
    left = [{"type": "http.request", "body": b"x" * 2**20, "more_body": n < 9} for n in range(10)]
    order: list[str] = []

    async def receive() -> Any:
        order.append("part")
        return left.pop(0)

    async def send(message: Any) -> None:
        order.append(message["type"])

    anyio.run(client.app, scope, receive, send)
    assert order[-2:] == ["http.response.start", "http.response.body"]
    assert order.count("part") == (10 if is_read else 0)


def test_a_body_that_was_too_slow_is_not_waited_for(client: TestClient) -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 408, "headers": []})

    parts: list[int] = []

    async def receive() -> Any:
        parts.append(1)
        return {"type": "http.request", "body": b"x", "more_body": len(parts) < 9}

    async def send(_: Any) -> None:
        return

    metrics = client.app.state.metrics  # type: ignore[attr-defined]
    context = RequestContext(refuse, metrics, threading.Event())
    anyio.run(context, of_the_connection(connection="close"), receive, send)
    assert len(parts) == 1


def test_a_client_that_leaves_within_its_body_is_no_fault_of_ours(
    client: TestClient, key: Key, lines: list[dict[str, Any]]
) -> None:
    for content_type in ("application/json", "multipart/form-data; boundary=x"):
        headers = {"content-type": content_type, "authorization": key()["Authorization"]}
        scope = of_the_connection(**headers) | {"path": "/v1/classify", "raw_path": b"/v1/classify"}
        messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

        async def receive(given: Iterator[Any] = iter(messages)) -> Any:  # noqa: B008
            return next(given)

        async def send(_: Any) -> None:
            return

        anyio.run(client.app, scope, receive, send)
    assert [line["status"] for line in lines if "route" in line] == [400, 400]


@pytest.mark.parametrize(
    ("method", "status", "headers", "counted"),
    [
        ("GET", 202, [], [0, 0, 1]),
        ("GET", 303, [(b"content-length", b"0")], [1, 1, 1]),
        ("GET", 304, [], [1, 1, 1]),
        ("HEAD", 200, [(b"content-length", b"2")], [1, 1, 1]),
    ],
    ids=["body", "empty", "bare", "head"],
)
def test_an_answer_is_counted_before_the_client_has_it_all(
    method: str, status: int, headers: list[tuple[bytes, bytes]], counted: list[int]
) -> None:
    told: list[tuple[str, str, int]] = []
    at_each_message: list[int] = []

    class Counted:
        def request(self, route: str, method: str, status: int, seconds: float) -> None:
            told.append((route, method, status))

    async def answers(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        at_each_message.append(len(told))

    scope = {"type": "http", "method": method, "headers": [], "path": "/"}
    anyio.run(RequestContext(answers, Counted(), threading.Event()), scope, receive, send)  # type: ignore[arg-type]
    assert at_each_message == counted
    assert told == [("unmatched", method, status)]
