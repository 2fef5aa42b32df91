"""Plans the decision on all waiting listings of a seller, alike to one that is decided."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from service.campaigns.basis import Differs, Obstacle
from service.campaigns.planning import basis_for, compared, marked, standing_review
from service.store import Store
from service.store.campaigns.bulks import BULK_DECISIONS, MAX_BULK, Chosen
from service.store.campaigns.repository import Member
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.reviews import CaseChanged, Decision, ReviewRefused
from service.store.cases.standing_orders import Choice, made_again


@dataclass(frozen=True)
class SellerPlan:
    """What one press would do.

    Attributes:
        reference: the decided case.
        origin: the number of its review.
        made: that decision.
        basis: what other texts are compared by.
        fits: waiting cases to which it applies, with their campaign and the claims that it confirms there.
        apart: waiting cases that are left out, and why.
    """

    reference: Member
    origin: int
    made: Decision
    basis: dict[str, Any]
    fits: list[tuple[int, Member, Choice]]
    apart: list[tuple[Member, Differs]]

    def chosen(self, wanted: Sequence[tuple[int, int, int]]) -> dict[int, list[Chosen]]:
        """Return the wanted listings by campaign, each named by its id, assessment and newest review.

        Raises :class:`CaseChanged` if one of them does not fit or has changed.
        """
        fitting = {
            (member.listing.id, member.assessment_id, member.last_review): (campaign, choice)
            for campaign, member, choice in self.fits
        }
        found: dict[int, list[Chosen]] = defaultdict(list)
        for key in wanted:
            if key not in fitting:
                raise CaseChanged(f"listing {key[0]} has changed since it was shown")
            campaign, choice = fitting[key]
            found[campaign].append(Chosen(*key, choice))
        return dict(found)


def reference_of(
    store: Store, listing_ids: Collection[int], hidden: Collection[int] = (), before: int | None = None
) -> Member | None:
    """Return the seller's case with the newest decision, which the others are compared with; or ``None``.

    Cases in ``hidden`` and reviews from ``before`` on are unknown to the reviewer.
    """
    known = [number for number in listing_ids if number not in hidden]
    return store.campaigns.newest_decided_among(known, BULK_DECISIONS, before)


def plan_for_seller(
    store: Store,
    listing_ids: Collection[int],
    reviewer_id: int,
    hidden: Collection[int] = (),
    before: int | None = None,
) -> SellerPlan | None:
    """Return the plan for a seller's listings; ``None`` without a reference (:func:`reference_of`).

    Raises :class:`ReviewRefused` if the reference is decided against without confirmed words in its text.
    """
    reference = reference_of(store, listing_ids, hidden, before)
    review = standing_review(reference) if reference is not None else None
    if reference is None or review is None:
        return None
    made = made_again(review, marked(reference, review), reference.assessment)
    if made.decision in TAKES_DOWN and not made.confirmed and not made.added:
        raise ReviewRefused("the reference has no confirmed words: the others are compared by them")
    basis = basis_for(reference, made, review)
    known = [number for number in listing_ids if number not in hidden]
    fits: list[tuple[int, Member, Choice]] = []
    apart: list[tuple[Member, Differs]] = []
    # A page that is left out altogether must not hide what fits behind it.
    while len(fits) < MAX_BULK:
        found = store.campaigns.waiting_among(known, MAX_BULK, offset=len(fits) + len(apart))
        campaigns = {member.listing.id: campaign for campaign, member in found}
        for member, answer in compared(store, basis, [member for _, member in found], reviewer_id):
            campaign = campaigns[member.listing.id]
            if isinstance(answer, Differs):
                apart.append((member, answer))
            elif campaign is None:
                apart.append((member, Differs(Obstacle.ALONE)))
            elif len(fits) < MAX_BULK:
                fits.append((campaign, member, answer))
        if len(found) < MAX_BULK:
            break
    return SellerPlan(reference, review.id, made, basis, fits, apart)
