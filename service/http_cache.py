"""Cacheable responses with conditional requests (RFC 9110, 9111)."""

from hashlib import sha256
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_304_NOT_MODIFIED

SECONDS = 60
"""Seconds for which caches may use a public response without revalidation; a withdrawal is delayed by as
much."""


class TaggedDocument(NamedTuple):
    """A document with its strong entity tag, quotes included."""

    body: bytes
    tag: str

    @classmethod
    def of(cls, body: bytes) -> "TaggedDocument":
        """Return the document tagged with the hash of its bytes."""
        return cls(body, f'"{sha256(body).hexdigest()[:32]}"')


def private_answer(document: TaggedDocument, media_type: str, if_none_match: str | None) -> Response:
    """Return a document for one client, or 304 without a body if ``If-None-Match`` contains its tag."""
    # The answer depends on the key, so shared caches must not store it; clients revalidate each time.
    return _answer(document, media_type, if_none_match, "private, no-cache")


def public_answer(request: Request, body: bytes, media_type: str) -> Response:
    """Return ``body`` with its entity tag, or 304 if the client already has it."""
    # Without Last-Modified: a page also changes with other rows than its own, and twice within a second.
    known = request.headers.get("if-none-match")
    return _answer(TaggedDocument.of(body), media_type, known, f"public, max-age={SECONDS}")


def _answer(
    document: TaggedDocument, media_type: str, if_none_match: str | None, cache_control: str
) -> Response:
    headers = {"ETag": document.tag, "Cache-Control": cache_control}
    if if_none_match is not None and _names(if_none_match, document.tag):
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(document.body, headers=headers, media_type=media_type)


def _names(header: str, tag: str) -> bool:
    """Whether a list of tags contains ``tag``, by weak comparison: ``W/`` is ignored."""
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in tags or header.strip() == "*"
