"""The referral panel of the case page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pythainlp.corpus import provinces
from pythainlp.util import collate

from service.store import Store
from service.store.cases.decisions import TAKES_DOWN, slips
from service.store.cases.reviews import PastReview
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Review
from service.store.tables.referral_tables import Recipient, ReferralRow


@dataclass(frozen=True)
class ReferralPanel:
    """The referral panel of a case.

    ``review`` is the decision that a referral would rest on, ``None`` if there is none against the listing;
    ``proposed`` are the recipients that it names and that have no open referral yet, ``others`` the rest.
    """

    referrals: list[ReferralRow]
    review: Review | None
    proposed: list[Recipient]
    others: list[Recipient]
    provinces: Sequence[str]


@cache
def thai_provinces() -> tuple[str, ...]:
    """Return the 77 provinces in Thai dictionary order."""
    return tuple(collate([str(name) for name in provinces()]))


def standing_review(history: Sequence[PastReview]) -> Review | None:
    """Return the decision in force against a listing, from a history with the newest review first."""
    reviews = [past.review for past in without_slips(history)]
    newest = next((one for one in reviews if one.decision != UNSURE), None)
    return newest if newest is not None and newest.decision in TAKES_DOWN else None


def without_slips(history: Sequence[PastReview]) -> list[PastReview]:
    """Return a history, newest first, without each "unsure" that was withdrawn and its withdrawal."""
    left_out = slips(past.review for past in history)
    return [past for past in history if past.review.id not in left_out]


def last_answer(history: Sequence[PastReview]) -> Review | None:
    """Return the review of the present text whose marks a new decision starts from, newest review first.

    That is the newest that is no withdrawal; an "unsure" that was withdrawn only if there is no other.
    """
    answers = (past.review for past in (*without_slips(history), *history) if past.current_text)
    return next((review for review in answers if review.decision != WITHDRAWN), None)


def referral_panel(store: Store, listing_id: int, history: Sequence[PastReview]) -> ReferralPanel:
    """Return the panel of a case with this history, newest review first."""
    rows = store.referrals.of_listing(listing_id)
    review = standing_review(history)
    under_way = {recipient.value for recipient in store.referrals.under_way(review.id)} if review else set()
    # One case may be referred to several provinces.
    free = [r for r in Recipient if r.value not in under_way or r is Recipient.PROVINCE]
    named = set(review.referrals) - under_way if review else set()
    return ReferralPanel(
        rows,
        review,
        [r for r in free if r.value in named],
        [r for r in free if r.value not in named],
        thai_provinces(),
    )
