"""The page of webhooks: which platforms are notified of decisions, failed deliveries, and retries."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.core.errors import PageError
from service.console.core.fields import number_in
from service.console.core.permissions import WEBHOOK, WEBHOOKS
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.store.database.row_ids import row_id
from service.store.platforms.webhooks import WebhookDisabled
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ATTEMPTS = 10
"""Attempts shown of each webhook."""

_STOPPED = (
    "ยังไม่ได้ส่ง เพราะหยุดส่งไปยังปลายทางนี้แล้ว โปรดกด “ส่งซ้ำทันที” ก่อน",
    "Nothing was sent: deliveries to this webhook have stopped. Press “retry now” first.",
)
_KEY_ENDED = (
    "ยังไม่ได้ส่ง เพราะคีย์ของปลายทางนี้สิ้นสุดแล้ว เจ้าของปลายทางต้องรับช่วงด้วยคีย์ใหม่ผ่าน API (replay) ก่อน",
    "Nothing was sent: the key of this webhook has ended. Its owner must take it over with a new key first,"
    " by the API (replay).",
)


@router.get(WEBHOOKS)
def webhooks_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List the webhooks of all tenants with their newest attempts."""
    query = request.query_params
    return part.page(
        request,
        "webhooks.html",
        reviewer=reviewer,
        endpoints=part.store.webhook_desk.all(ATTEMPTS),
        most=ATTEMPTS,
        tested=number_in(query.get("tested", "")),
        retried=number_in(query.get("retried", "")),
    )


@router.post(f"{WEBHOOK}/test")
def send_test(part: ConsolePart, reviewer: LoggedIn, webhook_id: int, _form: Form) -> Response:
    """Queue a test event for delivery."""
    _push(part.store.webhook_desk.test, webhook_id, reviewer)
    return RedirectResponse(f"{WEBHOOKS}?tested={webhook_id}", 303)


@router.post(f"{WEBHOOK}/retry")
def retry(part: ConsolePart, reviewer: LoggedIn, webhook_id: int, _form: Form) -> Response:
    """Retry the delivery immediately."""
    _push(part.store.webhook_desk.retry, webhook_id, reviewer)
    return RedirectResponse(f"{WEBHOOKS}?retried={webhook_id}", 303)


def _push(push: Callable[[int, Reviewer], bool], webhook_id: int, reviewer: Reviewer) -> None:
    try:
        if push(row_id(webhook_id), reviewer):
            return
    except WebhookDisabled as error:
        raise PageError(409, *(_KEY_ENDED if error.key_ended else _STOPPED), reviewer) from None
    raise PageError(
        404,
        "ไม่พบปลายทางนี้ เจ้าของอาจลบไปแล้ว โปรดเปิดหน้ารายการอีกครั้ง",
        "There is no such webhook; its owner may have removed it. Open the list again.",
        reviewer,
    )
