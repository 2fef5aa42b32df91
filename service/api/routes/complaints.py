"""``POST /v1/complaints``: submit a citizen's complaint."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from service.answers.complaints import ComplaintKept
from service.api.deps import IngestKey, JsonBody, StoreDep
from service.api.idempotency import REPLAYED, IdempotencyKey, once
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import ONE_COMPLAINT
from service.api.pointers import pointer_to
from service.api.problems import BAD_COMPLAINT, IN_FLIGHT, KEY_REUSED, Problem
from service.complaints.intake import API_FIELDS, ComplaintUnusable, filing_of
from service.store import Store
from service.store.audit import names as audit_names
from service.store.complaints.repository import Receipt
from service.store.listings.repository import is_within
from service.store.platforms.idempotency import Then
from service.store.tables.api_tables import ApiKey
from service.store.tenants.read_scope import read_scope_of

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])


@router.post(
    "",
    operation_id="handInComplaint",
    summary="Submit a complaint · ส่งเรื่องร้องเรียน",
    status_code=202,
    response_model=ComplaintKept,
    openapi_extra=ONE_COMPLAINT,
    responses={202: {"headers": REPLAYED}},
)
@refuses(BAD_COMPLAINT, IN_FLIGHT, KEY_REUSED)
def hand_in(
    *,
    key: IngestKey,
    body: JsonBody,
    store: StoreDep,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Submit one complaint in a category of online trade.

    A complaint about a health product belongs to a listing: the one at its address, else one with nearly the
    same text, else a new one that is assessed and queued. Other complaints are stored separately for the
    agency that handles them. Needs the scope `ingest`.
    """
    return once(
        store, key, idempotency_key, "complaint", body, response, lambda then: _file(key, body, store, then)
    )


def _file(key: ApiKey, body: Any, store: Store, then: Then[BaseModel]) -> ComplaintKept:
    if not isinstance(body, dict):
        example = '{"category": "late", "detail": "…"}'
        detail = f"a complaint is an object such as {example}"
        thai = f"เรื่องร้องเรียนต้องเป็น JSON object เช่น {example}"
        raise Problem(BAD_COMPLAINT, detail, [{"pointer": pointer_to(), "detail": detail}], thai=thai)
    try:
        filing = filing_of(body, API_FIELDS)
    except ComplaintUnusable as error:
        faults = [{"pointer": pointer_to(fault.field), "detail": fault.english} for fault in error.faults]
        raise Problem(BAD_COMPLAINT, str(error), faults, thai=error.thai) from error
    reach = read_scope_of(key)
    answers: list[ComplaintKept] = []

    def keep(session: Session, receipt: Receipt) -> None:
        # The matched listing reveals what others submitted, so only keys that read all listings get it.
        number = receipt.listing_id
        told = reach.tenant_id is None or (number is not None and is_within(session, number, reach))
        answers[:] = [_kept(receipt, told)]
        then(session, answers[0])

    store.complaints.file(filing, key.source, audit_names.key(key.name), keep)
    return answers[0]


def _kept(receipt: Receipt, told: bool) -> ComplaintKept:
    return ComplaintKept(
        complaint_id=receipt.complaint_id,
        number=receipt.number,
        status=receipt.status,
        listing_id=receipt.listing_id if told else None,
        tie=receipt.tie.value if told and receipt.tie else None,
    )
