"""Routes with which a platform contests a decision, for itself or for the seller, and reads the outcome."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from service.answers.appeals import AppealKept, AppealOut, AppealPage
from service.api.deps import JsonBody, ReadKey, StoreDep
from service.api.openapi.documented_errors import refuses
from service.api.openapi.request_shapes import APPEAL, MAX_EVIDENCE, MAX_REASON
from service.api.pointers import faults_of
from service.api.problems import BAD_APPEAL, NOT_CONTESTABLE, NOT_FOUND, Problem, no_listing
from service.decisions.appeals import appeal_of
from service.store.appeals.repository import AppealRefused, FiledAppeal, NotContestable
from service.store.appeals.tables import Appellant
from service.store.database.row_ids import is_row_id
from service.store.tables.api_tables import ApiKey

router = APIRouter(prefix="/v1", tags=["appeals"])

_THAI = {
    NotContestable.NOTHING_AGAINST_IT: "โฆษณานี้ไม่มีผลการพิจารณาที่แจ้งแล้วและยังมีผลให้อุทธรณ์",
    NotContestable.ANSWERED: "ผลการพิจารณานี้เป็นผลของอุทธรณ์แล้ว อุทธรณ์ซ้ำในระบบนี้ไม่ได้",
}


_Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Wanted(BaseModel, extra="forbid"):
    reason: Annotated[_Text, Field(min_length=1, max_length=MAX_REASON)]
    evidence: Annotated[_Text, Field(max_length=MAX_EVIDENCE)] = ""
    appellant: Appellant = Appellant.PLATFORM


@router.post(
    "/listings/{listing_id}/appeals",
    operation_id="fileAppeal",
    summary="Contest a decision · อุทธรณ์ผลการพิจารณา",
    status_code=202,
    response_model=AppealKept,
    openapi_extra=APPEAL,
    responses={
        202: {
            "links": {
                "read": {
                    "operationId": "readAppeal",
                    "parameters": {"path.appeal_id": "$response.body#/appeal_id"},
                }
            }
        }
    },
)
@refuses(BAD_APPEAL, NOT_CONTESTABLE, NOT_FOUND)
def file(key: ReadKey, body: JsonBody, store: StoreDep, listing_id: int) -> AppealKept:
    """Contest the decision against a listing of this tenant; another reviewer decides. Scope `read`."""
    try:
        wanted = _Wanted.model_validate(body)
    except ValidationError as error:
        faults, thai = faults_of(error)
        raise Problem(BAD_APPEAL, "; ".join(f["detail"] for f in faults), faults, thai=thai) from error
    found = None
    if is_row_id(listing_id):
        try:
            found = store.appeals.file(listing_id, key, wanted.appellant, wanted.reason, wanted.evidence)
        except AppealRefused as error:
            raise Problem(NOT_CONTESTABLE, str(error), thai=_THAI[error.why]) from error
    if found is None:
        raise no_listing(listing_id)
    status: Literal["new", "known"] = "new" if found.is_new else "known"
    return AppealKept(**appeal_of(found).model_dump(), status=status)


@router.get(
    "/appeals",
    operation_id="readAppeals",
    summary="The appeals of this tenant · อุทธรณ์ของผู้เชื่อมต่อรายนี้",
    response_model=AppealPage,
)
def read_page(
    *,
    key: ReadKey,
    store: StoreDep,
    cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AppealPage:
    """The appeals about this tenant's listings, the newest first. Scope `read`."""
    page = store.appeals.page(key.tenant_id, cursor, limit)
    return AppealPage(appeals=[appeal_of(row) for row in page.rows], next_cursor=page.next_cursor)


@router.get(
    "/appeals/{appeal_id}",
    operation_id="readAppeal",
    summary="One appeal and its outcome · อุทธรณ์หนึ่งเรื่องและผล",
    response_model=AppealOut,
)
@refuses(NOT_FOUND)
def read_one(key: ReadKey, store: StoreDep, appeal_id: int) -> AppealOut:
    """One appeal of this tenant and its outcome. Scope `read`."""
    return appeal_of(_found(key, store, appeal_id))


def _found(key: ApiKey, store: StoreDep, appeal_id: int) -> FiledAppeal:
    found = store.appeals.get(appeal_id, key.tenant_id) if is_row_id(appeal_id) else None
    if found is None:
        raise Problem(
            NOT_FOUND,
            f"you have no appeal {appeal_id}; /v1/appeals lists yours",
            thai=f"ไม่มีอุทธรณ์หมายเลข {appeal_id} ดูที่มีได้ที่ /v1/appeals",
        )
    return found
