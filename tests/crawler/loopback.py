"""A server on loopback that behaves as badly as a test wants."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.helpers.forked import CRAWL, Forked

ROOT = Path(__file__).resolve().parents[2]
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Handles one request; an answer may write anything."""

    protocol_version = "HTTP/1.1"
    site: "Site"

    def do_GET(self) -> None:
        self.site.asked.append((self.path, self.headers.get("User-Agent", "")))
        with suppress(ConnectionError):
            self.site.answer(self)

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Send a complete response."""
        self.send_response(status)
        fields = {"Content_Type": "text/html; charset=utf-8", "Content_Length": str(len(body)), **headers}
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Site:
    """A running site that records its requests by path and User-Agent."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    def paths(self, start: str = "/") -> list[str]:
        """The paths that were asked for, in order."""
        return [path for path, _ in list(self.asked) if path.startswith(start)]


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on loopback, for as long as it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(answer: Answer) -> Iterator[Site]:
    site = Site(answer)
    with listening(type("BoundHandler", (Handler,), {"site": site})) as site.url:
        yield site


def command(*args: str) -> list[str]:
    """``ruthan crawl`` with these arguments."""
    return [sys.executable, "-c", CRAWL, *args]


def surroundings(**env: str) -> dict[str, str]:
    """The environment of a crawl that is quick and allowed on loopback unless ``env`` says otherwise."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("RUTHAN_")},
        "PYTHONPATH": str(ROOT),
        "RUTHAN_CRAWL_ALLOW_PRIVATE": "true",
        "RUTHAN_CRAWL_DELAY": "0",
        "RUTHAN_CRAWL_RETRIES": "0",
        **env,
    }


def start(folder: Path, *args: str, **env: str) -> Forked:
    """Start ``ruthan crawl`` in ``folder``."""
    return Forked(CRAWL, *args, folder=folder, env=surroundings(**env))


def until(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def kill(process: Forked) -> None:
    """Send SIGKILL, as the kernel's OOM killer does."""
    process.kill()
    process.wait()
