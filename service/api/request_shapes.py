"""The request bodies as the OpenAPI document shows them; they are checked in ``received``."""

from typing import Any

from service.api.examples import DRAFT

_LISTING: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "maxLength": 200},
        "text": {
            "type": ["string", "null"],
            "description": "the whole text; wins over title and description",
        },
        "title": {"type": ["string", "null"]},
        "description": {"type": ["string", "null"]},
        "platform": {"type": "string"},
        "url": {"type": "string"},
        "price": {"type": "string"},
        "currency": {"type": "string"},
        "seller": {"type": "string"},
        "seller_url": {"type": "string"},
        "images": {"type": "array", "items": {"type": "string"}},
        "captured_at": {"type": "string", "format": "date-time"},
    },
    "additionalProperties": True,
}
_LIST: dict[str, Any] = {
    "type": "object",
    "required": ["listings"],
    "properties": {"listings": {"type": "array", "minItems": 1, "maxItems": 100, "items": _LISTING}},
}


def _body(schema: dict[str, Any], **example: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, **example}}
    return {"requestBody": {"required": True, "content": content}}


MANY = _body(_LIST)
DRAFTS = _body(_LIST, example={"listings": [DRAFT]})
ONE_OR_MANY = _body({"anyOf": [_LISTING, _LIST]})
