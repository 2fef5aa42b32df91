"""Cacheable responses with conditional requests (RFC 9110, 9111)."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
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
    headers = {"ETag": document.tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and _names(if_none_match, document.tag):
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(document.body, headers=headers, media_type=media_type)


def public_answer(request: Request, body: bytes, media_type: str, changed: datetime) -> Response:
    """Return ``body`` with its entity tag and date, or 304 if the client already has it.

    ``changed`` is when the content last changed.  If the request has both conditions, the tag decides.
    """
    document = TaggedDocument.of(body)
    headers = {
        "ETag": document.tag,
        "Last-Modified": format_datetime(changed.astimezone(UTC).replace(microsecond=0), usegmt=True),
        "Cache-Control": f"public, max-age={SECONDS}",
    }
    if _has_it(request, document.tag, changed):
        return Response(status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(document.body, headers=headers, media_type=media_type)


def _has_it(request: Request, tag: str, changed: datetime) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return _names(known, tag)
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return changed.replace(microsecond=0) <= since


def _names(header: str, tag: str) -> bool:
    """Whether a list of tags contains ``tag``, by weak comparison: ``W/`` is ignored."""
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in tags or header.strip() == "*"
