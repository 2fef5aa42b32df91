"""Cacheable responses with conditional requests (RFC 9110, 9111)."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

SECONDS = 60
"""How long caches may use a response without revalidation, and so the longest delay of a withdrawal."""


def cacheable(
    request: Request, body: bytes, media_type: str, changed: datetime, status: int = 200
) -> Response:
    """Return ``body`` with its entity tag and date, or 304 if the client already has it.

    ``changed`` is when the content last changed.  If the request has both conditions, the tag decides.
    """
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed.astimezone(UTC).replace(microsecond=0), usegmt=True),
        "Cache-Control": f"public, max-age={SECONDS}",
    }
    if status == 200 and _has_it(request, tag, changed):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type)


def _has_it(request: Request, tag: str, changed: datetime) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        tags = [item.strip().removeprefix("W/") for item in known.split(",")]
        return tag in tags or known.strip() == "*"
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return changed.replace(microsecond=0) <= since
