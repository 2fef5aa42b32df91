"""What one reviewer may see of decided cases: those they read blind look undecided wherever they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from service.console.handing_on import HandingOn, handing_on, thai_provinces
from service.store import Store
from service.store.blinds import Blind
from service.store.bulks import BulkMark, BulkSummary
from service.store.campaigns import Member
from service.store.claims import Holding
from service.store.contacts import LinkedListing, SellerCounts
from service.store.entries import CaseState
from service.store.models import Review, Reviewer
from service.store.reviews import PastReview

Shown = TypeVar("Shown", Member, LinkedListing)


@dataclass(frozen=True)
class Sight:
    """One reviewer's sight of the store; ``blinds`` are the cases that they read blind, by listing.

    ``before`` is set on the page of a blind case: decisions from that review on are hidden there also on
    other listings, so that its neighbours do not give the answer away.
    """

    store: Store
    reviewer: Reviewer
    blinds: dict[int, Blind]
    before: int | None = None

    @classmethod
    def of(cls, store: Store, reviewer: Reviewer, listing_id: int | None = None) -> "Sight":
        """The sight of this reviewer, on the page of one listing or elsewhere."""
        blinds = store.blinds.of(reviewer.id)
        here = blinds.get(listing_id) if listing_id is not None else None
        return cls(store, reviewer, blinds, here.review_id if here is not None else None)

    @property
    def hidden(self) -> frozenset[int]:
        """The listings whose decision is hidden: lists of what rests on decisions leave them out."""
        return frozenset(self.blinds)

    @property
    def unread(self) -> frozenset[int]:
        """Of the hidden ones those that the reviewer has not decided: to them they wait."""
        return frozenset(n for n, blind in self.blinds.items() if blind.state is not CaseState.DECIDED)

    def hides(self, listing_id: int) -> bool:
        """Whether the decision on this listing is hidden."""
        return listing_id in self.blinds

    def history(self, listing_id: int) -> list[PastReview]:
        """The reviews of a listing, newest first.  Of a blind one: the own, and those of other texts."""
        history = self.store.reviews.history(listing_id)
        blind = self.blinds.get(listing_id)
        if blind is None:
            return history
        earlier = [past for past in history if not past.current_text and past.review.id < blind.review_id]
        return [PastReview(review, blind.reader, True) for review in blind.own] + earlier

    def handing_on(self, listing_id: int, history: Sequence[PastReview]) -> HandingOn:
        """The panel of referrals; empty on a blind case, for a referral tells of a decision."""
        if self.hides(listing_id):
            return HandingOn([], None, [], [], thai_provinces())
        return handing_on(self.store, listing_id, history)

    def neighbours(self, found: Iterable[Shown]) -> list[Shown]:
        """Members of a campaign or listings of a seller, with what is hidden taken out."""
        shown = []
        for item in found:
            blind = self.blinds.get(item.listing.id)
            if blind is not None:
                review = blind.review
                item = replace(item, review=review, reviewer_name=blind.reader if review else None)  # noqa: PLW2901
            elif self._is_late(item.review):
                item = replace(item, review=None, reviewer_name=None)  # noqa: PLW2901
            shown.append(item)
        return shown

    def seller_counts(self, counts: SellerCounts, linked: Sequence[LinkedListing]) -> SellerCounts:
        """The numbers of a seller's panel without the decisions that are hidden among ``linked``."""
        decisions = dict(counts.decisions)
        for other in linked:
            hidden = self.hides(other.listing.id) or self._is_late(other.review)
            if hidden and other.review is not None and decisions.get(other.review.decision, 0) > 0:
                decisions[other.review.decision] -= 1
        return replace(counts, decisions={name: number for name, number in decisions.items() if number})

    def holders(self, listing_ids: Sequence[int]) -> dict[int, Holding]:
        """Who works on which of these cases; on a blind one nobody does but the reader."""
        others = [number for number in listing_ids if not self.hides(number)]
        found = self.store.claims.holders(others)
        for number in listing_ids:
            blind = self.blinds.get(number)
            if blind is not None and (own := blind.holding(self.reviewer.id)) is not None:
                found[number] = own
        return found

    def marks(self, reviews: Iterable[tuple[int, Review | None]]) -> dict[int, BulkMark]:
        """What brought reviews about, given as pairs of a listing and its review; none of a hidden one."""
        numbers = [
            review.id
            for listing_id, review in reviews
            if review is not None and not self.hides(listing_id) and not self._is_late(review)
        ]
        hidden = {blind.review_id for blind in self.blinds.values()}
        found = self.store.bulks.marks(numbers)
        return {number: mark for number, mark in found.items() if mark.origin_review_id not in hidden}

    def bulks(self, campaign_id: int) -> list[BulkSummary]:
        """The bulk decisions on a campaign but those that were made on a hidden case."""
        found = self.store.bulks.of(campaign_id)
        return [item for item in found if item.origin_listing is None or not self.hides(item.origin_listing)]

    def decided(self, number: int) -> Review | None:
        """The reviewer's own decision with this number, or their own blind reading with it."""
        review = self.store.reviews.get(number)
        if review is not None and review.reviewer_id == self.reviewer.id:
            return review
        return self.store.blinds.reading_numbered(self.reviewer.id, number)

    def _is_late(self, review: Review | None) -> bool:
        return review is not None and self.before is not None and review.id >= self.before
