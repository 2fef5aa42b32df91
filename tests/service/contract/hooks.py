"""Rules of the API that its document cannot express.

Loaded by schemathesis.toml, in the process of ``st run``.

Some values match their schema and are refused all the same: an invented cursor, an Idempotency-Key used
before with another body, a webhook address that does not resolve, a key's name or expiry that is not
available, an invalid file of listings, files that are no pictures or that belong to no listing, the id of
an unknown batch, and the number of a listing without a decision. If a request is meant to be accepted, they are replaced by valid
values; no failure is filtered out.
"""

import gzip
import io
import os
import zipfile
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
_OF_A_BATCH = {("GET", "/v1/batches/{batch_id}"), ("GET", "/v1/batches/{batch_id}/result")}
"""Operations that answer about the finished batch: no worker runs here, and nobody guesses the id of a batch."""
_LISTING = {"id": "1", "text": "x"}
_LISTINGS = {"listings": [_LISTING]}
_ASSESSED = {"id", "text", "title", "description", "images"}
"""The fields of a listing from which its assessment follows."""
_PICTURE = "GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
"""A GIF of one pixel whose bytes are all ASCII: Schemathesis counts a body with other bytes as an invalid one."""


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Give forms with pictures one JSON part each: what JSON may be is tested without a form.

    All fields of a listing are walked in ``POST /v1/listings`` with a single one. The same code reads a list, so
    its listings get only the fields that are assessed, and where they are stored those of one good listing.
    """
    for path, body in (("listings", _LISTING), ("classify", _LISTINGS), ("check", _LISTINGS)):
        content = raw_schema["paths"][f"/v1/{path}"]["post"]["requestBody"]["content"]
        content["multipart/form-data"]["schema"]["properties"]["body"] = {"enum": [body]}
    schemas = raw_schema["components"]["schemas"]
    one, several = schemas["ListingIn"], schemas["ListingsIn"]
    assessed = {name: shape for name, shape in one["properties"].items() if name in _ASSESSED}
    assert assessed.keys() == _ASSESSED
    several["properties"]["listings"]["items"] = one | {"properties": assessed}
    body = raw_schema["paths"]["/v1/listings"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    # A single listing must not have the field that marks a list.
    single = {"allOf": [body["anyOf"][0], {"not": {"required": ["listings"]}}]}
    shapes = several["properties"]
    stored = several | {
        "properties": shapes | {"listings": shapes["listings"] | {"items": {"enum": [_LISTING]}}}
    }
    body["anyOf"] = [single, stored]


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Replace made-up values by usable ones in the parts of a request that are meant to be valid."""

    def is_good(location: ParameterLocation) -> bool:
        return case.meta is None or not case.meta.is_negative_at(location)

    if case.query.get("cursor") and is_good(ParameterLocation.QUERY):
        case.query["cursor"] = _cursor(case.path, case.query)
    if "idempotency-key" in case.headers and is_good(ParameterLocation.HEADER):
        case.headers["idempotency-key"] = f"{next(_numbers)} {case.headers['idempotency-key']}"[:200]
    body: Any = case.body
    if (case.method, case.path) == ("POST", "/v1/webhooks") and is_good(ParameterLocation.BODY):
        body["url"] = f"http://127.0.0.1:9/{next(_numbers)}"
    if (case.method, case.path) == ("POST", "/v1/complaints") and is_good(ParameterLocation.BODY):
        # A day in the future fits the schema too.
        body |= {"complained_on": "2026-11-24"} if body.get("complained_on") else {}
    if (case.method, case.path) == ("POST", "/v1/keys") and is_good(ParameterLocation.BODY):
        # A name that is taken and an end that has passed fit the schema too.
        body["name"] = f"{next(_numbers)}{body['name']}"[:60]
        body["expires_at"] = None
    if case.path == "/v1/listings/{listing_id}/appeals" and is_good(ParameterLocation.PATH):
        case.path_parameters["listing_id"] = int(os.environ["RUTHAN_CONTRACT_CONTESTED"])
    if case.path == "/v1/listings/{listing_id}/decision" and is_good(ParameterLocation.PATH):
        # Of the sandbox, whose key schemathesis.toml names.
        case.path_parameters["listing_id"] = int(os.environ["RUTHAN_CONTRACT_SIMULATED"])
    if (case.method, case.path) in _OF_A_BATCH and is_good(ParameterLocation.PATH):
        case.path_parameters["batch_id"] = os.environ["RUTHAN_CONTRACT_BATCH"]
    if case.path.startswith("/v1/keys/{key_id}") and str(case.path_parameters.get("key_id")) in ("1", "1.0"):
        case.path_parameters["key_id"] = 2**30  # the key that asks would end
    if case.media_type == "multipart/form-data" and is_good(ParameterLocation.BODY):
        case.body = _form(body)
    is_meant = case.meta is None or not case.meta.generation.mode.is_negative
    if (case.method, case.path) == ("POST", "/v1/batches") and is_meant:
        case.body = _file(case.media_type or "", case.headers.get("content-encoding", ""))


def _form(parts: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a form, with a picture if the form has any."""
    return {"body": parts["body"]} | ({"picture": [_PICTURE]} if len(parts) > 1 else {})


def _file(media_type: str, encoding: str) -> bytes:
    if "spreadsheet" in media_type:
        content = _workbook()
    elif "zip" in media_type:
        content = _archive()
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


@cache
def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("listings.csv", "id,text,images\n1,x,1.gif\n")
        archive.writestr("images/1.gif", _PICTURE)
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
