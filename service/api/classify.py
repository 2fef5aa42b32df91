"""``POST /v1/classify``: assess listings now, keep nothing."""

from typing import Any

from fastapi import APIRouter

from service.api.assessing import assess_body
from service.api.deps import ClassifyKey, HolderDep, JsonBody, MetricsDep, SettingsDep, TurnsDep
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
    _, assessments = await assess_body(body, settings, holder, turns)
    metrics.classified(assessments)
    return Assessments(assessments=assessments)
