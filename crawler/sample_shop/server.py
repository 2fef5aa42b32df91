"""Serves the shop on loopback, for the demo and for tests of the spider."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from crawler.sample_shop.catalogue import products
from crawler.sample_shop.site import render

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain",
    ".xml": "application/xml",
}


@dataclass
class RunningShop:
    """A running shop; ``requests`` collects the path of each request, in order of arrival."""

    url: str
    requests: list[str] = field(default_factory=list)


class _ShopServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect early."""


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, shop: RunningShop, encodings: dict[str, str], directory: str) -> None:
        self._shop = shop
        self._encodings = encodings
        super().__init__(*args, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._shop.requests.append(self.path)
        super().do_GET()

    def do_HEAD(self) -> None:
        self._shop.requests.append(self.path)
        super().do_HEAD()

    def guess_type(self, path: object) -> str:
        suffix = Path(str(path)).suffix
        if suffix not in _TYPES:
            return "text/html; charset=utf-8"
        if suffix == ".png":
            return _TYPES[suffix]
        charset = self._encodings.get(urlsplit(self.path).path.lstrip("/"), "utf-8")
        return f"{_TYPES[suffix]}; charset={charset}"

    def list_directory(self, path: object) -> None:
        """List no folders: a folder without an index is not found."""
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the terminal belongs to the caller."""


@contextmanager
def serve(port: int = 0, host: str = "127.0.0.1") -> Iterator[RunningShop]:
    """Render the shop into a temporary folder and serve it until the block ends.

    With ``port`` 0, a free one is chosen. Yields the running shop; its ``url`` has no trailing slash. Raises
    ``OSError`` if the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="ruthan-shop-") as folder:
        running = RunningShop(url="")
        encodings = {p.path: p.encoding for p in products()}
        handler = partial(_Handler, shop=running, encodings=encodings, directory=folder)
        with _ShopServer((host, port), handler) as server:
            running.url = f"http://{host}:{server.server_address[1]}"
            render(Path(folder), running.url)
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            try:
                yield running
            finally:
                server.shutdown()
                thread.join()
