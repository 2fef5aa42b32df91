"""Bulk decisions on listings of a campaign, and undoing them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.store.accounts.policy import leads
from service.store.appeals.answering import open_appeal
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.campaigns.placements import take_place
from service.store.cases.decisions import TAKES_DOWN
from service.store.cases.reviews import (
    DECISIONS,
    CaseChanged,
    Decision,
    ReviewRefused,
    Trace,
    check_appeal,
    keep,
    open_account,
    take_back,
)
from service.store.cases.standing_orders import Choice, Follow, follow_orders, unread
from service.store.cases.withdrawals import end, standing, standing_of
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.tables.campaign_tables import BulkDecision, BulkReview, Campaign, CampaignMember
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Listing, Review, Reviewer

BULK_DECISIONS = tuple(decision for decision in DECISIONS if decision != UNSURE)
"""The decisions available in bulk; "unsure" is recorded case by case."""

MAX_BULK = 200
"""Maximum number of listings per bulk decision: one transaction decides them all, and others wait for it."""


@dataclass(frozen=True)
class Chosen:
    """A listing to decide as the reviewer saw it: ``last_review`` is its newest review then, 0 for none."""

    listing_id: int
    assessment_id: int
    last_review: int
    choice: Choice


@dataclass(frozen=True)
class Spreading:
    """Extension of the decision to later members of the campaign.

    Attributes:
        after_member: the newest member that the reviewer saw.
        declined: listings that were offered and left out.
        follow: finds in a text what ``basis`` asks for.
    """

    after_member: int
    declined: tuple[int, ...]
    follow: Follow


@dataclass(frozen=True)
class BulkSummary:
    """A bulk decision with the figures shown on its campaign's page.

    ``decided`` and ``spread`` count the reviews that still stand; ``origin_stands`` is whether the original
    decision does.
    """

    bulk: BulkDecision
    reviewer_name: str
    origin_listing: int | None
    origin_stands: bool
    decided: int
    spread: int


@dataclass(frozen=True)
class BulkMark:
    """The origin of a review: a bulk decision, and whether it was spread from ``origin_review_id``."""

    bulk_id: int
    campaign_id: int
    spread: bool
    origin_review_id: int


@dataclass(frozen=True)
class UndoneBulk:
    """The number of undone decisions, and the listings that were decided again since."""

    taken_back: int
    decided_since: list[int]


class BulkRepository(Repository):
    """Repository of bulk decisions."""

    def decide(
        self,
        campaign_id: int,
        reviewer_id: int,
        made: Decision,
        origin: Chosen | int,
        chosen: Sequence[Chosen],
        basis: dict[str, Any],
        spreading: Spreading | None = None,
    ) -> BulkDecision:
        """Apply one decision to every chosen listing, all or nothing.

        ``made`` gives the decision, class, consequences and note; the claims confirmed per listing are in its
        ``choice``. ``origin`` is the listing that the decision is based on, decided along with the others, or
        the number of the review that decided it. Each listing gets a review and an audit entry that names the
        bulk decision. Raises :class:`ReviewRefused`, and :class:`CaseChanged` if any listing left the
        campaign, has another text or assessment, or was reviewed in the meantime.
        """
        _check(made, chosen)
        if spreading is not None and (made.decision not in TAKES_DOWN or not basis.get("words")):
            raise ReviewRefused("only a decision against a listing that rests on confirmed words can spread")
        with self.database.writing() as session:
            take_place(session)
            take_turn(session)
            reviewer = open_account(session, reviewer_id)
            return _decide_one(session, reviewer, campaign_id, made, origin, chosen, basis, spreading)

    def decide_across(
        self,
        reviewer_id: int,
        made: Decision,
        origin: int,
        chosen: Mapping[int, Sequence[Chosen]],
        basis: dict[str, Any],
    ) -> list[BulkDecision]:
        """Apply a decided review to listings of several campaigns, given by campaign; all or nothing.

        Makes one bulk decision for each campaign. Raises as :meth:`decide` does.
        """
        _check(made, [item for items in chosen.values() for item in items])
        with self.database.writing() as session:
            take_place(session)
            take_turn(session)
            reviewer = open_account(session, reviewer_id)
            return [
                _decide_one(session, reviewer, campaign_id, made, origin, items, basis, None)
                for campaign_id, items in sorted(chosen.items())
            ]

    def undo(self, bulk_id: int, reviewer_id: int) -> UndoneBulk:
        """Withdraw all decisions of a bulk that are still in force, and stop spreading.

        As with a single withdrawal, only the reviewer who decided may do it. Raises :class:`ReviewRefused`,
        also while an appeal contests one of them (:class:`~service.store.cases.reviews.ContestedByAppeal`).
        """
        return self.undo_all([bulk_id], reviewer_id)

    def undo_all(self, bulk_ids: Sequence[int], reviewer_id: int) -> UndoneBulk:
        """Undo several bulk decisions, all or nothing; raises as :meth:`undo` does."""
        with self.database.writing() as session:
            take_place(session)
            take_turn(session)
            undone = [_undo_one(session, bulk_id, reviewer_id) for bulk_id in bulk_ids]
        again = [number for one in undone for number in one.decided_since]
        return UndoneBulk(sum(one.taken_back for one in undone), again)

    def undone(self, bulk_ids: Iterable[int], reviewer_id: int) -> dict[int, bool]:
        """The listings of the reviewer's undone bulk decisions, and whether that is the last word on each."""
        found: dict[int, bool] = {}
        with self.database.reading() as session:
            for bulk in filter(None, (session.get(BulkDecision, number) for number in bulk_ids)):
                if bulk.reviewer_id == reviewer_id and bulk.undone_at is not None:
                    last = set(session.scalars(_undoings(bulk, bulk.undone_at)))
                    listings = _listings_of(session, bulk)
                    found |= {number: standing_of(session, number) in last for number in listings}
        return found

    def end(self, bulk_id: int, reviewer_id: int) -> None:
        """Stop spreading a decision; what was spread so far stands.

        Only a lead and the reviewer who made the standing order may do it. Raises :class:`ReviewRefused`.
        """
        with self.database.writing() as session:
            take_place(session)
            bulk = session.get(BulkDecision, bulk_id)
            reviewer = open_account(session, reviewer_id)
            if bulk is None or not bulk.spread or bulk.ended_at is not None:
                raise ReviewRefused(f"there is no standing order {bulk_id} in force")
            if bulk.reviewer_id != reviewer_id and not leads(reviewer.role):
                raise ReviewRefused(f"standing order {bulk_id} is another reviewer's: ask a lead to end it")
            owner = session.get_one(Reviewer, bulk.reviewer_id)
            bulk.ended_at = now()
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.BULK_END,
                audit_names.campaign(bulk.campaign_id),
                {
                    "bulk": bulk.id,
                    "origin": bulk.origin_review_id,
                    "order_of": audit_names.reviewer(owner.name),
                    "taken_back": 0,
                },
            )

    def get(self, bulk_id: int) -> BulkDecision | None:
        """The bulk decision with this number, or ``None``."""
        with self.database.reading() as session:
            return session.get(BulkDecision, bulk_id)

    def of(self, campaign_id: int) -> list[BulkSummary]:
        """The bulk decisions on a campaign, newest first."""
        query = (
            select(BulkDecision, Reviewer.display_name, Review)
            .join(Reviewer, Reviewer.id == BulkDecision.reviewer_id)
            .outerjoin(Review, Review.id == BulkDecision.origin_review_id)
            .where(BulkDecision.campaign_id == campaign_id)
            .order_by(BulkDecision.id.desc())
        )
        with self.database.reading() as session:
            return [_summary(session, *row) for row in session.execute(query)]

    def own_from(self, listing_ids: Collection[int], reviewer_id: int) -> list[BulkSummary]:
        """The reviewer's bulk decisions in force that rest on a decision on one of these listings."""
        query = (
            select(BulkDecision, Reviewer.display_name, Review)
            .join(Reviewer, Reviewer.id == BulkDecision.reviewer_id)
            .join(Review, Review.id == BulkDecision.origin_review_id)
            .where(
                BulkDecision.reviewer_id == reviewer_id,
                BulkDecision.undone_at.is_(None),
                Review.listing_id.in_(listing_ids),
            )
            .order_by(BulkDecision.id.desc())
            .limit(MAX_BULK)
        )
        with self.database.reading() as session:
            return [_summary(session, *row) for row in session.execute(query)]

    def marks(self, review_ids: Iterable[int]) -> dict[int, BulkMark]:
        """The origin of these reviews, by review; reviews made one by one are left out."""
        numbers = list(review_ids)
        if not numbers:
            return {}
        query = (
            select(
                BulkReview.review_id,
                BulkDecision.id,
                BulkDecision.campaign_id,
                BulkReview.spread,
                BulkDecision.origin_review_id,
            )
            .join(BulkDecision, BulkDecision.id == BulkReview.bulk_id)
            .where(BulkReview.review_id.in_(numbers))
        )
        with self.database.reading() as session:
            return {row[0]: BulkMark(*row[1:]) for row in session.execute(query)}

    def spread_reviews(self) -> frozenset[int]:
        """The numbers of every review that was spread, that is, made without anybody reading the text."""
        with self.database.reading() as session:
            return frozenset(session.scalars(select(BulkReview.review_id).where(BulkReview.spread.is_(True))))


def _summary(session: Session, bulk: BulkDecision, name: str, origin: Review | None) -> BulkSummary:
    return BulkSummary(
        bulk,
        name,
        origin.listing_id if origin else None,
        origin is not None and standing_of(session, origin.listing_id) == origin.id,
        len(standing(session, bulk, spread=False)),
        len(standing(session, bulk, spread=True)),
    )


def _check(made: Decision, chosen: Sequence[Chosen]) -> None:
    numbers = [item.listing_id for item in chosen]
    if len(set(numbers)) != len(numbers) or len(numbers) > MAX_BULK:
        raise ReviewRefused(f"choose each listing once, and at most {MAX_BULK} of them")
    if made.decision not in BULK_DECISIONS:
        raise ReviewRefused(f"{made.decision!r} cannot be decided in bulk: {', '.join(BULK_DECISIONS)} can")


def _decide_one(
    session: Session,
    reviewer: Reviewer,
    campaign_id: int,
    made: Decision,
    origin: Chosen | int,
    chosen: Sequence[Chosen],
    basis: dict[str, Any],
    spreading: Spreading | None,
) -> BulkDecision:
    """Make the bulk decision on listings of one campaign, with its reviews and audit entry."""
    numbers = [item.listing_id for item in chosen]
    if session.get(Campaign, campaign_id) is None:
        raise ReviewRefused(f"there is no campaign {campaign_id}")
    _check_members(
        session, campaign_id, [*numbers, *([] if isinstance(origin, int) else [origin.listing_id])]
    )
    bulk = BulkDecision(
        campaign_id=campaign_id,
        reviewer_id=reviewer.id,
        origin_review_id=0 if isinstance(origin, Chosen) else origin,
        decision=made.decision,
        basis=basis,
        declined=sorted(spreading.declined) if spreading else [],
        after_member=spreading.after_member if spreading else 0,
        spread=spreading is not None,
    )
    session.add(bulk)
    session.flush()
    if isinstance(origin, Chosen):
        bulk.origin_review_id = _decide(session, bulk, made, origin, {"bulk": bulk.id})
        session.flush()
    else:
        _check_origin(session, origin, made)
    detail = {"bulk": bulk.id, "origin": bulk.origin_review_id}
    rejected = session.get_one(Review, bulk.origin_review_id).rejected_findings
    for item in chosen:
        read = session.get(AssessmentRow, item.assessment_id)
        # Nobody read the numbers in these copies: the shared decision rests on the words in common.
        of_copy = unread(rejected, read.shape()) if read is not None else ()
        _decide(session, bulk, replace(made, rejected_findings=of_copy), item, detail)
    append(
        session,
        audit_names.reviewer(reviewer.name),
        AuditAction.BULK_DECIDE,
        audit_names.campaign(campaign_id),
        detail
        | {
            "decision": made.decision,
            "listings": len(chosen) + isinstance(origin, Chosen),
            "spread": bulk.spread,
            "declined": bulk.declined,
        },
    )
    if spreading is not None:
        _spread_to_newcomers(session, bulk, spreading.follow)
    return bulk


def _undo_one(session: Session, bulk_id: int, reviewer_id: int) -> UndoneBulk:
    bulk = session.get(BulkDecision, bulk_id)
    if bulk is None:
        raise ReviewRefused(f"there is no bulk decision {bulk_id}")
    if bulk.reviewer_id != reviewer_id:
        raise ReviewRefused(f"bulk decision {bulk_id} is another reviewer's: decide again instead")
    if bulk.undone_at is not None:
        raise ReviewRefused(f"bulk decision {bulk_id} is already withdrawn")
    reviewer = open_account(session, reviewer_id)
    every = _listings_of(session, bulk)
    for review in [*standing(session, bulk, spread=True), *standing(session, bulk, spread=False)]:
        check_appeal(session, open_appeal(session, review.listing_id), reviewer)
    bulk.undone_at = now()
    # Spread decisions first: withdrawing the origin would withdraw them separately.
    gone = {row.listing_id for row in end(session, bulk, reviewer, {"undone": True})}
    for review in standing(session, bulk, spread=False):
        row = take_back(session, review.id, reviewer_id, {"bulk": bulk.id, "origin": bulk.origin_review_id})
        session.add(BulkReview(review_id=row.id, bulk_id=bulk.id, spread=False))
        gone.add(review.listing_id)
    undone = UndoneBulk(len(gone), sorted(every - gone))
    append(
        session,
        audit_names.reviewer(reviewer.name),
        AuditAction.BULK_UNDO,
        audit_names.campaign(bulk.campaign_id),
        {"bulk": bulk.id, "taken_back": undone.taken_back, "decided_since": undone.decided_since},
    )
    return undone


def _check_members(session: Session, campaign_id: int, listing_ids: Collection[int]) -> None:
    found = session.scalar(
        select(func.count())
        .select_from(CampaignMember)
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.listing_id.in_(list(listing_ids)),
            CampaignMember.text_sha256 == Listing.text_sha256,
        )
    )
    if found != len(set(listing_ids)):
        raise CaseChanged(f"some of these listings do not belong to campaign {campaign_id} any more")


def _check_origin(session: Session, review_id: int, made: Decision) -> None:
    origin = session.get(Review, review_id)
    if origin is None or origin.decision != made.decision:
        raise ReviewRefused(f"review {review_id} did not decide {made.decision!r}")
    if standing_of(session, origin.listing_id) != review_id:
        raise CaseChanged(f"listing {origin.listing_id} was reviewed again after review {review_id}")


def _decide(
    session: Session, bulk: BulkDecision, made: Decision, item: Chosen, detail: dict[str, Any]
) -> int:
    choice = item.choice
    review = keep(
        session,
        item.assessment_id,
        bulk.reviewer_id,
        replace(made, confirmed=choice.confirmed, rejected=choice.rejected, added=choice.added),
        item.last_review,
        Trace(detail=detail),
    )
    if review.listing_id != item.listing_id:
        raise ReviewRefused(f"assessment {item.assessment_id} is not of listing {item.listing_id}")
    session.add(BulkReview(review_id=review.id, bulk_id=bulk.id, spread=False))
    return review.id


def _spread_to_newcomers(session: Session, bulk: BulkDecision, follow: Follow) -> None:
    """Decide members that joined between the reviewer's page view and the submission."""
    newcomers = session.execute(
        select(CampaignMember, Listing)
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .where(
            CampaignMember.campaign_id == bulk.campaign_id,
            CampaignMember.id > bulk.after_member,
            CampaignMember.text_sha256 == Listing.text_sha256,
            Listing.assessment_id.is_not(None),
        )
        .order_by(CampaignMember.id)
    ).all()
    for member, listing in newcomers:
        follow_orders(session, member, listing, follow)


def _undoings(bulk: BulkDecision, since: datetime) -> Select[int]:
    query = select(Review.id).join(BulkReview, BulkReview.review_id == Review.id)
    # What an order spread may have been withdrawn before.
    return query.where(
        BulkReview.bulk_id == bulk.id, Review.decision == WITHDRAWN, Review.created_at >= since
    )


def _listings_of(session: Session, bulk: BulkDecision) -> set[int]:
    query = (
        select(Review.listing_id)
        .join(BulkReview, BulkReview.review_id == Review.id)
        .where(BulkReview.bulk_id == bulk.id, Review.decision != WITHDRAWN)
    )
    return set(session.scalars(query))
