"""Simulated decisions, in the sandbox only."""

import secrets
from dataclasses import replace

from labels.pictured import all_claims, claim_row
from labels.schema import Assessment
from labels.taxonomy import Verdict
from service.decisions.offences import facts_of, offences, words_of
from service.store import NameTaken, Store
from service.store.cases.decisions import TAKES_DOWN, Decided
from service.store.cases.reviews import CaseChanged, Decision
from service.store.tables.core_tables import Listing, Reviewer

NAME = "sandbox"
"""The account of the simulated reviewer; nobody can log in with it."""
_TRIES = 5


def simulate(store: Store, listing_id: int, decision: str) -> Decided | None:
    """Decide on an assessed listing of the sandbox; returns the resulting notice, if there is one.

    An adverse decision confirms all claims of the assessment and ticks every provision that they meet, also
    one with a condition; any other rejects them.  Raises :class:`~service.store.cases.reviews.ReviewRefused`.
    """
    reviewer = _reviewer(store)
    for left in reversed(range(_TRIES)):
        assessment_id, assessment = _newest(store, listing_id)
        claims = tuple(range(len(all_claims(assessment))))
        against = decision in TAKES_DOWN
        made = Decision(decision, claims if against else (), () if against else claims)
        if against:
            made = replace(made, law_choices=_met(assessment, Verdict(decision)))
        try:
            review = store.reviews.record(assessment_id, reviewer.id, made)
            break
        except CaseChanged:  # The worker assessed it in the meantime.
            if not left:
                raise
    found = store.decisions.after(review.id - 1, limit=1)
    return found[0] if found and found[0].review.id == review.id else None


def _met(assessment: Assessment, decision: Verdict) -> dict[str, bool]:
    """Return a tick for each provision that words or facts of the assessment meet."""
    marked = [claim_row(picture, claim) for picture, claim in all_claims(assessment)]
    found = offences(words_of(marked, assessment), facts_of(assessment, (), decision))
    return {offence.ref.id: True for offence in found}


def _newest(store: Store, listing_id: int) -> tuple[int, Assessment]:
    listing: Listing | None = store.listings.get(listing_id)
    row = store.assessments.get(listing.assessment_id) if listing and listing.assessment_id else None
    assert row is not None
    return row.id, row.shape()


def _reviewer(store: Store) -> Reviewer:
    if (found := store.users.find(NAME)) is not None:
        return found
    try:
        return store.users.create(NAME, secrets.token_urlsafe(32), "ผู้พิจารณาจำลอง")
    except NameTaken:  # created in the meantime
        found = store.users.find(NAME)
        assert found is not None
        return found
