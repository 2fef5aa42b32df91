"""Assess the listings of a request, with fair scheduling and a time limit."""

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
    """Return the listings of a body ``{"listings": [...]}`` and their assessments, both in input order.

    Args:
        offered: treat every listing as an offer for sale, whatever its text says.

    Raises a :class:`Problem` for an invalid listing, when the queue for the model is full, or when the
    answer takes too long; ``AssessorUnavailable`` while there is no model, ``LanesClosed`` at shutdown.
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
        # On timeout or cancellation, the unread listings leave the queue.
        return listings, await asyncio.wait_for(asyncio.wrap_future(future), settings.answer_seconds)
    except TimeoutError as late:
        raise Problem(
            TOO_BUSY,
            f"the model did not finish within {settings.answer_seconds:g} s: send fewer listings at"
            " once, or try again when the queue is shorter",
        ) from late


def _refuse_what_takes_too_long(listings: list[Listing], holder: AssessorHolder, settings: Settings) -> None:
    """Raise a 413 :class:`Problem` for a listing too long to be read in time at the measured speed."""
    most = holder.lanes.reads_within(settings.answer_seconds)
    if most is None:
        return
    for number, listing in enumerate(listings):
        if len(listing.text) > most:
            detail = (
                f"listing {listing.id} has {len(listing.text):,} characters: at the measured speed"
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
