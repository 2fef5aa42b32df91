"""``POST /v1/check``: what a seller must change in a draft before publishing it; stores nothing."""

from typing import Any

from fastapi import APIRouter

from service.answers.checks import DraftChecks
from service.api.assessing import problems_of_assessing, read_all
from service.api.deps import BodyWithPictures, ClassifyKey, HolderDep, MetricsDep, PicturesDep, SettingsDep
from service.api.listing_input import listings_of, split_pictures
from service.api.openapi.documented_errors import refuses
from service.api.openapi.examples import CHECK_ANSWER
from service.api.openapi.request_shapes import DRAFTS
from service.api.problems import BAD_LISTING, TOO_BUSY
from service.decisions.drafts import check_drafts

router = APIRouter(prefix="/v1", tags=["classify"])


@router.post(
    "/check",
    operation_id="checkDrafts",
    summary="Check drafts before publication · ตรวจร่างโฆษณาก่อนเผยแพร่",
    response_model=DraftChecks,
    openapi_extra=DRAFTS,
    responses={200: {"content": {"application/json": {"example": CHECK_ANSWER}}}},
)
@refuses(BAD_LISTING, TOO_BUSY)
async def check(
    _key: ClassifyKey,
    body: BodyWithPictures,
    settings: SettingsDep,
    holder: HolderDep,
    pictures: PicturesDep,
    metrics: MetricsDep,
) -> Any:
    """Check 1 to 100 drafts before they are published.

    The body is that of `/v1/classify`. For each draft: its assessment, whether it may be published, what to
    do about each claim and why, and the required sentences of its product class that are missing.
    Only deletion, a permit or officially permitted wording is advised. Needs the scope `classify`.
    """
    body, sent = split_pictures(body, settings)
    listings = listings_of(body, settings)
    given = await read_all(pictures, sent, settings.server.answer_seconds)
    with problems_of_assessing(settings):
        checks = await check_drafts(
            listings, holder, settings.server.answer_seconds, metrics.classified, given
        )
    return DraftChecks(checks=checks)
