"""``POST /v1/classify``: assess listings now, keep nothing."""

from typing import Any

import anyio
from fastapi import APIRouter

from service.api.deps import ClassifyKey, HolderDep, JsonBody, MetricsDep, SettingsDep, TurnsDep
from service.api.problems import TOO_BUSY, Problem
from service.api.received import listings_of
from service.api.request_shapes import MANY
from service.api.schemas import Assessments

router = APIRouter(prefix="/v1", tags=["classify"])


@router.post("/classify", response_model=Assessments, openapi_extra=MANY)
async def classify(
    _key: ClassifyKey,
    body: JsonBody,
    settings: SettingsDep,
    holder: HolderDep,
    turns: TurnsDep,
    metrics: MetricsDep,
) -> Any:
    """Assess 1 to 100 listings and answer when it is done.

    Each listing is `{"id", "text"}` or `{"id", "title", "description"}`; offsets in the answer point into
    `text`, or into `title + "\\n" + description`. Needs the scope `classify`.
    """
    listings = listings_of(body, settings)
    assessor = holder.get()
    if turns.statistics().tasks_waiting >= settings.max_waiting_requests:
        raise Problem(TOO_BUSY, "the model is busy and the queue is full: try again in a few seconds")
    found = await anyio.to_thread.run_sync(assessor.classify, listings, limiter=turns)
    metrics.classified(found)
    return Assessments(assessments=found)
