"""Checks sellers' drafts with the model, for ``POST /v1/check`` and the page ``/check``."""

from collections.abc import Callable, Sequence
from functools import cache

import anyio

from inference.pictures.assess import GivenPicture
from inference.policy import Policy
from labels.schema import Assessment, Listing
from service.answers.checks import DraftCheck
from service.decisions.draft_check import check_draft
from service.inference_pool.answering import assess_in_time
from service.inference_pool.assessor import AssessorHolder


async def check_drafts(
    drafts: Sequence[Listing],
    holder: AssessorHolder,
    seconds: float,
    count: Callable[[Sequence[Assessment]], None],
    pictures: Sequence[Sequence[GivenPicture]] = (),
) -> list[DraftCheck]:
    """Return one check per draft, in order, and store nothing.

    Drafts are assessed as offers, whatever their text says.

    Args:
        count: receives the assessments, for the metrics.
        pictures: those of each draft; empty if no draft has any.

    Raises the exceptions of :func:`~service.inference_pool.answering.assess_in_time`.
    """
    offered = [draft.as_offered() for draft in drafts]
    assessments = await assess_in_time(offered, holder, seconds, pictures)
    count(assessments)
    return await anyio.to_thread.run_sync(_checks, offered, assessments)


def _checks(drafts: list[Listing], assessments: list[Assessment]) -> list[DraftCheck]:
    policy = _policy()
    return [
        check_draft(draft.text, assessment, policy)
        for draft, assessment in zip(drafts, assessments, strict=True)
    ]


@cache
def _policy() -> Policy:
    return Policy.load()
