"""``POST /v1/listings/{listing_id}/decision``: a simulated decision, for sandbox keys."""

from typing import get_args

from fastapi import APIRouter

from service.answers.sandbox import Simulated, SimulatedVerdict
from service.api.deps import HolderDep, JsonBody, ReadKey, SettingsDep, StoreDep
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import SIMULATION
from service.api.pointers import only_field, pointer_to
from service.api.problems import BAD_DECISION, NOT_ALLOWED, NOT_FOUND, Problem, no_listing
from service.decisions.reasons import notice_of
from service.decisions.simulated import simulate
from service.store.cases.reviews import ReviewRefused
from service.store.database.row_ids import is_row_id
from service.store.listings.assessments import Assessed
from service.store.platforms.api_keys import is_sandbox
from service.store.tenants.read_scope import read_scope_of

router = APIRouter(prefix="/v1/listings", tags=["sandbox"])


@router.post(
    "/{listing_id}/decision",
    operation_id="simulateDecision",
    summary="Simulate a decision, with a sandbox key · จำลองผลการพิจารณาด้วยคีย์ทดลอง",
    response_model=Simulated,
    openapi_extra=SIMULATION,
)
@refuses(BAD_DECISION, NOT_FOUND)
def decide(
    key: ReadKey, body: JsonBody, store: StoreDep, settings: SettingsDep, holder: HolderDep, listing_id: int
) -> Simulated:
    """Decide on a listing of the sandbox; feed and webhooks deliver the notice as in production.

    Scope `read`.

    A listing that the worker has not assessed yet is assessed first.
    """
    if not is_sandbox(key):
        raise Problem(
            NOT_ALLOWED,
            "only a sandbox key (rt_sandbox_…) can simulate decisions: ask the operator for one",
            thai="จำลองผลการพิจารณาได้ด้วยคีย์ทดลอง (rt_sandbox_…) เท่านั้น ขอได้จากผู้ดูแลระบบ",
        )
    known = get_args(SimulatedVerdict)
    decision = body.get("decision") if isinstance(body, dict) and body.keys() == {"decision"} else None
    if not isinstance(decision, str) or decision not in known:
        example, others = f'{{"decision": "{known[0]}"}}', ", ".join(known[1:])
        detail, pointer = f"send {example}, or {others}", pointer_to(*only_field(body, "decision"))
        thai = f"โปรดส่ง {example} หรือใช้ค่า {others}"
        raise Problem(BAD_DECISION, detail, [{"pointer": pointer, "detail": detail}], thai=thai)
    row = store.listings.get(listing_id, read_scope_of(key)) if is_row_id(listing_id) else None
    if row is None:
        raise no_listing(listing_id)
    if row.assessment_id is None:
        (assessment,) = holder.get().classify([row.shape()])
        store.assessments.record_all([Assessed(row.id, row.text_sha256, assessment)])
    try:
        decided = simulate(store, row.id, decision)
    except ReviewRefused as error:
        raise Problem(BAD_DECISION, str(error), thai="จำลองผลการพิจารณานี้กับโฆษณานี้ไม่ได้") from error
    redress = settings.notice.redress or ""
    return Simulated(notice=None if decided is None else notice_of(decided, redress, sandbox=True))
