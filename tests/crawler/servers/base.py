"""A platform on loopback: real HTTP, responses made by a function, every request recorded."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..loopback import listening

GATEWAY_PAGE = "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"
"""What gateways in front of APIs send with status 200 when they are in trouble."""


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Answer:
    content: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        if isinstance(self.content, bytes):
            return self.content, "application/octet-stream"
        if isinstance(self.content, str):
            return self.content.encode(), "text/html; charset=utf-8"
        return json.dumps(self.content, ensure_ascii=False).encode(), "application/json; charset=utf-8"


@dataclass
class Platform:
    answer: Callable[["Platform", Asked], Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=dict)

    def first(self, what: str) -> bool:
        """Whether this is asked for the first time."""
        self.times[what] = self.times.get(what, 0) + 1
        return self.times[what] == 1

    def paths(self) -> list[str]:
        return [x.path for x in self.asked]


@contextmanager
def serving(answer: Callable[[Platform, Asked], Answer]) -> Iterator[Platform]:
    platform = Platform(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            headers = {k.lower(): v for k, v in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(self.command, parts.path, query, headers, body)
            with lock:
                platform.asked.append(asked)
                answer = platform.answer(platform, asked)
            content, kind = answer.encoded()
            self.send_response(answer.status)
            for name, value in {"Content-Type": kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with listening(Handler) as platform.url:
        yield platform
