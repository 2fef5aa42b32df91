"""Having the model read the listings of a request, in turn with others and within bounds."""

import asyncio
from typing import Any

from labels.schema import Assessment, Listing
from service.api.problems import TOO_BUSY, Problem
from service.api.received import listings_of
from service.assessor import AssessorHolder
from service.lanes import LanesFull
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
    try:
        future = holder.get().submit(listings)
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
