"""Request context: id, log line, metrics."""

import logging
import re
import threading
import time
import uuid
from typing import Any

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.running.logs import FIELDS, request_id
from service.running.metrics import Metrics

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
UNMATCHED = "unmatched"
"""Placeholder for the template of a path without a route."""

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_MOST_BODY_LEFT = 2**26
"""Bytes of a refused request that are read at most before the connection is closed."""
_MOST_SECONDS_LEFT = 5.0
"""How long they may take."""
_TOO_SLOW = 408
_BARE = frozenset((204, 304))
"""Statuses of answers that have no body."""
_HEADERS, _KEY_NAME = "response_headers", "key_name"


class RequestContext:
    """ASGI middleware, the outermost: gives each request an id, a log line and its metrics.

    The client's ``X-Request-ID`` is used if it is short and plain ASCII.  Once ``draining`` is set, every
    answer closes its connection: a request sent while the server closes the connection would be lost.  Before
    a connection is closed, also at the client's wish, the rest of the request's body is read, since closing a
    connection with unread bytes resets it and loses the answer.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, draining: threading.Event) -> None:
        self.app = app
        self.metrics = metrics
        self.draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        identity = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        # Never reset: each request has its own task and context, and what the server logs about this
        # request afterwards must carry the id too.
        request_id.set(identity)
        response_headers(scope)[HEADER] = identity
        start = time.perf_counter()
        status = 500
        body_begun = body_ended = told = False

        def tell() -> None:
            nonlocal told
            if not told:
                told = True
                self._tell(scope, status, time.perf_counter() - start)

        async def watched() -> Message:
            nonlocal body_begun, body_ended
            body_begun = True
            message = await receive()
            body_ended = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(response_headers(scope))
                if self.draining.is_set():
                    headers["Connection"] = "close"
                # A client that waits for "100 Continue" has sent nothing, and reading would ask for it. One
                # whose body took too long would hold the connection still longer.
                sends = (body_begun or not _waits(scope)) and status != _TOO_SLOW
                if sends and (self.draining.is_set() or _closes(scope)):
                    left = _MOST_BODY_LEFT
                    with anyio.move_on_after(_MOST_SECONDS_LEFT):
                        while not body_ended and left > 0:
                            part = await watched()
                            left -= len(part.get("body", b""))
                is_last = scope["method"] == "HEAD" or headers.get("Content-Length") == "0" or status in _BARE
            else:
                is_last = not message.get("more_body", False)
            if is_last:
                # Before the client has the whole answer: if this process is killed, no answer that anybody
                # has may be missing from the log and the counters.
                tell()
            await send(message)

        try:
            await self.app(scope, watched, with_headers)
        finally:
            tell()

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = template(scope)
        self.metrics.request(route, method, status, seconds)
        fields: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if name := scope["state"].get(_KEY_NAME):
            fields["key"] = name
        # Log the route template, never the path or query: searches may contain personal data.
        message = " ".join(f"{name}={value}" for name, value in fields.items())
        log.info("%s", message, extra={FIELDS: fields})


def _closes(scope: Scope) -> bool:
    """Whether the client wants the connection closed after the answer."""
    wishes = Headers(scope=scope).get("Connection", "").lower()
    return "close" in wishes or (scope.get("http_version") == "1.0" and "keep-alive" not in wishes)


def _waits(scope: Scope) -> bool:
    return "Expect" in Headers(scope=scope)


def response_headers(scope: Scope) -> dict[str, str]:
    """Return the headers that the response to this request will carry, also if it fails."""
    headers: dict[str, str] = scope.setdefault("state", {}).setdefault(_HEADERS, {})
    return headers


def note_key(scope: Scope, name: str) -> None:
    """Record the name of the request's API key for the log."""
    scope.setdefault("state", {})[_KEY_NAME] = name


def template(scope: Scope) -> str:
    """Return the route template of a request, such as ``/v1/listings/{listing_id}``."""
    if (route := scope.get("route")) is not None:
        return str(route.path)
    if "app_root_path" in scope:  # below a mount, such as the console's static files
        return str(scope["root_path"].removeprefix(scope["app_root_path"]))
    return UNMATCHED
