"""The provisions that a decision relies on, and those that an assessment proposes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labels.schema import Assessment
from labels.taxonomy import Verdict
from service.decisions.offences import facts_of, offences, proposed_offences, words_of
from service.decisions.reasons import offences_of
from service.store import Store
from service.store.cases.past_cases import PastCase

PAGE = 500


@dataclass(frozen=True)
class Ground:
    """Provisions of one decided case, by id in the law catalogue.

    Attributes:
        ticked: provisions that the officer ticked; empty if the listing may stay.
        current: provisions that the assessment in the store proposes.
    """

    ticked: frozenset[str]
    current: frozenset[str]


def proposed(assessment: Assessment) -> frozenset[str]:
    """Return the provisions of a decision that confirms every claim and keeps the default ticks.

    A verdict that clears the listing proposes nothing; an uncertain one, the same as a prohibition.
    """
    if assessment.verdict in (Verdict.CLEAR, Verdict.NOT_AN_AD):
        return frozenset()
    decision = Verdict.NEEDS_PERMIT if assessment.verdict is Verdict.NEEDS_PERMIT else Verdict.PROHIBITED
    marked = [
        claim.model_dump(mode="json", include={"start", "end", "label", "text"})
        for claim in assessment.claims
    ]
    found = offences(words_of(marked, assessment), facts_of(assessment, [], decision))
    return frozenset(offence.ref.id for offence in proposed_offences(found, {}))


def grounds_of(store: Store, cases: Sequence[PastCase]) -> Mapping[int, Ground]:
    """Return the grounds of the cases that people decided, by listing."""
    decided = [case.listing_id for case in cases if case.decision is not None]
    found = {}
    for start in range(0, len(decided), PAGE):
        numbers = decided[start : start + PAGE]
        for listing_id, review, read, present in store.past_cases.decisions(numbers):
            ticked = frozenset(offence.ref.id for offence in offences_of(review, read.shape()))
            found[listing_id] = Ground(ticked, proposed(present.shape()))
    return found
