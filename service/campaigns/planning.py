"""Plans a bulk decision: which listings get it, and which are left out and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labels.schema import Span
from labels.taxonomy import Verdict
from service.campaigns.basis import Differs, Obstacle, basis_of, compare
from service.campaigns.grounds import has_ground, law_of
from service.store import Store
from service.store.campaigns.bulks import BULK_DECISIONS, MAX_BULK, Chosen
from service.store.campaigns.repository import Member
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.reviews import CaseChanged, Decision, ReviewRefused
from service.store.cases.standing_orders import Choice, made_again
from service.store.index.entries import CaseState
from service.store.tables.core_tables import Review

MAX_EXAMINED = 1000
"""Undecided listings that one plan reads, the riskiest first."""


@dataclass(frozen=True)
class Plan:
    """What one bulk decision would do.

    Attributes:
        reference: the listing that the decision is made on.
        made: the decision, with the claims of the reference.
        basis: the basis that other texts are compared with.
        origin: the reference as it is to be decided, or the number of the review that decided it.
        fits: undecided listings to which the same decision applies, with the claims that it confirms there.
        apart: undecided listings whose text differs in what matters, that somebody else is working on, or
            whose decision is contested by an appeal.
        beyond: how many more are waiting beyond the limit of one plan.
        after_member: the newest member of the campaign when this was made.
    """

    reference: Member
    made: Decision
    basis: dict[str, Any]
    origin: Chosen | int
    fits: list[tuple[Member, Choice]]
    apart: list[tuple[Member, Differs]]
    beyond: int
    after_member: int

    @property
    def can_spread(self) -> bool:
        """Whether the decision may extend to later listings: it is against them and has confirmed words."""
        return self.made.decision in TAKES_DOWN and bool(self.basis["words"])

    def chosen(self, wanted: Sequence[tuple[int, int, int]]) -> list[Chosen]:
        """Return the wanted listings, each named by its id, its assessment and its newest review.

        Raises :class:`CaseChanged` if one of them does not fit or has changed.
        """
        fitting = {
            (member.listing.id, member.assessment_id, member.last_review): choice
            for member, choice in self.fits
        }
        try:
            return [Chosen(*key, fitting[key]) for key in wanted]
        except KeyError as missing:
            raise CaseChanged(f"listing {missing.args[0][0]} has changed since it was shown") from None


def standing_review(member: Member) -> Review | None:
    """Return the decision in force on a member's present text."""
    return member.review if member.state is CaseState.DECIDED else None


def plan(store: Store, campaign_id: int, reference: Member, typed: Decision, reviewer_id: int) -> Plan:
    """Return a reviewer's plan for a campaign.

    A decided reference provides its own decision and words, and ``typed`` is ignored.  Raises
    :class:`ReviewRefused` if a decision against the listings has no confirmed words.
    """
    review = standing_review(reference)
    made, origin = typed, 0
    if review is not None:
        made, origin = made_again(review, marked(reference, review), reference.assessment), review.id
    if made.decision not in BULK_DECISIONS:
        raise ReviewRefused(f"choose one of {', '.join(BULK_DECISIONS)}")
    if made.decision in TAKES_DOWN and not made.confirmed and not made.added:
        raise ReviewRefused("confirm the words that the decision rests on: the others are compared by them")
    basis = basis_for(reference, made, review)
    # Read first: listings that join from now on count as later.
    after_member = store.campaigns.newest_member(campaign_id)
    fits: list[tuple[Member, Choice]] = []
    apart: list[tuple[Member, Differs]] = []
    examined = 0
    while examined < MAX_EXAMINED and len(fits) < MAX_BULK - 1:
        page = store.campaigns.members(campaign_id, MAX_BULK, examined, undecided_only=True)
        for member, found in compared(store, basis, page, reviewer_id):
            if len(fits) == MAX_BULK - 1:
                break
            examined += 1
            if member.listing.id == reference.listing.id:
                continue
            if isinstance(found, Choice):
                fits.append((member, found))
            else:
                apart.append((member, found))
        if len(page) < MAX_BULK:
            break
    return Plan(
        reference,
        made,
        basis,
        origin or _itself(reference, made),
        fits,
        apart,
        max(0, store.campaigns.undecided(campaign_id) - examined),
        after_member,
    )


def basis_for(reference: Member, made: Decision, review: Review | None = None) -> dict[str, Any]:
    """Return the basis by which other texts are compared with the reference of this decision.

    A decision against the reference that a reviewer insists on without a provision needs none elsewhere.
    ``review`` is the one that ``made`` repeats: copies may not take over all that it relies on.
    """
    choice = Choice(made.confirmed, made.rejected, made.added)
    law = law_of(made, reference.assessment)
    relied_on = law
    if review is not None:
        own = replace(made, law_choices=review.law_choices, law_proposed=tuple(review.law_proposed))
        relied_on = law_of(own, reference.assessment)
    has_law = made.decision in TAKES_DOWN and has_ground(
        relied_on, made.decision, choice, reference.listing.text, reference.assessment
    )
    basis = basis_of(
        reference.listing.text,
        reference.assessment,
        made.decision,
        made.confirmed,
        made.rejected,
        made.added,
        made.product_class,
        law if has_law else None,
    )
    if review is not None and review.assessment_id != reference.assessment_id:
        # The listing may show pictures now that the reviewer did not see.
        basis["pictures"] = []
    return basis


def compared(
    store: Store, basis: dict[str, Any], members: Sequence[Member], reviewer_id: int
) -> Iterator[tuple[Member, Choice | Differs]]:
    """Yield for each undecided case the claims that the decision confirms there, or why it does not apply."""
    numbers = [member.listing.id for member in members]
    contested, holders = store.appeals.contested(numbers), store.assignments.holders(numbers)
    for member in members:
        holding = holders.get(member.listing.id)
        if holding is not None and holding.reviewer_id != reviewer_id:
            yield member, Differs(Obstacle.HELD, holding.reviewer_name)
        elif member.listing.id in contested:
            yield member, Differs(Obstacle.CONTESTED)
        elif basis["decision"] != Verdict.PROHIBITED and member.listing.assessed_by is None:
            # It shows pictures that its assessment is not about.
            yield member, Differs(Obstacle.UNREAD)
        else:
            yield member, compare(basis, member.listing.text, member.assessment)


def _itself(reference: Member, made: Decision) -> Chosen:
    choice = Choice(made.confirmed, made.rejected, made.added)
    return Chosen(reference.listing.id, reference.assessment_id, reference.last_review, choice)


def marked(reference: Member, review: Review) -> Choice:
    """Return the claims of a review as indexes into the present assessment; missing ones count as added.

    Those in pictures are left out: a decision is never carried over by a picture.
    """
    indexes = {
        (claim.start, claim.end, claim.label.value): index
        for index, claim in enumerate(reference.assessment.claims)
    }

    def split(claims: Sequence[dict[str, Any]]) -> tuple[list[int], list[Span]]:
        in_text = [claim for claim in claims if not claim.get("picture")]
        keys = [(claim["start"], claim["end"], claim["label"]) for claim in in_text]
        spans = [Span(start=key[0], end=key[1], label=key[2]) for key in keys if key not in indexes]
        return [indexes[key] for key in keys if key in indexes], spans

    confirmed, added = split([*review.confirmed_claims, *review.added_claims])
    rejected, _ = split(review.rejected_claims)
    return Choice(tuple(confirmed), tuple(rejected), tuple(added))
