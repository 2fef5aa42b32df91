"""Visibility: cases that a reviewer reads blind appear undecided to them everywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from service.console.referrals.referral_panel import ReferralPanel, referral_panel, thai_provinces
from service.store import Store
from service.store.accounts.policy import PUBLISHING
from service.store.campaigns.bulks import BulkMark, BulkSummary
from service.store.campaigns.repository import Member
from service.store.cases.assignments import Holding
from service.store.cases.reviews import PastReview
from service.store.index.entries import CaseState
from service.store.listings.contacts import LinkedListing, SellerCounts
from service.store.second_look.blinds import Blind
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import WITHDRAWN, Review, Reviewer, Role

Shown = TypeVar("Shown", Member, LinkedListing)


@dataclass(frozen=True)
class CaseVisibility:
    """One reviewer's view of the store; ``blinds`` are the cases that they read blind, by listing.

    ``before`` is set on the page of a blind case: there, decisions since that review are hidden on other
    listings too, so that similar listings do not reveal the answer.
    """

    store: Store
    reviewer: Reviewer
    blinds: dict[int, Blind]
    before: int | None = None

    @classmethod
    def of(cls, store: Store, reviewer: Reviewer, listing_id: int | None = None) -> "CaseVisibility":
        """Return the view of this reviewer, on the page of one listing or elsewhere."""
        blinds = store.blinds.of(reviewer.id)
        here = blinds.get(listing_id) if listing_id is not None else None
        return cls(store, reviewer, blinds, here.review_id if here is not None else None)

    @property
    def hidden(self) -> frozenset[int]:
        """The listings whose decision is hidden; lists of anything based on decisions omit them."""
        return frozenset(self.blinds)

    @property
    def unread(self) -> frozenset[int]:
        """The hidden listings that the reviewer has not decided, which appear open to them."""
        return frozenset(n for n, blind in self.blinds.items() if blind.state is not CaseState.DECIDED)

    def hides(self, listing_id: int) -> bool:
        """Whether the decision on this listing is hidden."""
        return listing_id in self.blinds

    def history(self, listing_id: int) -> list[PastReview]:
        """Return a listing's reviews, newest first; if blind, only one's own and those of other texts."""
        history = self.store.reviews.history(listing_id)
        blind = self.blinds.get(listing_id)
        if blind is None:
            return history
        earlier = [past for past in history if not past.current_text and past.review.id < blind.review_id]
        return [PastReview(review, blind.reader, True) for review in blind.own] + earlier

    def referral_panel(self, listing_id: int, history: Sequence[PastReview]) -> ReferralPanel:
        """Return the referral panel; on a blind case only one's own, since referrals reveal decisions."""
        if self.hides(listing_id):
            own = self.store.referrals.own_of(self.reviewer.id, [listing_id])
            return ReferralPanel(own, None, [], [], thai_provinces())
        return referral_panel(self.store, listing_id, history)

    def kept_referrals(self) -> frozenset[int]:
        """The referrals of hidden cases that the reviewer created, which they may see."""
        if not self.blinds:
            return frozenset()
        return frozenset(row.id for row in self.store.referrals.own_of(self.reviewer.id, self.hidden))

    def hides_referral(self, referral_id: int) -> bool:
        """Whether a referral reveals a hidden decision and was not created from it by the reviewer."""
        if not self.blinds:
            return False
        about = {found.item.listing_id for found in self.store.referrals.covered(referral_id)}
        return bool(about & self.hidden) and referral_id not in self.kept_referrals()

    def kept_alerts(self) -> frozenset[int]:
        """The warnings of hidden cases that the reviewer may see all the same.

        These are warnings that they published or corrected, and warnings whose decision is no longer in force
        and which nobody else may see: an admin then sees them, or a lead if there is no admin.
        """
        if not self.blinds:
            return frozenset()
        alerts = self.store.alerts.of_listings(self.hidden)
        corrections = self.store.alert_corrections.of(alert.id for alert in alerts)
        own = {
            alert.id
            for alert in alerts
            if self.reviewer.id
            in (alert.published_by, *(row.corrected_by for row in corrections.get(alert.id, ())))
        }
        people = self._publishers()
        admins = {person.id for person in people if person.role == Role.ADMIN.value}
        if self.reviewer.id not in (admins or {person.id for person in people}):
            return frozenset(own)
        shaken = self.store.alerts.shaken(alerts)
        others = [person for person in people if person.id != self.reviewer.id]
        return frozenset(own) | {
            alert.id for alert in alerts if alert.id in shaken and not self._seen_by(alert, others)
        }

    def seen_by_no_lead(self, alerts: Iterable[AlertRow]) -> list[AlertRow]:
        """Return the warnings that no lead can see, because those who publish read the case blind."""
        people = self._publishers()
        everybody = {person.id for person in people}
        leads = [person for person in people if person.role == Role.LEAD.value]
        return [
            alert
            for alert in alerts
            if self.store.blinds.readers_of(alert.listing_id) & everybody and not self._seen_by(alert, leads)
        ]

    def _publishers(self) -> list[Reviewer]:
        people = self.store.users.all()
        return [
            person
            for person in people
            if person.role in PUBLISHING and person.disabled_at is None and person.invited_at is None
        ]

    def _seen_by(self, alert: AlertRow, people: Iterable[Reviewer]) -> bool:
        blind = self.store.blinds.readers_of(alert.listing_id)
        return any(person.id not in blind or person.id == alert.published_by for person in people)

    def neighbours(self, found: Iterable[Shown]) -> list[Shown]:
        """Return members of a campaign or listings of a seller, without hidden decisions."""
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
        """Return the figures of a seller's panel without the hidden decisions among ``linked``."""
        decisions = dict(counts.decisions)
        for other in linked:
            hidden = self.hides(other.listing.id) or self._is_late(other.review)
            if hidden and other.review is not None and decisions.get(other.review.decision, 0) > 0:
                decisions[other.review.decision] -= 1
        return replace(counts, decisions={name: number for name, number in decisions.items() if number})

    def holders(self, listing_ids: Sequence[int]) -> dict[int, Holding]:
        """Return who works on which of these cases; for a blind one, only the reader counts."""
        others = [number for number in listing_ids if not self.hides(number)]
        found = self.store.assignments.holders(others)
        for number in listing_ids:
            blind = self.blinds.get(number)
            if blind is not None and (own := blind.holding(self.reviewer.id)) is not None:
                found[number] = own
        return found

    def marks(self, reviews: Iterable[tuple[int, Review | None]]) -> dict[int, BulkMark]:
        """Return the bulk decisions that created the reviews, except hidden ones."""
        numbers = [
            review.id
            for listing_id, review in reviews
            if review is not None and not self.hides(listing_id) and not self._is_late(review)
        ]
        hidden = {blind.review_id for blind in self.blinds.values()}
        found = self.store.bulks.marks(numbers)
        return {number: mark for number, mark in found.items() if mark.origin_review_id not in hidden}

    def bulks(self, campaign_id: int) -> list[BulkSummary]:
        """Return the bulk decisions on a campaign, except those made on a hidden case."""
        found = self.store.bulks.of(campaign_id)
        return [item for item in found if item.origin_listing is None or not self.hides(item.origin_listing)]

    def decided(self, number: int) -> Review | None:
        """Return the reviewer's own decision or blind reading with this number, if it is in force."""
        readings = [blind.review for blind in self.blinds.values() if blind.review is not None]
        own = self.store.reviews.own_in_force([number], self.reviewer.id) + readings
        return next((row for row in own if row.id == number and row.decision != WITHDRAWN), None)

    def _is_late(self, review: Review | None) -> bool:
        return review is not None and self.before is not None and review.id >= self.before
