"""Listening and serving."""

import errno
import socket

import uvicorn

from service.api import create_app
from service.assessor import Assessor
from service.settings import Settings


class AddressInUse(OSError):
    """Nobody can listen at this address; the message says what to do."""


def listen(host: str, port: int, tries: int = 1) -> tuple[socket.socket, str]:
    """A bound socket and its address ``http://HOST:PORT``; with ``tries``, the next ports are tried too.

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


def make_server(
    settings: Settings, assessor: Assessor | None = None, with_worker: bool = True
) -> uvicorn.Server:
    """A server of the API and the console, not yet running."""
    app = create_app(settings, assessor, with_worker=with_worker)
    config = uvicorn.Config(
        app,
        log_level=settings.log_level,
        log_config=None,
        access_log=False,  # service.api.request_context writes a line for each request
        server_header=False,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return uvicorn.Server(config)
