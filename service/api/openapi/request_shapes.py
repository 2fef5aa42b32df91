"""Schemas of the request bodies for the OpenAPI document; listings are validated in ``listing_input``."""

from typing import Any, get_args

from inference.records import MAX_ID, MAX_REACH, NEGATIVE, NO_NUMBER
from labels.taxonomy import Platform
from service.answers.sandbox import SimulatedVerdict
from service.answers.webhooks import EventName
from service.api.openapi.examples import DRAFT
from service.complaints.intake import BOUNDS
from service.settings import Settings
from service.store.tables.complaint_tables import ComplaintCategory, Harm
from service.webhooks.addresses import MAX_URL

LISTING, LISTINGS, TARGET, COMPLAINT = "ListingIn", "ListingsIn", "WebhookIn", "ComplaintIn"
NEW_KEY, NEW_APPEAL, SUBSCRIPTION = "KeyIn", "AppealIn", "EventsIn"
DECISION = "DecisionIn"
MAX_REASON, MAX_EVIDENCE = 4_000, 20_000
"""Maximum length of an appeal in characters."""


def schemas(settings: Settings) -> dict[str, Any]:
    """Return the schemas of the bodies by name, with the limits from the settings."""
    text = {"type": ["string", "null"], "maxLength": settings.max.text_characters}
    aside = "; an invalid value is stored in `extra`, not refused"
    schemes = "https?" if settings.webhook.allow_loopback else "https"
    listing = {
        "title": LISTING,
        "type": "object",
        "description": "What a buyer sees. Unknown fields are stored in `extra` and never assessed.",
        "required": ["id"],
        "properties": {
            "id": {
                "type": ["string", "integer"],
                "minLength": 1,
                "maxLength": MAX_ID,
                "description": "your own id; an integer is converted to a string",
            },
            "text": text | {"description": "the whole text; unless blank, wins over title and description"},
            "title": text | {"description": "assessed as title, line feed, description"},
            "description": text,
            "platform": {"description": f"a text: {', '.join(Platform)}{aside}"},
            "url": {"description": f"a text{aside}"},
            "price": {"description": f"a text or a number{aside}"},
            "currency": {"description": f"a text{aside}"},
            "seller": {"description": f"a text{aside}"},
            "seller_url": {"description": f"a text{aside}"},
            "images": {
                "description": 'a list of pictures: URLs, also as `{"url"}`, which are stored, and'
                ' `{"data"}`, the bytes of a file in base64, which are read (`data:` URLs are refused);'
                ' or `"none"`, which states that'
                " it shows none any more"
                f"{aside}"
            },
            "captured_at": {"description": f"a time in ISO 8601; UTC if it has no time zone{aside}"},
            "reach": {
                "minimum": 0,
                "maximum": MAX_REACH,
                "not": {"type": "string", "pattern": f"^(?:{NEGATIVE.pattern}|{NO_NUMBER.pattern})"},
                "description": "how many people saw it; stored in `extra`",
            },
        },
        "anyOf": [{"required": [name]} for name in ("text", "title", "description")],
        "additionalProperties": True,
    }
    listings = {
        "title": LISTINGS,
        "type": "object",
        "required": ["listings"],
        "properties": {
            "listings": {
                "type": "array",
                "minItems": 1,
                "maxItems": settings.max.listings,
                "items": _ref(LISTING),
            }
        },
    }
    target = {
        "title": TARGET,
        "type": "object",
        "required": ["url"],
        "properties": {
            "url": {
                "type": "string",
                "format": "uri",
                "maxLength": MAX_URL,
                "pattern": f"^{schemes}://[!-~]+$",
                "description": "an https address whose host is on the public internet",
            },
            "events": _EVENTS,
        },
    }
    return {
        LISTING: listing,
        LISTINGS: listings,
        TARGET: target,
        SUBSCRIPTION: _SUBSCRIPTION,
        DECISION: _DECISION,
        COMPLAINT: _COMPLAINT,
        NEW_KEY: _NEW_KEY,
        NEW_APPEAL: _NEW_APPEAL,
    }


_EVENTS: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "enum": list(get_args(EventName))},
    "description": "events to receive; decisions (notice.takedown, notice.reinstated) if omitted",
}
_SUBSCRIPTION: dict[str, Any] = {
    "title": SUBSCRIPTION,
    "type": "object",
    "required": ["events"],
    "properties": {"events": _EVENTS},
    "additionalProperties": False,
}
_DECISION: dict[str, Any] = {
    "title": DECISION,
    "type": "object",
    "required": ["decision"],
    "properties": {"decision": {"type": "string", "enum": list(get_args(SimulatedVerdict))}},
    "additionalProperties": False,
}
_NEW_KEY: dict[str, Any] = {
    "title": NEW_KEY,
    "type": "object",
    "required": ["name", "scopes"],
    "properties": {
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 60,
            "pattern": "^[!-~]+$",
            "description": "the key is named TENANT/NAME",
        },
        "scopes": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": ["classify", "ingest", "read", "keys"]},
            "description": "only scopes that the calling key has",
        },
        "expires_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "when it expires; no later than the calling key",
        },
    },
    "additionalProperties": False,
}
_NEW_APPEAL: dict[str, Any] = {
    "title": NEW_APPEAL,
    "type": "object",
    "required": ["reason"],
    "properties": {
        "reason": {
            "type": "string",
            "maxLength": MAX_REASON,
            "pattern": r"\S",
            "description": "why the decision is wrong",
        },
        "evidence": {
            "type": "string",
            "maxLength": MAX_EVIDENCE,
            "description": "evidence for the reason, such as permit numbers or the approved wording",
        },
        "appellant": {"type": "string", "enum": ["platform", "seller"], "default": "platform"},
    },
    "additionalProperties": False,
}
_COMPLAINT_TEXTS = {
    "detail": "what happened or what was found",
    "advertised": "the wording of the advertisement; it is compared with other listings and assessed",
    "title": "name of the product",
    "url": "address of the listing",
    "seller": "name of the shop or page",
    "external_id": "your own id of the complaint: the same id is the same complaint",
    "contact_name": "name of the complainant; omit it unless it is needed",
    "contact": "phone number or e-mail address of the complainant; omit it unless it is needed",
}
_COMPLAINT: dict[str, Any] = {
    "title": COMPLAINT,
    "type": "object",
    "description": "What a citizen reported. Unknown fields are refused, so that no personal data slips in.",
    "required": ["category", "detail"],
    "properties": {
        "category": {"type": "string", "enum": [category.value for category in ComplaintCategory]},
        "platform": {"type": ["string", "null"], "enum": [*(one.value for one in Platform), "", None]},
        "complained_on": {
            "anyOf": [
                {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
                {"enum": ["", None]},
            ],
            "description": "the day of the complaint, not in the future; a year from 2400 on is Buddhist Era",
        },
        "harm": {
            "type": ["string", "null"],
            "enum": [*(one.value for one in Harm), "", None],
            "description": "whether the product harmed somebody; such complaints are handled first",
        },
        **{
            name: {"type": ["string", "null"], "maxLength": BOUNDS[name], "description": words}
            for name, words in _COMPLAINT_TEXTS.items()
        },
        "detail": {
            "type": "string",
            "maxLength": BOUNDS["detail"],
            "pattern": r"\S",
            "description": _COMPLAINT_TEXTS["detail"],
        },
    },
    "additionalProperties": False,
}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(schema: dict[str, Any], **examples: Any) -> dict[str, Any]:
    content = {"schema": schema, "examples": {name: {"value": value} for name, value in examples.items()}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


_FILES: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
}
"""Parts of a form with one name, each the bytes of a file."""


def _body_or_form(schema: dict[str, Any], **examples: Any) -> dict[str, Any]:
    """A body that may also be a form with the same JSON and pictures, as ``service.api.body`` reads it."""
    made = _body(schema, **examples)
    made["requestBody"]["content"]["multipart/form-data"] = {
        "schema": {
            "type": "object",
            "description": "the JSON, and each picture as a file",
            "required": ["body"],
            "properties": {
                "body": schema,
                "picture": _FILES | {"description": "pictures of the only listing"},
            },
            "patternProperties": {
                "^picture-[0-9]{1,4}$": _FILES
                | {"description": "pictures of the listing at this place in `listings`, from 0"}
            },
            "additionalProperties": False,
        },
        "encoding": {"body": {"contentType": "application/json"}},
    }
    return made


_SEVERAL = {
    "listings": [
        {"id": "sku-1", "title": "แคปซูลตัวอย่าง", "description": "กล่องละ 390 บาท", "price": 390},
        {"id": 2, "text": "เครื่องวัดความดันตัวอย่าง รับประกัน 1 ปี", "platform": "marketplace"},
    ]
}

MANY = _body_or_form(_ref(LISTINGS), listings=_SEVERAL)
DRAFTS = _body_or_form(_ref(LISTINGS), draft={"listings": [DRAFT]})
ONE_OR_MANY = _body_or_form(
    # That a single listing has no field "listings" is left out: generators of clients do not read "not".
    {"anyOf": [_ref(LISTING), _ref(LISTINGS)]},
    one=DRAFT,
    several=_SEVERAL,
)
ONE_COMPLAINT = _body(
    _ref(COMPLAINT),
    health={
        "category": "health_ad",
        "title": "แคปซูลตัวอย่าง",
        "advertised": "แคปซูลตัวอย่าง รักษาเบาหวานหายขาดใน 7 วัน",
        "detail": "พบโฆษณาอ้างว่ารักษาโรคได้",
        "url": "https://shop.example/item/1",
        "external_id": "1212-0001",
    },
    trade={"category": "not_delivered", "detail": "โอนเงินแล้วไม่ได้รับสินค้า", "complained_on": "2026-11-24"},
)
KEY = _body(
    _ref(NEW_KEY), reader={"name": "reader", "scopes": ["read"], "expires_at": "2099-12-31T00:00:00+07:00"}
)
APPEAL = _body(
    _ref(NEW_APPEAL),
    seller={"appellant": "seller", "reason": "โฆษณานี้ได้รับอนุญาตแล้ว", "evidence": "ใบอนุญาตโฆษณาเลขที่ ฆอ. 1/2569"},
)
WEBHOOK = _body(_ref(TARGET), webhook={"url": "https://shop.example/ruthan"})
EVENTS = _body(_ref(SUBSCRIPTION), all={"events": list(get_args(EventName))})
SIMULATION = _body(_ref(DECISION), prohibited={"decision": "prohibited"})
