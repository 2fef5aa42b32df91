"""HTTP POST to a checked address, with an overall timeout."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress

from service.webhooks.addresses import Target, resolve


class DeliveryFailed(Exception):
    """No answer; the message tells the webhook's owner why."""


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    timeout: float,
    allow_loopback: bool = False,
    context: ssl.SSLContext | None = None,
) -> int:
    """Post and return the HTTP status; follows no redirects and does not read the body.

    The host is resolved, its addresses are checked, and the connection goes to one of those, which prevents
    DNS rebinding.  ``timeout`` in seconds covers connection, TLS and answer together, so that a slow endpoint
    delays nobody (name resolution has the resolver's own limit).  No proxy is used.  Raises
    :class:`DeliveryFailed` and :class:`~service.webhooks.addresses.BadTarget`.
    """
    addresses = resolve(target, allow_loopback)
    deadline = time.monotonic() + timeout
    try:
        with _connected(addresses, target.port, deadline) as raw:
            return _talk(raw, target, body, headers, deadline, context)
    except ssl.SSLCertVerificationError as error:
        raise DeliveryFailed(f"its certificate is not valid: {error.verify_message}") from error
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() >= deadline:
            raise DeliveryFailed(f"it did not answer within {timeout:g} s") from error
        raise DeliveryFailed(f"the connection failed ({type(error).__name__})") from error


def _connected(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    problem: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), max(deadline - time.monotonic(), 0.001))
        except OSError as error:
            problem = error
    raise problem or OSError("the host has no address")


def _talk(
    raw: socket.socket,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    deadline: float,
    context: ssl.SSLContext | None,
) -> int:
    if target.tls:
        context = context or ssl.create_default_context()
        used: socket.socket = context.wrap_socket(
            raw, server_hostname=target.host, do_handshake_on_connect=False
        )
    else:
        used = raw
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = used
    # A socket's own timeout restarts with every byte; this one does not.
    alarm = threading.Timer(max(deadline - time.monotonic(), 0), _cut, (used,))
    alarm.start()
    try:
        if isinstance(used, ssl.SSLSocket):
            used.do_handshake()
        connection.request("POST", target.path, body, {"Host": target.authority, **headers})
        with closing(connection.getresponse()) as answer:
            if time.monotonic() >= deadline:
                # A truncated status line still parses as one.
                raise TimeoutError
            return answer.status
    finally:
        alarm.cancel()
        alarm.join()
        connection.close()


def _cut(used: socket.socket) -> None:
    with suppress(OSError):
        # Use the plain socket's method: that of a TLS socket would drop state that another thread is using.
        socket.socket.shutdown(used, socket.SHUT_RDWR)
