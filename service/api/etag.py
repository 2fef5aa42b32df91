"""Entity tags and 304 responses (RFC 9110)."""

import hashlib
from typing import NamedTuple

from fastapi import Response
from starlette.status import HTTP_304_NOT_MODIFIED


class Tagged(NamedTuple):
    """A JSON document with its strong entity tag, quotes included."""

    body: bytes
    tag: str

    @classmethod
    def of(cls, body: bytes) -> "Tagged":
        """Return the document tagged with the hash of its bytes."""
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def answer(document: Tagged, if_none_match: str | None) -> Response:
    """Return the document, or 304 without a body if ``If-None-Match`` contains its tag."""
    # The answer depends on the key, so shared caches must not store it; clients revalidate each time.
    headers = {"ETag": document.tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and _names(if_none_match, document.tag):
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(document.body, headers=headers, media_type="application/json")


def _names(header: str, tag: str) -> bool:
    """Whether a list of tags contains ``tag``, by weak comparison: ``W/`` is ignored."""
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in tags or header.strip() == "*"
