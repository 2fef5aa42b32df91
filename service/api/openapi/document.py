"""The OpenAPI document: what FastAPI derives from the routes, completed with our own schemas and errors.

The errors of an operation come from ``documented_errors``, and whether it needs a key from its dependencies,
so a new route needs no entry here.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from labels.version import VERSION
from service.api.deps import EXPIRES, current_key
from service.api.openapi import request_shapes
from service.api.openapi.documented_errors import calls_of, refusals_of
from service.api.problems import BAD_QUERY, MEDIA_TYPE, Kind, document_of
from service.api.request_context import HEADER as REQUEST_ID
from service.api.routes.metrics import may_read
from service.settings import Settings

TITLE = "Ruthan"
SUMMARY = "Finds illegal health-product advertising in Thai online listings"

_DESCRIPTION = """\
Assess listings, hand them in for review, and learn what the reviewers decided.
Every request under `/v1` carries an API key. Errors are problem documents (RFC 9457) in English and Thai.
An address that exists answers 405 with `Allow` to a method that it does not know.

ตรวจโฆษณาขายผลิตภัณฑ์สุขภาพ ส่งโฆษณาเข้าตรวจ และรับผลการพิจารณาของเจ้าหน้าที่ ทุกคำขอใต้ `/v1` ต้องมีคีย์ API
ข้อผิดพลาดตอบเป็น problem document (RFC 9457) ทั้งภาษาไทยและภาษาอังกฤษ
"""

_TAGS = {
    "classify": ("Assess now, store nothing", "ตรวจทันที ไม่เก็บข้อมูล"),
    "batches": ("Files of many listings", "ไฟล์โฆษณาจำนวนมาก"),
    "listings": ("Submit for review, read back", "ส่งเข้าตรวจ และอ่านกลับ"),
    "complaints": ("What citizens reported", "เรื่องร้องเรียนของประชาชน"),
    "takedowns": ("What reviewers decided", "ผลการพิจารณาของเจ้าหน้าที่"),
    "appeals": ("Contest a decision", "อุทธรณ์ผลการพิจารณา"),
    "webhooks": ("Decisions posted to your address", "รับผลการพิจารณาผ่าน webhook"),
    "sandbox": ("Try it out, with a sandbox key", "ทดลองใช้ด้วยคีย์ทดลอง"),
    "keys": ("The keys of your tenant", "คีย์ของผู้เชื่อมต่อรายนี้"),
    "reference": ("What the values mean, which model is used", "ความหมายของค่า และแบบจำลองที่ใช้"),
    "health": ("For monitoring and orchestration", "สำหรับผู้ดูแลระบบ"),
}

_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer rt_…` · คีย์ API ในส่วนหัว Authorization",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "`X-API-Key: rt_…` · คีย์ API ในส่วนหัว X-API-Key",
    },
}
_KEY: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]

_POLICY = r'^"[a-z0-9-]+";q=[0-9]+;w=[0-9]+(, "[a-z0-9-]+";q=[0-9]+;w=[0-9]+)*$'
_STANDING = r'^"[a-z0-9-]+";r=[0-9]+;t=[0-9]+(, "[a-z0-9-]+";r=[0-9]+;t=[0-9]+)*$'

_HEADERS: dict[str, dict[str, Any]] = {
    REQUEST_ID: {
        "description": "the id of this request: the one you sent, if it is short and plain ASCII",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"},
    },
    "RateLimit-Policy": {
        "description": "requests (q) per window in seconds (w); absent where no limit applies",
        "schema": {"type": "string", "pattern": _POLICY},
    },
    "RateLimit": {
        "description": "remaining requests (r) for the next seconds (t)",
        "schema": {"type": "string", "pattern": _STANDING},
    },
    EXPIRES: {
        "description": "when this key expires; sent during its last 30 days",
        "schema": {"type": "string", "format": "date-time"},
    },
    "Retry-After": {
        "description": "seconds to wait before the next attempt",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "how to send the key",
        "required": True,
        "schema": {"type": "string", "enum": ["Bearer"]},
    },
}
_OF_STATUS = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"], 507: ["Retry-After"]}

_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "a problem document (RFC 9457)",
    "required": ["type", "status", "title", "title_th", "detail", "detail_th"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:ruthan:problem:[a-z-]+$"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "title": {"type": "string"},
        "title_th": {"type": "string", "description": "the title in Thai · หัวข้อภาษาไทย"},
        "detail": {"type": "string", "description": "what is wrong with this request, and what to do"},
        "detail_th": {
            "type": "string",
            "pattern": "[ก-๛…]",
            "description": "the detail in Thai · รายละเอียดภาษาไทย",
        },
        "errors": {
            "type": "array",
            "description": "each error; the pointer (RFC 6901) refers to the body, or is /query/NAME,"
            " /path/NAME or /header/NAME",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "pattern": "^(/|$)"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": f"as in {REQUEST_ID}"},
    },
}

_Made = dict[str, Any]


class DocumentedApp(FastAPI):
    """An application whose document is :func:`document` of ``state.settings`` and ``state.api_routes``."""

    def openapi(self) -> _Made:
        """Return the document, built on first use."""
        if not self.openapi_schema:
            self.openapi_schema = document(self.state.settings, self.state.api_routes)
        return self.openapi_schema


def document(settings: Settings, routes: Iterable[APIRoute]) -> _Made:
    """Return the OpenAPI 3.1 document of ``routes``; the settings give the limits of the bodies."""
    described = [route for route in routes if route.include_in_schema]
    made = get_openapi(
        title=TITLE,
        version=VERSION,
        summary=SUMMARY,
        description=_DESCRIPTION,
        routes=described,
        tags=[{"name": name, "description": " · ".join(words)} for name, words in _TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    shared: _Made = {}
    for route in described:
        for method in route.methods or ():
            _complete(made["paths"][route.path_format][method.lower()], route, shared)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= {"Problem": _PROBLEM} | request_shapes.schemas(settings)
    made["components"] |= {"securitySchemes": _SCHEMES, "headers": _HEADERS, "responses": shared}
    return made


def _complete(operation: _Made, route: APIRoute, shared: _Made) -> None:
    """Complete one operation; errors that many operations have in common go to ``shared``."""
    calls = calls_of(route)
    keyed = current_key in calls
    if keyed:
        operation["security"] = _KEY
    elif may_read in calls:
        operation["security"] = [{}, *_KEY]
    parameters: list[_Made] = operation.get("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _without_null(parameter["schema"])
    responses: _Made = operation["responses"]
    # FastAPI's own description of an invalid parameter; ours is a problem document.
    responses.pop("422", None)
    kinds = list(refusals_of(route))
    if BAD_QUERY not in kinds and any(_can_be_wrong(parameter["schema"]) for parameter in parameters):
        kinds.append(BAD_QUERY)
    for status_text, response in responses.items():
        response["headers"] = _headers(int(status_text)) | response.get("headers", {})
        if response["description"] == "Successful Response":
            response["description"] = "done · สำเร็จ"
    for status in sorted({kind.status for kind in kinds}):
        those = [kind for kind in kinds if kind.status == status]
        name = ".".join(kind.name for kind in those)
        shared.setdefault(name, _refusal(those) | {"headers": _headers(status)})
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}


def _headers(status: int) -> _Made:
    names = [REQUEST_ID, *_OF_STATUS.get(status, ()), "RateLimit-Policy", "RateLimit", EXPIRES]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(kinds: Sequence[Kind]) -> _Made:
    types = [document_of(kind, "", "")["type"] for kind in kinds]
    # Generators of clients do not read a constant.
    status = {"type": "integer", "enum": [kinds[0].status]}
    return {
        "description": "; ".join(f"`{kind.name}`: {kind.english} · {kind.thai}" for kind in kinds),
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"type": {"enum": types}, "status": status}},
                    ]
                },
                "examples": {kind.name: {"value": document_of(kind, "…", "…")} for kind in kinds},
            }
        },
    }


def _without_null(schema: _Made) -> _Made:
    """Return the schema of a parameter, which can be omitted but never null."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    made: _Made = choices[0] | {name: value for name, value in schema.items() if name != "anyOf"}
    return made


def _can_be_wrong(schema: _Made) -> bool:
    return bool(schema.keys() - {"type", "title", "description", "default"}) or schema.get("type") != "string"
