"""Rules of the API that its document cannot express.

Loaded by schemathesis.toml, in the process of ``st run``.

Some values match their schema and are refused all the same: an invented cursor, an Idempotency-Key used
before with another body, a webhook address that does not resolve, a key's name or expiry that is not
available, an invalid file of listings, and the number of a listing without a decision. If a request is meant
to be accepted, they are replaced by valid values; no failure is filtered out.
"""

import gzip
import io
from functools import cache
from itertools import count
from typing import Any

import openpyxl
import schemathesis
from schemathesis.core.parameters import ParameterLocation

from service.decisions.reasons import cursor_at, position_at
from service.store import BadCursor
from service.store.database.cursors import pack, unpack

_numbers = count()


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Replace made-up values by usable ones in the parts of a request that are meant to be valid."""

    def is_good(location: ParameterLocation) -> bool:
        return case.meta is None or not case.meta.is_negative_at(location)

    if case.query.get("cursor") and is_good(ParameterLocation.QUERY):
        case.query["cursor"] = _cursor(case.path, case.query)
    if "idempotency-key" in case.headers and is_good(ParameterLocation.HEADER):
        case.headers["idempotency-key"] = f"{next(_numbers)} {case.headers['idempotency-key']}"[:200]
    if (case.method, case.path) == ("POST", "/v1/webhooks") and is_good(ParameterLocation.BODY):
        case.body["url"] = f"http://127.0.0.1:9/{next(_numbers)}"
    if (case.method, case.path) == ("POST", "/v1/keys") and is_good(ParameterLocation.BODY):
        # A name that is taken and an end that has passed fit the schema too.
        case.body["name"] = f"{next(_numbers)}{case.body['name']}"[:60]
        case.body["expires_at"] = None
    if case.path == "/v1/listings/{listing_id}/appeals" and is_good(ParameterLocation.PATH):
        case.path_parameters["listing_id"] = 2  # A number that the store does not have only gives 404.
    if case.path.startswith("/v1/keys/{key_id}") and str(case.path_parameters.get("key_id")) in ("1", "1.0"):
        case.path_parameters["key_id"] = 2**30  # the key that asks would end
    is_meant = case.meta is None or not case.meta.generation.mode.is_negative
    if (case.method, case.path) == ("POST", "/v1/batches") and is_meant:
        case.body = _file(case.media_type or "", case.headers.get("content-encoding", ""))


def _file(media_type: str, encoding: str) -> bytes:
    if "spreadsheet" in media_type:
        content = _workbook()
    else:
        content = b"id,text\n1,x\n" if "csv" in media_type else b'{"id": "1", "text": "x"}\n'
    return gzip.compress(content) if "gzip" in encoding.lower() else content


@cache
def _workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (("id", "text"), ("1", "x")):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cursor(path: str, query: dict[str, Any]) -> str:
    """The cursor, if it is one (a link gave it), else one from before the first entry."""
    given = str(query["cursor"])
    try:
        if path == "/v1/takedowns":
            position_at(given)
            return given
        first = _FIRST_NUMBER if path in _NUMBERED else _FIRST_LISTING[query.get("order", "deposited")]
        unpacked = unpack(given, len(first))
        return given if path in _NUMBERED or unpacked[0] == first[0] else pack(*first)
    except BadCursor:
        return cursor_at(0) if path == "/v1/takedowns" else pack(*first)


_NUMBERED = ("/v1/batches", "/v1/appeals")
_FIRST_NUMBER = (2**30,)
_FIRST_LISTING: dict[str, tuple[Any, ...]] = {
    "deposited": ("deposited", 0),
    "newest": ("last", 2**30),
    "risk": ("riskiest", 1.0, 2**30),
    "reach": ("reach", 2**30, 2**30),
}
