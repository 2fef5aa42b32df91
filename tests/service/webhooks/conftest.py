"""A real endpoint on loopback that can answer, fail, hang, trickle or redirect."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import ApiKey, Scope


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Endpoint:
    """``answers`` are used one by one and the last repeatedly: a status, or the name of a misbehaviour."""

    url: str
    answers: list[int | str] = field(default_factory=lambda: [204])
    received: list[Received] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> int | str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = found.next_answer()
            if answer == "hang":
                found.release.wait(30)
                self.close_connection = True
            elif answer == "trickle":
                try:
                    for letter in "HTTP/1.1 200 " + "O" * 500:
                        self.wfile.write(letter.encode())
                        self.wfile.flush()
                        if found.release.wait(0.05):
                            break
                except OSError:
                    pass
                self.close_connection = True
            else:
                self.send_response(int(answer))
                self.send_header("Content-Length", "0")
                if 300 <= int(answer) < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    assert issubclass(Server, socketserver.TCPServer)
    server = Server(("127.0.0.1", 0), Handler)
    found = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/hook?a=1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    found.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shop(store: Store) -> ApiKey:
    return store.api_keys.create("shop", [Scope.READ]).row


@pytest.fixture
def webhook_settings(settings: Settings) -> Settings:
    return settings.changed(
        {
            "secret.key": SecretStr("k" * 40),
            "webhook.allow_loopback": True,
            "webhook.timeout_seconds": 20.0,
            "webhook.retry_seconds": 0.05,
        }
    )


@pytest.fixture
def impatient(webhook_settings: Settings) -> Settings:
    """For endpoints that never answer."""
    return webhook_settings.changed({"webhook.timeout_seconds": 2.0})


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits until something holds, and fails where it never does."""

    def wait(holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    return wait
