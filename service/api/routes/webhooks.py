"""``/v1/webhooks``: addresses to which a platform wants notices posted."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from service.answers.webhooks import WebhookOut, Webhooks, WebhookSecret
from service.api.deps import JsonBody, ReadKey, SettingsDep, StoreDep
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import WEBHOOK
from service.api.problems import BAD_WEBHOOK, NOT_FOUND, Problem
from service.api.timestamps import Moment
from service.decisions.reasons import cursor_at
from service.store import NameTaken
from service.store.database.columns import now
from service.store.database.row_ids import is_row_id
from service.store.platforms.webhooks import TooManyWebhooks
from service.store.tables.api_tables import Webhook
from service.store.tenants.reach import reach_of
from service.webhooks.addresses import BadTarget, parse, resolve

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


def _goes_to(operation: str) -> dict[str, Any]:
    """Return the OpenAPI link from a webhook to one of its operations."""
    return {"operationId": operation, "parameters": {"path.webhook_id": "$response.body#/webhook_id"}}


@router.post(
    "",
    operation_id="createWebhook",
    summary="Register a webhook for decisions · ลงทะเบียน webhook",
    status_code=201,
    response_model=WebhookSecret,
    openapi_extra=WEBHOOK,
    responses={
        201: {
            "links": {
                "renewSecret": _goes_to("renewWebhookSecret"),
                "replay": _goes_to("replayWebhook"),
                "remove": _goes_to("removeWebhook"),
            }
        }
    },
)
@refuses(BAD_WEBHOOK)
def create(key: ReadKey, body: JsonBody, store: StoreDep, settings: SettingsDep) -> WebhookSecret:
    """Post future decisions to a public https address. Needs the scope `read`."""
    url = body.get("url") if isinstance(body, dict) else None
    if not isinstance(url, str):
        raise _refused('send {"url": "https://…"}')
    try:
        target = parse(url, settings.webhook_allow_loopback)
        resolve(target, settings.webhook_allow_loopback)
        position = store.decisions.newest(reach_of(key))
        row = store.webhooks.create(key, url, position, settings.webhook_seal())
    except (BadTarget, NameTaken, TooManyWebhooks) as error:
        raise _refused(str(error)) from error
    return WebhookSecret(**_fields(row), secret=settings.webhook_seal().open(row.secret))


@router.get(
    "",
    operation_id="readWebhooks",
    summary="The webhooks of this tenant · webhook ของผู้เชื่อมต่อรายนี้",
    response_model=Webhooks,
)
def read_all(key: ReadKey, store: StoreDep) -> Webhooks:
    """List the webhooks of this key's tenant with their delivery status. Needs the scope `read`."""
    working = {row.id for row in store.own_keys.of(key) if row.works(now())}
    rows = store.webhooks.of(key)
    return Webhooks(webhooks=[_shown(row, row.api_key_id not in working) for row in rows])


@router.delete(
    "/{webhook_id}",
    operation_id="removeWebhook",
    summary="Remove a webhook · ลบ webhook",
    status_code=204,
)
@refuses(NOT_FOUND)
def remove(key: ReadKey, store: StoreDep, webhook_id: int) -> Response:
    """Delete a webhook; nothing more is posted to it. Needs the scope `read`."""
    if not store.webhooks.remove(key, _number(webhook_id)):
        raise _unknown(webhook_id)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/secret",
    operation_id="renewWebhookSecret",
    summary="Give a webhook a new secret · เปลี่ยนรหัสลับของ webhook",
    response_model=WebhookSecret,
)
@refuses(NOT_FOUND)
def renew_secret(key: ReadKey, store: StoreDep, settings: SettingsDep, webhook_id: int) -> WebhookSecret:
    """Give a webhook a new secret; the old one also signs for another day. Needs the scope `read`."""
    row = store.webhooks.renew_secret(key, _number(webhook_id), settings.webhook_seal())
    if row is None:
        raise _unknown(webhook_id)
    return WebhookSecret(**_fields(row), secret=settings.webhook_seal().open(row.secret))


@router.post(
    "/{webhook_id}/replay",
    operation_id="replayWebhook",
    summary="Deliver decisions again · ส่งผลการพิจารณาซ้ำ",
    response_model=WebhookOut,
)
@refuses(NOT_FOUND)
def replay(
    key: ReadKey,
    store: StoreDep,
    webhook_id: int,
    since: Annotated[Moment, Query(description="deliver decisions at or after this time again")],
) -> WebhookOut:
    """Deliver the decisions since a time again; also enables a disabled webhook. Scope `read`."""
    row = store.webhooks.replay(key, _number(webhook_id), store.decisions.newest(reach_of(key), since))
    if row is None:
        raise _unknown(webhook_id)
    return _shown(row)


def _shown(row: Webhook, stopped: bool = False) -> WebhookOut:
    """A webhook without its secret; ``stopped`` where the key that made it has ended."""
    fields = _fields(row)
    return WebhookOut.model_validate(fields | {"state": "stopped"} if stopped else fields)


def _fields(row: Webhook) -> dict[str, Any]:
    copied = {name for name in WebhookOut.model_fields if hasattr(row, name)}
    state = "disabled" if row.disabled_at else "failing" if row.failing_since else "active"
    fields = {name: getattr(row, name) for name in copied}
    fields |= {"webhook_id": row.id, "state": state, "cursor": cursor_at(row.position)}
    if state != "failing":
        fields["next_attempt_at"] = None
    return fields


def _number(webhook_id: int) -> int:
    if not is_row_id(webhook_id):
        raise _unknown(webhook_id)
    return webhook_id


def _unknown(webhook_id: int) -> Problem:
    return Problem(NOT_FOUND, f"you have no webhook {webhook_id}; GET /v1/webhooks lists yours")


def _refused(detail: str) -> Problem:
    return Problem(BAD_WEBHOOK, detail, [{"pointer": "/url", "detail": detail}])
