"""Uploads in progress are bounded by number, key and time: on a real server, with connections that dawdle."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from service.api.uploads import TooManyUploads, Uploads
from service.running.serving import listen, make_server
from service.settings import Settings
from service.store import open_store
from service.store.tables.api_tables import Scope

PATIENCE = 30.0
JSONL = "application/x-ndjson"
Serve = Callable[..., str]


@pytest.fixture
def serve(settings: Settings, assessor: Any) -> Iterator[Serve]:
    """Start a server with these settings; yields its address."""
    with ExitStack() as stack:

        def start(given: dict[str, object]) -> str:
            bound, address = listen("127.0.0.1", 0)
            server = make_server(settings.changed({"rate.limit": ""} | given), assessor, with_worker=False)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
            thread.start()

            def stop() -> None:
                server.should_exit = server.force_exit = True
                thread.join(PATIENCE)
                bound.close()

            stack.callback(stop)
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.02)
            return address

        yield start


@pytest.fixture
def tokens(settings: Settings) -> list[str]:
    with open_store(settings.database.url) as store:
        return [store.api_keys.create(name, [Scope.CLASSIFY]).token for name in ("one", "two")]


def dawdle(address: str, path: str, token: str, kind: str = JSONL) -> socket.socket:
    """A connection that promises a body and sends its first byte."""
    where = urlsplit(address)
    assert where.hostname
    opened = socket.create_connection((where.hostname, where.port or 80), timeout=PATIENCE)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: 1000\r\n\r\n{{"
    )
    opened.sendall(head.encode())
    return opened


def counted(address: str, token: str) -> socket.socket:
    """Return a connection whose upload the server counts: it has requested the body."""
    where = urlsplit(address)
    assert where.hostname
    opened = socket.create_connection((where.hostname, where.port or 80), timeout=PATIENCE)
    head = (
        f"POST /v1/batches HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {JSONL}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    )
    opened.sendall(head.encode())
    assert opened.recv(65536).startswith(b"HTTP/1.1 100 ")
    opened.sendall(b"{")
    return opened


def answered(opened: socket.socket) -> bytes:
    """What came over a connection until the problem document or the page was whole."""
    found = b""
    while b'"request_id"' not in found and b"</html>" not in found:
        part = opened.recv(65536)
        assert part, found
        found += part
    return found


def until(address: str, token: str, status: int) -> dict[str, Any]:
    """The problem with this status, once an upload that would be no batch meets it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": JSONL}
        response = httpx.post(f"{address}/v1/batches", content=b" ", headers=headers)
        if response.status_code == status:
            assert "retry-after" in response.headers
            found: dict[str, Any] = response.json()
            return found
        assert response.status_code == 422
    raise AssertionError(f"no answer {status}")


@pytest.mark.costly
def test_a_key_and_all_together_may_have_so_many_files_on_their_way(serve: Serve, tokens: list[str]) -> None:
    address = serve({"max.uploads": 3, "max.uploads_by_key": 2})
    one, two = tokens
    # A probe also counts as an upload while it lasts, so it must not overlap with one that is still arriving.
    with counted(address, one), counted(address, one) as last:
        refused = until(address, one, 429)
        assert refused["type"] == "urn:ruthan:problem:too-many-uploads"
        assert "2 files on their way in" in refused["detail"]
        with counted(address, two):
            assert until(address, two, 503)["type"] == "urn:ruthan:problem:too-busy"
        last.shutdown(socket.SHUT_RDWR)
    # Those that broke off count no more.
    deadline = time.monotonic() + PATIENCE
    headers = {"Authorization": f"Bearer {one}", "Content-Type": JSONL}
    while httpx.post(f"{address}/v1/batches", content=b" ", headers=headers).status_code != 422:
        assert time.monotonic() < deadline


@pytest.mark.costly
@pytest.mark.parametrize(
    ("path", "kind", "slow"),
    [
        ("/v1/batches", JSONL, {"server.idle_seconds": 0.2}),
        ("/v1/batches", JSONL, {"batch.upload_seconds": 0.2}),
        ("/v1/classify", "application/json", {"server.body_seconds": 0.2}),
        ("/login", "application/x-www-form-urlencoded", {"server.idle_seconds": 0.2}),
    ],
)
def test_a_body_that_dawdles_is_given_up(
    serve: Serve, tokens: list[str], path: str, kind: str, slow: dict[str, float]
) -> None:
    with dawdle(serve(slow), path, tokens[0], kind) as opened:
        found = answered(opened)
    assert found.startswith(b"HTTP/1.1 408 ")
    page = "ข้อมูลส่งมาไม่ครบในเวลาที่กำหนด".encode()
    assert (page if path == "/login" else b"urn:ruthan:problem:too-slow") in found


def test_a_slow_answer_to_a_whole_body_is_not_given_up(
    serve: Serve, tokens: list[str], assessor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    classify = assessor.classify
    monkeypatch.setattr(assessor, "classify", lambda listings: time.sleep(0.5) or classify(listings))
    address = serve({"server.body_seconds": 0.2, "server.idle_seconds": 0.2})
    body = {"listings": [{"id": "1", "text": "ก"}]}
    headers = {"Authorization": f"Bearer {tokens[0]}"}
    assert httpx.post(f"{address}/v1/classify", json=body, headers=headers).status_code == 200


def test_uploads_are_counted_down_whatever_ends_them() -> None:
    uploads = Uploads(most=2, most_of_key=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), uploads.one_more("1"):
            1 / 0  # noqa: B018
    with uploads.one_more("1"), pytest.raises(TooManyUploads) as caught, uploads.one_more("1"):
        pass
    assert caught.value.of_key
    with (
        uploads.one_more("1"),
        uploads.one_more("2"),
        pytest.raises(TooManyUploads) as caught,
        uploads.one_more("3"),
    ):
        pass
    assert not caught.value.of_key
