"""Ruthan as a platform experiences it: separate processes, an unreliable network, a failing endpoint."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from service.client import BadWebhook, verify_webhook
from service.decisions.notice import Notice
from tests.helpers.forked import RUTHAN, Forked, run

ROOT = Path(__file__).parents[3]
TINY_BUNDLE = ROOT / "tests" / "data" / "tiny_bundle"


class Operator:
    """Who runs Ruthan: the command line, with the settings of one installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder / 'ruthan.db'}"
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "RUTHAN_DATABASE_URL": self.database,
            "RUTHAN_SECRET_FILE": str(folder / "secret"),
            "RUTHAN_EVIDENCE_FOLDER": str(folder / "evidence"),
            "RUTHAN_WEBHOOK_ALLOW_LOOPBACK": "true",
            "RUTHAN_WEBHOOK_RETRY_SECONDS": "0.02",
            "RUTHAN_WORKER_POLL_SECONDS": "0.05",
            "RUTHAN_WORKER_BATCH": "100",
        }
        self.running: list[Forked] = []

    def run(self, *arguments: str) -> str:
        """What a command prints; fails where it fails."""
        status, out, err = run(RUTHAN, *arguments, folder=self.folder, env=self.environment)
        assert status == 0, err
        return out.strip()

    def start(self, *arguments: str, **settings: str) -> Path:
        """Start a long-running command; returns the file of its output."""
        log = self.folder / f"{arguments[0]}.log"
        process = Forked(RUTHAN, *arguments, folder=self.folder, env=self.environment | settings, log=log)
        self.running.append(process)
        return log

    def serve(self, *arguments: str, **settings: str) -> str:
        """Start the API on a free port; returns its address once it listens."""
        log = self.start("serve", "--port", "0", *arguments, **settings)
        _wait_until(lambda: "Application startup complete" in log.read_text())
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        assert found is not None
        return found[0]

    def stop(self) -> None:
        """Stop the started processes, as a service manager does."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(60)


class BadNetwork:
    """A proxy that loses every second response to requests that start with ``cut``.

    The server has then done what it was asked, and the client has seen the status line and no more.
    """

    def __init__(self, server: str, cut: bytes) -> None:
        parts = urlsplit(server)
        assert parts.hostname is not None
        assert parts.port is not None
        self._server, self._cut = (parts.hostname, parts.port), cut
        self._lock = threading.Lock()
        self.asked = self.lost = self.replayed = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def accept(self) -> None:
        """Serve until the listener is shut."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass_on(self, client: socket.socket) -> None:
        doomed = threading.Event()
        with client, socket.create_connection(self._server) as server, suppress(OSError):
            back = threading.Thread(target=self._answer, args=(server, client, doomed), daemon=True)
            back.start()
            while piece := client.recv(65536):
                if piece.startswith(self._cut) and self._is_doomed():
                    doomed.set()
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)
            back.join()

    def _answer(self, server: socket.socket, client: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                with self._lock:
                    self.replayed += piece.lower().count(b"idempotency-replayed: true")
                if doomed.is_set():
                    client.sendall(piece[:40])
                    break
                client.sendall(piece)
            client.shutdown(socket.SHUT_RDWR)

    def _is_doomed(self) -> bool:
        with self._lock:
            self.asked += 1
            if self.asked % 2:
                self.lost += 1
                return True
            return False


class Receiver:
    """Verifies each delivery; takes every second one, and says 500 to the others or hangs up on them.

    Where it hangs up it has taken the notice: the sender cannot know, and sends it again.
    """

    def __init__(self) -> None:
        self.secret = ""
        self.attempts = 0
        self.taken: list[Notice] = []
        self.refused: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.attempts += 1
                try:
                    notice = verify_webhook(dict(self.headers), body, receiver.secret)
                except BadWebhook as error:
                    receiver.refused.append(str(error))
                    raise
                if receiver.attempts % 2 == 0:
                    receiver.taken.append(notice)
                    self.send_response(204)
                    self.end_headers()
                elif receiver.attempts % 4 == 1:
                    self.send_response(500)
                    self.end_headers()
                else:
                    receiver.taken.append(notice)
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/ruthan"


def _wait_until(holds: Callable[[], object]) -> None:
    """Waits until something holds, and fails where it never does."""
    deadline = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    return _wait_until


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    found = Operator(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def bad_network() -> Callable[[str, bytes], AbstractContextManager[BadNetwork]]:
    """A bad network before a server, for the requests that start with some bytes."""

    @contextmanager
    def make(server: str, cut: bytes) -> Iterator[BadNetwork]:
        network = BadNetwork(server, cut)
        thread = threading.Thread(target=network.accept)
        thread.start()
        try:
            yield network
        finally:
            network.close()
            thread.join()

    return make


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()
