"""Assesses listings within a caller's time limit."""

import asyncio
from collections.abc import Sequence

from inference.pictures.assess import CombinedAssessments, GivenPicture
from labels.schema import Assessment, Listing
from service.inference_pool.assessor import AssessorHolder


class ListingTooLong(ValueError):
    """A listing is too long to be assessed in time at the measured speed."""

    def __init__(self, number: int, listing: Listing, most: int) -> None:
        super().__init__(
            f"listing {listing.id} has {len(listing.text):,} characters, at most {most:,} are read"
        )
        self.number, self.listing, self.most = number, listing, most


class AnswerLate(TimeoutError):
    """The model did not finish in time."""


async def assess_in_time(
    listings: Sequence[Listing],
    holder: AssessorHolder,
    seconds: float,
    pictures: Sequence[Sequence[GivenPicture]] = (),
) -> list[Assessment]:
    """Return one assessment per listing, in order, after at most ``seconds``.

    ``pictures`` are those of each listing; empty if no listing has any.

    Raises :class:`ListingTooLong`, :class:`AnswerLate`, ``PoolFull`` when the queue for the model is full,
    ``AssessorUnavailable`` while there is no model, and ``PoolClosed`` at shutdown.
    """
    assessor = holder.get()
    most = holder.pool.reads_within(seconds)
    for number, listing in enumerate(listings):
        if most is not None and len(listing.text) > most:
            raise ListingTooLong(number, listing, most)
    together = CombinedAssessments(listings, pictures or [()] * len(listings))
    future = assessor.submit(together.listings)
    try:
        # On timeout or cancellation, the unread listings leave the queue.
        answers = await asyncio.wait_for(asyncio.wrap_future(future), seconds)
    except TimeoutError as late:
        raise AnswerLate(f"the model did not finish within {seconds:g} s") from late
    return together.assessments(answers)
