"""Dealing blind tasks: which decisions are drawn, and who reads them.

Randomness is passed in as :class:`Odds`; otherwise the result depends only on the contents of the store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from service.store.accounts.policy import BY_RANK, is_active
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import SAME_VIEW, append, take_turn
from service.store.database.repository import Repository
from service.store.second_look.lapses import cause_of, take_back
from service.store.tables.alert_tables import AlertRow
from service.store.tables.blind_tables import (
    BlindReading,
    BlindTask,
    Ending,
    GoldenCase,
    LookDraw,
    SecondLook,
)
from service.store.tables.campaign_tables import BulkDecision, BulkReview
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AuditEntry, Listing, Review, Reviewer, Role
from service.store.tables.referral_tables import ReferralListing, ReferralRow
from service.store.teamwork.notices import told_of
from service.store.teamwork.questions import takes_part

MOST_WAITING = 3
"""Maximum number of unread golden cases in one reviewer's queue."""

MOST_DRAWN = 500
"""Maximum number of reviews drawn from in one transaction."""

MOST_LOOKS = 500
"""Maximum number of second looks assigned in one transaction; a larger backlog usually has no eligible
readers."""


@dataclass(frozen=True)
class Odds:
    """``chance`` maps a name to a number in [0, 1): deterministic, but unpredictable."""

    look_share: float
    golden_share: float
    chance: Callable[[str], float]


@dataclass(frozen=True)
class DealResult:
    """The result of one call."""

    drawn_from: int = 0
    looks: int = 0
    tasks: int = 0

    @property
    def did_something(self) -> bool:
        """Whether to call again immediately."""
        return self.drawn_from > 0


class DealRepository(Repository):
    """Repository that draws decisions and assigns readers."""

    def waits(self) -> bool:
        """Whether there are decisions that were not considered yet."""
        with self.database.reading() as session:
            mark = session.get(LookDraw, 1)
            newest = session.scalar(select(func.max(Review.id))) or 0
            return newest > (mark.last_review if mark is not None else 0)

    def deal(self, odds: Odds) -> DealResult:
        """Sample from the decisions since the last call, and assign readers to second looks without one."""
        with self.database.writing() as session:
            take_turn(session)
            mark = _drawn(session)
            fresh = session.scalars(
                select(Review).where(Review.id > mark.last_review).order_by(Review.id).limit(MOST_DRAWN)
            ).all()
            looks = tasks = 0
            for review in fresh:
                mark.last_review = review.id
                if not _read_by_hand(session, review):
                    continue
                if _in_force(session, review) and odds.chance(f"look:{review.id}") < odds.look_share:
                    session.add(SecondLook(listing_id=review.listing_id, review_id=review.id))
                    session.flush()
                    looks += 1
                if odds.chance(f"golden:{review.id}") < odds.golden_share:
                    tasks += _deal_golden(session, review, odds)
            take_back(session)
            tasks += _deal_looks(session, odds)
            return DealResult(len(fresh), looks, tasks)


def _drawn(session: Session) -> LookDraw:
    mark = session.get(LookDraw, 1)
    if mark is None:
        mark = LookDraw(id=1, last_review=0)
        session.add(mark)
    return mark


def _read_by_hand(session: Session, review: Review) -> bool:
    """Whether somebody read this very text to decide it; of a bulk decision, only the original case."""
    if review.decision in (UNSURE, WITHDRAWN):
        return False
    bulk = session.get(BulkReview, review.id)
    if bulk is None:
        settlement = select(SecondLook.id).where(SecondLook.settled_review_id == review.id)
        return session.scalars(settlement.limit(1)).first() is None
    return not bulk.spread and session.get_one(BulkDecision, bulk.bulk_id).origin_review_id == review.id


def _in_force(session: Session, review: Review) -> bool:
    entry = session.get(QueueEntry, review.listing_id)
    listing = session.get_one(Listing, review.listing_id)
    return entry is not None and entry.review_id == review.id and listing.redacted_at is None


def _without_reader(session: Session) -> Sequence[tuple[SecondLook, Review]]:
    """The newest second looks without a reader, with their first decisions, oldest first."""
    task = exists(
        select(BlindTask.id).where(BlindTask.look_id == SecondLook.id, BlindTask.ended_at.is_(None))
    )
    query = (
        select(SecondLook, Review)
        .join(QueueEntry, QueueEntry.listing_id == SecondLook.listing_id)
        .join(Review, Review.id == SecondLook.review_id)
        .where(
            QueueEntry.review_id == SecondLook.review_id,
            SecondLook.agrees.is_(None),
            SecondLook.settled_at.is_(None),
            ~task,
        )
        .order_by(SecondLook.id.desc())
        .limit(MOST_LOOKS)
    )
    return [(look, first) for look, first in session.execute(query)][::-1]


def _deal_looks(session: Session, odds: Odds) -> int:
    looks = _without_reader(session)
    waiting = _working(session) if looks else {}
    had = _had(session, [look.id for look, _ in looks])
    known: dict[int, set[int]] = {}
    dealt = 0
    for look, first in looks:
        for reader in sorted(
            waiting,
            key=lambda one: (
                # A reader who let the task lapse is asked again only if nobody else is eligible.
                (look.id, one.id) in had,
                BY_RANK.index(Role(one.role)),
                waiting[one],
                odds.chance(f"reader:{look.id}:{one.id}"),
            ),
        ):
            if reader.id not in known:
                known[reader.id] = _known(session, reader, [review for _, review in looks])
            if first.listing_id not in known[reader.id]:
                _deal(session, reader, first, look_id=look.id)
                waiting[reader] += 1
                dealt += 1
                break
        # Otherwise it waits for another reader to join.
    return dealt


def _had(session: Session, look_ids: Sequence[int]) -> set[tuple[int | None, int]]:
    """The previous readers of these second looks."""
    query = select(BlindTask.look_id, BlindTask.reviewer_id).where(BlindTask.look_id.in_(look_ids))
    return {(look_id, reader_id) for look_id, reader_id in session.execute(query)}


def _deal_golden(session: Session, decided: Review, odds: Odds) -> int:
    reader = session.get_one(Reviewer, decided.reviewer_id)
    # Leads can see the list of golden cases.
    if reader.disabled_at is not None or reader.role != Role.REVIEWER.value:
        return 0
    unread = (
        select(func.count())
        .select_from(BlindTask)
        .outerjoin(BlindReading, BlindReading.task_id == BlindTask.id)
        .where(
            BlindTask.reviewer_id == reader.id,
            BlindTask.golden_id.is_not(None),
            BlindTask.ended_at.is_(None),
            BlindReading.id.is_(None),
        )
    )
    if (session.scalar(unread) or 0) >= MOST_WAITING:
        return 0
    query = (
        select(GoldenCase, Review)
        .join(QueueEntry, QueueEntry.listing_id == GoldenCase.listing_id)
        .join(Review, Review.id == GoldenCase.review_id)
        .join(Listing, Listing.id == GoldenCase.listing_id)
        .where(
            QueueEntry.review_id == GoldenCase.review_id,
            GoldenCase.retired_at.is_(None),
            Listing.redacted_at.is_(None),
        )
    )
    found = [(golden.id, answer) for golden, answer in session.execute(query)]
    known = _known(session, reader, [answer for _, answer in found])
    left = [(odds.chance(f"golden:{decided.id}:{n}"), n, a) for n, a in found if a.listing_id not in known]
    if not left:
        return 0
    _, golden_id, answer = min(left, key=lambda item: item[:2])
    _deal(session, reader, answer, golden_id=golden_id)
    return 1


def _working(session: Session) -> dict[Reviewer, int]:
    """Active accounts that may decide cases, each with the number of blind cases waiting there."""
    waiting = (
        select(func.count())
        .where(
            BlindTask.reviewer_id == Reviewer.id,
            BlindTask.ended_at.is_(None),
            ~exists(select(BlindReading.id).where(BlindReading.task_id == BlindTask.id)),
        )
        .correlate(Reviewer)
        .scalar_subquery()
    )
    query = select(Reviewer, waiting).where(is_active(BY_RANK))
    return {reader: number for reader, number in session.execute(query)}


def _known(session: Session, reader: Reviewer, firsts: Sequence[Review]) -> set[int]:
    """The listings of these decisions that a person may know about.

    The person decided on it, was assigned it or read it blind before, was dealt it until the decision was in
    doubt, made a referral or warning from the decision, was notified that it overturned another, took part in
    the thread of the case, or may have opened its page after the decision. The last cannot be ruled out by
    the trail, because repeated views within a short time leave no entry.
    """
    numbers, ids = [first.listing_id for first in firsts], [first.id for first in firsts]
    own = select(Review.listing_id).where(Review.listing_id.in_(numbers), Review.reviewer_id == reader.id)
    read = exists(select(BlindReading.id).where(BlindReading.task_id == BlindTask.id))
    given = select(BlindTask.listing_id).where(
        BlindTask.listing_id.in_(numbers),
        BlindTask.reviewer_id == reader.id,
        or_(read, BlindTask.ended_at.is_(None), BlindTask.ended_how == Ending.OVERTAKEN.value),
    )
    referred = (
        select(ReferralListing.listing_id)
        .join(ReferralRow, ReferralRow.id == ReferralListing.referral_id)
        .where(ReferralListing.review_id.in_(ids), ReferralRow.created_by == reader.id)
    )
    warned = select(AlertRow.listing_id).where(
        AlertRow.review_id.in_(ids), AlertRow.published_by == reader.id
    )
    looks = (
        select(AuditEntry.subject, func.max(AuditEntry.at))
        .where(
            AuditEntry.actor == audit_names.reviewer(reader.name),
            AuditEntry.action == AuditAction.CASE_VIEW,
            AuditEntry.subject.in_([audit_names.listing(number) for number in numbers]),
        )
        .group_by(AuditEntry.subject)
    )
    seen = {subject: at for subject, at in session.execute(looks)}
    return {
        *session.scalars(own),
        *session.scalars(given),
        *session.scalars(referred),
        *session.scalars(warned),
        *told_of(session, reader, numbers),
        *takes_part(session, reader, numbers),
        *(
            first.listing_id
            for first in firsts
            if (at := seen.get(audit_names.listing(first.listing_id))) is not None
            and at >= first.created_at - SAME_VIEW
        ),
    }


def _deal(
    session: Session,
    reader: Reviewer,
    first: Review,
    look_id: int | None = None,
    golden_id: int | None = None,
) -> None:
    task = BlindTask(
        reviewer_id=reader.id,
        listing_id=first.listing_id,
        review_id=first.id,
        look_id=look_id,
        golden_id=golden_id,
    )
    session.add(task)
    session.flush()
    detail = {"task": task.id, "to": reader.name} | cause_of(task)
    append(session, audit_names.WORKER, AuditAction.BLIND_DEAL, audit_names.listing(first.listing_id), detail)
