"""Reading request bodies: bounded, strictly UTF-8, strictly JSON."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.json_record import NotJson, parse
from service.api.problems import BAD_BODY, BAD_MEDIA_TYPE, TOO_LARGE, Problem, answer
from service.api.refusals import refuses


class BodyLimit:
    """ASGI middleware: no request body grows beyond ``limit`` bytes, whatever its header says.

    ``uploads`` has other limits, by path: of what is not held in memory.
    """

    def __init__(self, app: ASGIApp, limit: int, uploads: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.limit = limit
        self.uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.uploads.get(scope["path"], self.limit)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await answer(_too_large(limit))(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, counted, send)


def _too_large(limit: int) -> Problem:
    return Problem(TOO_LARGE, f"the body is larger than {limit:,} bytes: send fewer listings in each request")


@refuses(BAD_BODY, BAD_MEDIA_TYPE, TOO_LARGE)
async def json_body(request: Request) -> Any:
    """The body as JSON; raises a ``bad-body`` :class:`Problem` that says where it is wrong.

    A body that says it is something else than JSON is refused as ``bad-media-type``.
    """
    media_type = request.headers.get("content-type", "application/json")
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            BAD_MEDIA_TYPE, f"the body came as {media_type!r}: send the header Content-Type: application/json"
        )
    raw = await request.body()
    if not raw.strip():
        raise Problem(
            BAD_BODY, 'the body is empty: send JSON such as {"listings": [{"id": "1", "text": "…"}]}'
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(
            BAD_BODY,
            f"the body is not valid UTF-8 at byte {error.start}: encode it as UTF-8, not TIS-620",
        ) from error
    try:
        return parse(text)
    except json.JSONDecodeError as error:
        raise Problem(
            BAD_BODY, f"the body is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from error
    except NotJson as error:
        raise Problem(BAD_BODY, f"the body cannot be read: {error}") from error
