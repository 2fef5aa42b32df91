"""HTTP requests to a time stamp authority, bounded in time and size."""

import time
import urllib.error
import urllib.request
from email.message import Message
from http.client import HTTPException
from typing import IO, Final

from labels.version import VERSION

LARGEST: Final = 2**20
_PIECE: Final = 2**16
_HEADERS: Final = {"Content-Type": "application/timestamp-query", "User-Agent": f"Ruthan/{VERSION}"}


class NoAnswer(Exception):
    """The authority returned no stamp; the message says why."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def post(url: str, body: bytes, seconds: float) -> bytes:
    """Post an RFC 3161 request and return the raw answer; raises :class:`NoAnswer`.

    Follows no redirects and uses no proxy.
    """
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=body, headers=_HEADERS)  # noqa: S310 (the setting checks it)
    deadline = time.monotonic() + seconds
    try:
        with opener.open(request, timeout=seconds) as answer:
            found = bytearray()
            while piece := answer.read1(_PIECE):
                found += piece
                if len(found) > LARGEST:
                    raise NoAnswer(f"the answer is larger than {LARGEST:,} bytes")
                if time.monotonic() > deadline:
                    raise NoAnswer(f"the answer was not complete after {seconds:g} s")
            return bytes(found)
    except urllib.error.HTTPError as error:
        raise NoAnswer(f"it answers with status {error.code}") from error
    except (OSError, HTTPException) as error:
        raise NoAnswer(f"it cannot be reached: {getattr(error, 'reason', None) or error}") from error
