"""``GET /v1/takedowns``: what reviewers decided about a platform's listings."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.deps import ReadKey, SettingsDep, StoreDep
from service.api.openapi.documented_errors import refuses
from service.api.problems import BAD_QUERY
from service.api.timestamps import Moment
from service.decisions.notice import NoticePage
from service.decisions.reasons import cursor_at, notice_of, position_at
from service.store.tenants.read_scope import read_scope_of

router = APIRouter(prefix="/v1/takedowns", tags=["takedowns"])


@router.get(
    "",
    operation_id="readTakedowns",
    summary="What reviewers decided · ผลการพิจารณาของเจ้าหน้าที่",
    response_model=NoticePage,
    responses={
        200: {
            "links": {
                "readOn": {
                    "operationId": "readTakedowns",
                    "parameters": {"query.cursor": "$response.body#/next_cursor"},
                    "description": "the decisions that follow",
                }
            }
        }
    },
)
@refuses(BAD_QUERY)
def read_feed(
    *,
    key: ReadKey,
    store: StoreDep,
    settings: SettingsDep,
    cursor: Annotated[str | None, Query(max_length=200, description="continue after this position")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    since: Annotated[
        Moment | None, Query(description="only decisions at or after this time; with a time zone")
    ] = None,
) -> NoticePage:
    """List decisions on the listings of this key's tenant, oldest first; with `read_all`, on all listings.

    `next_cursor` is always given: store it and ask again later; no decision is skipped or repeated. Needs the
    scope `read`.
    """
    position = position_at(cursor) if cursor else 0
    found = store.decisions.after(position, read_scope_of(key), since, limit + 1)
    redress, trial = settings.notice.redress or "", settings.is_sandbox
    notices = [notice_of(decided, redress, sandbox=trial) for decided in found[:limit]]
    return NoticePage(
        notices=notices,
        next_cursor=notices[-1].cursor if notices else cursor_at(position),
        more=len(found) > limit,
    )
