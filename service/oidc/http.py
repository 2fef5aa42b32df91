"""HTTP requests to the provider, bounded in time and size."""

import time
from typing import Any

try:
    import httpx2
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "login through a provider needs authlib and httpx2: pip install 'ruthan[oidc]'"
    ) from error

from labels.version import VERSION
from service.oidc.errors import ProviderUnavailable

LARGEST = 2**20
HEADERS = {"User-Agent": f"Ruthan/{VERSION}", "Accept": "application/json"}


class BoundedTransport(httpx2.BaseTransport):
    """Transport that reads each answer completely: at most :data:`LARGEST` bytes within ``seconds``.

    The client's own timeout restarts with each byte, so a slow provider could block a login and its thread
    forever.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._inner = httpx2.HTTPTransport(retries=0)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request and read its answer; raises ``httpx2.HTTPError``."""
        deadline = time.monotonic() + self._seconds
        answer = self._inner.handle_request(request)
        body = bytearray()
        try:
            for chunk in answer.stream:  # type: ignore[union-attr]  # a synchronous transport's is iterable
                body += chunk
                if len(body) > LARGEST:
                    raise httpx2.RemoteProtocolError(f"the answer is larger than {LARGEST:,} bytes")
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout(f"the answer was not complete after {self._seconds:g} s")
        finally:
            answer.close()
        return httpx2.Response(
            answer.status_code, headers=answer.headers, content=bytes(body), request=request
        )

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def client_options(seconds: float) -> dict[str, Any]:
    """Return the options of every client of the provider."""
    return {
        "transport": BoundedTransport(seconds),
        "timeout": httpx2.Timeout(seconds),
        "headers": HEADERS,
        "follow_redirects": False,
        "trust_env": False,
    }


def get_document(url: str, seconds: float) -> dict[str, Any]:
    """Fetch the JSON object at ``url``; raises :class:`ProviderUnavailable`."""
    try:
        with httpx2.Client(**client_options(seconds)) as client:
            answer = client.get(url)
        if answer.status_code != httpx2.codes.OK:
            raise ProviderUnavailable(f"{url} answers with status {answer.status_code}")
        document = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ProviderUnavailable(f"{url} cannot be read: {error or type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise ProviderUnavailable(f"{url} does not answer with JSON") from error
    if not isinstance(document, dict):
        raise ProviderUnavailable(f"{url} does not answer with a JSON object")
    return document
