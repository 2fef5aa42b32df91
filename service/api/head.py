"""Support for HEAD on every GET route: the same headers, without the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TOLD = ("route", "app_root_path", "root_path", "endpoint", "path_params")
"""Scope entries that routing sets and that the log and the metrics read."""


class HeadAsGet:
    """ASGI middleware that answers a HEAD request like a GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        # A copy: the server checks the method in its own scope to leave out the body.
        inner = {**scope, "method": "GET"}

        def pass_on_route() -> None:
            scope.update({name: inner[name] for name in _TOLD if name in inner})

        async def headers_only(message: Message) -> None:
            # The answer is counted before it is sent.
            pass_on_route()
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(inner, receive, headers_only)
        finally:
            pass_on_route()
