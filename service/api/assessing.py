"""Having the model read the listings of a request, in turn and within bounds."""

from typing import Any

import anyio

from labels.schema import Assessment, Listing
from service.api.problems import TOO_BUSY, Problem
from service.api.received import listings_of
from service.assessor import AssessorHolder
from service.settings import Settings


async def assess_body(
    body: Any, settings: Settings, holder: AssessorHolder, turns: anyio.CapacityLimiter
) -> tuple[list[Listing], list[Assessment]]:
    """The listings of a body ``{"listings": [...]}`` and their assessments, both in their order.

    Raises a :class:`Problem` for a faulty listing or when too many requests wait for the model, and
    ``AssessorUnavailable`` while there is none.
    """
    listings = listings_of(body, settings)
    assessor = holder.get()
    if turns.statistics().tasks_waiting >= settings.max_waiting_requests:
        raise Problem(TOO_BUSY, "the model is busy and the queue is full: try again in a few seconds")
    return listings, await anyio.to_thread.run_sync(assessor.classify, listings, limiter=turns)
