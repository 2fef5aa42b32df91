"""Assessing the listings of a request, fairly and within bounds."""

import asyncio
from typing import Any

from labels.schema import Assessment, Listing
from service.api.listing_input import listings_of
from service.api.pointers import pointer_to
from service.api.problems import TOO_BUSY, TOO_LARGE, Problem
from service.inference_pool.assessor import AssessorHolder
from service.inference_pool.pool import LanesFull
from service.settings import Settings


async def assess_body(
    body: Any, settings: Settings, holder: AssessorHolder, offered: bool = False
) -> tuple[list[Listing], list[Assessment]]:
    """The listings of a body ``{"listings": [...]}`` and their assessments, both in their order.

    Args:
        offered: whoever sends them means them for sale, whatever their words say.

    Raises a :class:`Problem` for a faulty listing, when too much waits for the model, or when the answer
    takes too long; ``AssessorUnavailable`` while there is no model, ``LanesClosed`` when it is put away.
    """
    listings = listings_of(body, settings)
    if offered:
        listings = [listing.as_offered() for listing in listings]
    assessor = holder.get()
    _refuse_what_takes_too_long(listings, holder, settings)
    try:
        future = assessor.submit(listings)
    except LanesFull as full:
        raise Problem(
            TOO_BUSY, f"{full}: send it again in {full.retry_after} s", retry_after=full.retry_after
        ) from full
    try:
        # Who waits longer, or is cancelled, leaves the lanes with what was not read.
        return listings, await asyncio.wait_for(asyncio.wrap_future(future), settings.answer_seconds)
    except TimeoutError as late:
        raise Problem(
            TOO_BUSY,
            f"the model did not come to an end within {settings.answer_seconds:g} s: send fewer listings at"
            " once, or the same again when less is waiting",
        ) from late


def _refuse_what_takes_too_long(listings: list[Listing], holder: AssessorHolder, settings: Settings) -> None:
    """Raise a 413 :class:`Problem` for a listing that is not read in time at the pace measured here."""
    most = holder.lanes.reads_within(settings.answer_seconds)
    if most is None:
        return
    for number, listing in enumerate(listings):
        if len(listing.text) > most:
            detail = (
                f"listing {listing.id} has {len(listing.text):,} characters: at the pace measured here"
                f" at most {most:,} are read within {settings.answer_seconds:g} s; shorten it, or send it to"
                " /v1/batches or /v1/listings"
            )
            thai = (
                f"รายการ {listing.id} ยาว {len(listing.text):,} อักขระ ขณะนี้ระบบอ่านได้ไม่เกิน {most:,} อักขระใน"
                f" {settings.answer_seconds:g} วินาที โปรดย่อให้สั้นลง หรือส่งทาง /v1/batches หรือ /v1/listings"
            )
            raise Problem(
                TOO_LARGE, detail, [{"pointer": pointer_to("listings", number), "detail": detail}], thai=thai
            )
