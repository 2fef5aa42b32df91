"""Binds a socket and runs the server."""

import errno
import gc
import math
import os
import signal
import socket
import threading
import time
from types import FrameType

import uvicorn

from service.application import create_app
from service.inference_pool.assessor import Assessor
from service.settings import Settings

_AFTER_THE_ANSWERS = 5
"""Seconds that a stopping server has in addition to the longest wait of a request."""


class AddressInUse(OSError):
    """The address cannot be listened on; the message says what to do."""


def listen(host: str, port: int, tries: int = 1) -> tuple[socket.socket, str]:
    """Bind a socket and return it with its URL ``http://HOST:PORT``; ``tries`` includes the next ports.

    Raises :class:`AddressInUse`.
    """
    problem: OSError | None = None
    for candidate in range(port, min(port + tries, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, candidate))
        except OSError as error:
            bound.close()
            problem = error
            if error.errno != errno.EADDRINUSE:
                break
            continue
        name = f"[{host}]" if family == socket.AF_INET6 else host
        return bound, f"http://{name}:{bound.getsockname()[1]}"
    raise AddressInUse(
        f"cannot listen at {host}:{port} ({problem}): stop what uses it, or choose another with --port"
    ) from problem


class Server(uvicorn.Server):
    """A server that drains on shutdown: it reports not ready, stops listening, and completes requests.

    At SIGTERM ``draining`` is set: ``/readyz`` and new requests to the API are answered 503.
    ``drain_seconds`` later it stops listening; accepted requests are answered, then the process ends. SIGINT,
    from a keyboard, skips the pause.
    """

    def __init__(self, config: uvicorn.Config, draining: threading.Event, drain_seconds: float) -> None:
        super().__init__(config)
        self._draining = draining
        self._drain_seconds = drain_seconds
        self._closes_at: float | None = None
        self._parent: int | None = None

    def end_with(self, parent: int) -> None:
        """Stop as at SIGTERM when the parent process ``parent`` is gone."""
        self._parent = parent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        await super().startup(sockets)
        # What is loaded by now stays: the collector must not walk it while a request makes many objects.
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start to shut down."""
        if sig != signal.SIGTERM or not self.started:
            self._draining.set()
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(
            sig
        )  # raised again at the end, so that the exit status shows the signal
        self._drain()

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop now."""
        if self._parent is not None and os.getppid() != self._parent:
            self._drain()
        if self._closes_at is not None and time.monotonic() >= self._closes_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def _drain(self) -> None:
        if self._closes_at is None:
            self._draining.set()
            self._closes_at = time.monotonic() + self._drain_seconds


def make_server(
    settings: Settings,
    assessor: Assessor | None = None,
    with_worker: bool = True,
    model_first: bool = False,
) -> Server:
    """Create a server of the API and the console; see :func:`~service.application.create_app`."""
    app = create_app(settings, assessor, with_worker, model_first)
    config = uvicorn.Config(
        app,
        log_level=settings.log.level,
        log_config=None,
        access_log=False,  # service.api.request_context writes a line for each request
        server_header=False,
        # By then every accepted request is answered.
        timeout_graceful_shutdown=math.ceil(settings.server.answer_seconds) + _AFTER_THE_ANSWERS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return Server(config, app.state.draining, settings.server.drain_seconds)
