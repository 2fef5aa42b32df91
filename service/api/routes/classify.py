"""``POST /v1/classify``: assess listings now, store nothing."""

from typing import Any

from fastapi import APIRouter

from service.answers.checks import Assessments
from service.api.assessing import problems_of_assessing, read_all
from service.api.deps import BodyWithPictures, ClassifyKey, HolderDep, MetricsDep, PicturesDep, SettingsDep
from service.api.listing_input import listings_of, split_pictures
from service.api.openapi.documented_errors import refuses
from service.api.openapi.examples import CLASSIFY_ANSWER
from service.api.openapi.request_shapes import MANY
from service.api.problems import BAD_LISTING, TOO_BUSY
from service.inference_pool.answering import assess_in_time

router = APIRouter(prefix="/v1", tags=["classify"])


@router.post(
    "/classify",
    operation_id="classifyListings",
    summary="Assess listings now · ตรวจโฆษณาทันที",
    response_model=Assessments,
    openapi_extra=MANY,
    responses={200: {"content": {"application/json": {"example": CLASSIFY_ANSWER}}}},
)
@refuses(BAD_LISTING, TOO_BUSY)
async def classify(
    _key: ClassifyKey,
    body: BodyWithPictures,
    settings: SettingsDep,
    holder: HolderDep,
    pictures: PicturesDep,
    metrics: MetricsDep,
) -> Any:
    """Assess 1 to 100 listings and wait for the result.

    Each listing is `{"id", "text"}` or `{"id", "title", "description"}`; offsets in the answer point into
    `text`, or into `title + "\\n" + description`. Pictures in `images` are read, and assessed with the text;
    they may be sent as files instead, in a form (`multipart/form-data`) whose part `body` is the JSON.
    Needs the scope `classify`.
    """
    body, sent = split_pictures(body, settings)
    listings = listings_of(body, settings)
    given = await read_all(pictures, sent, settings.server.answer_seconds)
    with problems_of_assessing(settings):
        assessments = await assess_in_time(listings, holder, settings.server.answer_seconds, given)
    metrics.classified(assessments)
    return Assessments(assessments=assessments)
