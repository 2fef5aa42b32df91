"""``/v1/webhooks``: a platform's webhooks."""

from typing import Annotated, Any, TypeVar, get_args

from fastapi import APIRouter, Query, Response

from service.answers.webhooks import (
    Deliveries,
    DeliveryOut,
    EventName,
    PingSent,
    WebhookOut,
    Webhooks,
    WebhookSecret,
)
from service.api.deps import JsonBody, ReadKey, SettingsDep, StoreDep
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import EVENTS, WEBHOOK
from service.api.pointers import only_field, pointer_to
from service.api.problems import BAD_WEBHOOK, NOT_FOUND, Problem
from service.api.timestamps import Moment
from service.decisions.reasons import cursor_at
from service.store import NameTaken, Store
from service.store.database.columns import now
from service.store.database.row_ids import is_row_id
from service.store.platforms.deliveries import KEPT_ATTEMPTS
from service.store.platforms.webhooks import MAX_PER_TENANT, NotReadable, TooManyWebhooks, WebhookDisabled
from service.store.tables.api_tables import NOTICES, ApiKey, Webhook, WebhookAttempt
from service.store.tenants.read_scope import read_scope_of
from service.webhooks.addresses import BadTarget, parse, resolve
from service.webhooks.waiting import ping_id

Found = TypeVar("Found")

_NOT_READABLE = "เหตุการณ์ batch.done ต้องใช้คีย์ที่มีสิทธิ์ (scope) classify"

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
                "subscribe": _goes_to("subscribeWebhook"),
                "test": _goes_to("testWebhook"),
                "retry": _goes_to("retryWebhook"),
                "deliveries": _goes_to("readDeliveries"),
                "remove": _goes_to("removeWebhook"),
            }
        }
    },
)
@refuses(BAD_WEBHOOK)
def create(key: ReadKey, body: JsonBody, store: StoreDep, settings: SettingsDep) -> WebhookSecret:
    """Post future events (decisions, if `events` is not given) to a public https address. Scope `read`."""
    url = body.get("url") if isinstance(body, dict) else None
    if not isinstance(url, str):
        example = '{"url": "https://…"}'
        steps = ["url"] if isinstance(body, dict) else []
        raise _refused(f"send {example}", *steps, thai=f"โปรดส่ง {example}")
    events = _events(body["events"]) if "events" in body else NOTICES
    try:
        target = parse(url, settings.webhook.allow_loopback)
        resolve(target, settings.webhook.allow_loopback)
        position = store.decisions.newest(read_scope_of(key))
        row = store.webhooks.create(key, url, position, settings.secret.webhook_cipher(), events)
    except NotReadable as error:
        raise _refused(str(error), "events", thai=_NOT_READABLE) from error
    except BadTarget as error:
        raise _refused(str(error), "url", thai=error.thai) from error
    except NameTaken as error:
        raise _refused(str(error), "url", thai="มี webhook ของที่อยู่นี้แล้ว โปรดลบของเดิมก่อน") from error
    except TooManyWebhooks as error:
        thai = f"ผู้เชื่อมต่อหนึ่งรายมี webhook ได้ไม่เกิน {MAX_PER_TENANT} รายการ โปรดลบรายการที่ไม่ใช้ก่อน"
        raise _refused(str(error), thai=thai) from error
    return WebhookSecret(**_fields(row, True), secret=settings.secret.webhook_cipher().decrypt(row.secret))


@router.get(
    "",
    operation_id="readWebhooks",
    summary="The webhooks of this tenant · webhook ของผู้เชื่อมต่อรายนี้",
    response_model=Webhooks,
)
def read_all(key: ReadKey, store: StoreDep) -> Webhooks:
    """List the webhooks of this key's tenant with their delivery status. Needs the scope `read`."""
    working = _working(key, store)
    return Webhooks(webhooks=[_shown(row, working) for row in store.webhooks.of(key)])


@router.patch(
    "/{webhook_id}",
    operation_id="subscribeWebhook",
    summary="Choose the events of a webhook · เลือกเหตุการณ์ที่ webhook รับ",
    response_model=WebhookOut,
    openapi_extra=EVENTS,
)
@refuses(BAD_WEBHOOK, NOT_FOUND)
def subscribe(key: ReadKey, body: JsonBody, store: StoreDep, webhook_id: int) -> WebhookOut:
    """Choose the events that a webhook receives from now on. Scope `read`."""
    if not isinstance(body, dict) or body.keys() != {"events"}:
        example = '{"events": ["notice.takedown", …]}'
        raise _refused(f"send {example}", *only_field(body, "events"), thai=f"โปรดส่ง {example}")
    events = _events(body["events"])
    try:
        row = store.webhooks.subscribe(key, _number(webhook_id), events)
    except NotReadable as error:
        raise _refused(str(error), "events", thai=_NOT_READABLE) from error
    return _shown(_found(row, webhook_id), _working(key, store))


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
    row = _found(
        store.webhooks.renew_secret(key, _number(webhook_id), settings.secret.webhook_cipher()), webhook_id
    )
    fields = _fields(row, row.api_key_id in _working(key, store))
    return WebhookSecret(**fields, secret=settings.secret.webhook_cipher().decrypt(row.secret))


@router.post(
    "/{webhook_id}/replay",
    operation_id="replayWebhook",
    summary="Deliver decisions again · ส่งผลการพิจารณาซ้ำ",
    response_model=WebhookOut,
)
@refuses(BAD_WEBHOOK, NOT_FOUND)
def replay(
    key: ReadKey,
    store: StoreDep,
    webhook_id: int,
    since: Annotated[Moment, Query(description="deliver decisions at or after this time again")],
) -> WebhookOut:
    """Deliver the decisions since a time again; also enables a disabled webhook. Scope `read`."""
    position = store.decisions.newest(read_scope_of(key), since)
    try:
        row = store.webhooks.replay(key, _number(webhook_id), position)
    except NameTaken as error:
        thai = "มี webhook สองรายการที่ใช้ที่อยู่เดียวกัน โปรดลบรายการหนึ่งก่อน"
        raise Problem(BAD_WEBHOOK, str(error), thai=thai) from error
    return _shown(_found(row, webhook_id), _working(key, store))


@router.post(
    "/{webhook_id}/test",
    operation_id="testWebhook",
    summary="Deliver a test event · ส่งเหตุการณ์ทดสอบ",
    status_code=202,
    response_model=PingSent,
)
@refuses(BAD_WEBHOOK, NOT_FOUND)
def test(key: ReadKey, store: StoreDep, webhook_id: int) -> PingSent:
    """Deliver a `test` event before anything else; the deliveries show the outcome. Scope `read`."""
    try:
        number = store.webhooks.test(key, _number(webhook_id))
    except WebhookDisabled as error:
        raise _disabled(error) from error
    return PingSent(event_id=ping_id(_found(number, webhook_id)))


@router.post(
    "/{webhook_id}/retry",
    operation_id="retryWebhook",
    summary="Attempt the next delivery now · ส่งซ้ำทันที",
    response_model=WebhookOut,
)
@refuses(BAD_WEBHOOK, NOT_FOUND)
def retry(key: ReadKey, store: StoreDep, webhook_id: int) -> WebhookOut:
    """Attempt a failing webhook now, and resume a disabled one where it stopped. Scope `read`."""
    try:
        row = store.webhooks.retry(key, _number(webhook_id))
    except WebhookDisabled as error:
        raise _disabled(error) from error
    return _shown(_found(row, webhook_id), _working(key, store))


@router.get(
    "/{webhook_id}/deliveries",
    operation_id="readDeliveries",
    summary="The newest attempts of a webhook · ประวัติการส่งของ webhook",
    response_model=Deliveries,
)
@refuses(NOT_FOUND)
def read_deliveries(
    key: ReadKey,
    store: StoreDep,
    webhook_id: int,
    limit: Annotated[int, Query(ge=1, le=KEPT_ATTEMPTS)] = 50,
) -> Deliveries:
    """List the newest attempts to deliver to a webhook, newest first; the last 200 are kept. Scope `read`."""
    row = _found(store.webhooks.get(key, _number(webhook_id)), webhook_id)
    attempts = _found(store.webhooks.log(key, webhook_id, limit), webhook_id)
    return Deliveries(
        deliveries=[_delivery(attempt) for attempt in attempts],
        next_attempt_at=_shown(row, _working(key, store)).next_attempt_at,
    )


def _delivery(attempt: WebhookAttempt) -> DeliveryOut:
    copied = {name: getattr(attempt, name) for name in DeliveryOut.model_fields if hasattr(attempt, name)}
    return DeliveryOut.model_validate(copied | {"delivered": not attempt.problem})


def _events(given: object) -> list[str]:
    """Return the event types in a body; raises :class:`Problem`."""
    known = get_args(EventName)
    if not isinstance(given, list) or not given or any(one not in known for one in given):
        names = ", ".join(known)
        thai = f"events ต้องเป็นรายการ (list) ที่มีอย่างน้อยหนึ่งรายการจาก {names}"
        raise _refused(f"events must be a list of one or more of {names}", "events", thai=thai)
    return given


def _working(key: ApiKey, store: Store) -> set[int]:
    """Return the ids of the keys of a tenant that have not ended."""
    return {row.id for row in store.own_keys.of(key) if row.works(now())}


def _shown(row: Webhook, working: set[int]) -> WebhookOut:
    """Return a webhook without its secret; it is stopped if the key that created it is not ``working``."""
    return WebhookOut.model_validate(_fields(row, row.api_key_id in working))


def _fields(row: Webhook, works: bool) -> dict[str, Any]:
    copied = {name for name in WebhookOut.model_fields if hasattr(row, name)}
    state = "disabled" if row.disabled_at else "failing" if row.failing_since else "active"
    if not works:
        state = "stopped"
    fields = {name: getattr(row, name) for name in copied}
    fields |= {"webhook_id": row.id, "state": state, "cursor": cursor_at(row.position)}
    if state != "failing":
        fields["next_attempt_at"] = None
    return fields


def _number(webhook_id: int) -> int:
    if not is_row_id(webhook_id):
        raise _unknown(webhook_id)
    return webhook_id


def _found(found: Found | None, webhook_id: int) -> Found:
    """Return what the store found; raises :class:`Problem` if the tenant has no such webhook."""
    if found is None:
        raise _unknown(webhook_id)
    return found


def _unknown(webhook_id: int) -> Problem:
    return Problem(
        NOT_FOUND,
        f"you have no webhook {webhook_id}; GET /v1/webhooks lists yours",
        thai=f"ไม่มี webhook หมายเลข {webhook_id} ดูที่มีได้ที่ GET /v1/webhooks",
    )


def _disabled(error: WebhookDisabled) -> Problem:
    thai = f"webhook นี้หยุดส่งแล้ว โปรดให้ส่งต่อด้วย {'replay' if error.key_ended else 'retry'} ก่อน"
    return Problem(BAD_WEBHOOK, str(error), thai=thai)


def _refused(detail: str, *steps: str, thai: str) -> Problem:
    return Problem(BAD_WEBHOOK, detail, [{"pointer": pointer_to(*steps), "detail": detail}], thai=thai)
