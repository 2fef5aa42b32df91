"""Blind tasks: decided cases that look undecided to one reviewer.

A task is active while its decision is in force, so anything that supersedes the decision (a withdrawal, an
appeal, the end of a standing order, a changed text) also ends the blindness. An "unsure" ends it for good,
even if it is withdrawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from service.store.cases.assignments import Holding
from service.store.cases.decisions import slips
from service.store.database.columns import now
from service.store.database.engine import once
from service.store.database.repository import Repository
from service.store.index.entries import CaseState, state_of
from service.store.tables.blind_tables import BlindReading, BlindTask, Ending, GoldenCase, SecondLook
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import WITHDRAWN, Review, Reviewer

ENTRY_COLUMNS = tuple(column.key for column in QueueEntry.__table__.columns)


@dataclass(frozen=True)
class Blind:
    """A case that one reviewer sees as undecided, except for their own readings.

    ``review_id`` is the hidden decision. ``own`` are the reader's own readings in the form of unsaved
    reviews, each followed by its withdrawal if there is one; newest first.
    """

    listing_id: int
    task_id: int
    review_id: int
    reader: str
    since: datetime | None
    until: datetime | None
    own: tuple[Review, ...] = field(default=())

    @property
    def review(self) -> Review | None:
        """The reader's newest reading or withdrawal, or ``None``; an "unsure" that was withdrawn is none."""
        left_out = slips(self.own)
        kept = [review for review in self.own if review.id not in left_out]
        return next(iter(kept or self.own), None)

    @property
    def newest(self) -> int:
        """The number of the reader's newest reading or withdrawal, 0 for none."""
        return self.own[0].id if self.own else 0

    @property
    def state(self) -> CaseState:
        """The state of the case as shown to the reader."""
        return state_of(self.review)

    def holding(self, reviewer_id: int, at: datetime | None = None) -> Holding | None:
        """The assignment of the case as shown to the reader: to the reader or to nobody."""
        if self.since is None or self.until is None or self.until <= (at or now()):
            return None
        return Holding(self.listing_id, reviewer_id, self.reader, self.since, self.until, None)


class BlindRepository(Repository):
    """Repository of blind cases: which are hidden from whom, and the leases of blind readers."""

    def of(self, reviewer_id: int) -> dict[int, Blind]:
        """The cases that this reviewer reads blind, by listing."""
        with self.database.reading() as session:
            return blinds_of(session, reviewer_id)

    def on(self, reviewer_id: int, listing_id: int) -> Blind | None:
        """The reviewer's blind case on a listing, or ``None`` for an ordinary case."""
        with self.database.reading() as session:
            return blinds_of(session, reviewer_id, listing_id).get(listing_id)

    def readers_of(self, listing_id: int) -> frozenset[int]:
        """The reviewers who read a case blind."""
        query = joined(select(BlindTask.reviewer_id)).where(BlindTask.listing_id == listing_id, alive(now()))
        with self.database.reading() as session:
            return frozenset(session.scalars(query))

    def renew(self, reviewer_id: int, listing_id: int, lease: timedelta) -> Holding | None:
        """Start or restart the reader's lease on a case; ``None`` once it is decided.

        Leases of blind readers are separate from ``case_claim``, so that nobody else sees them.
        """
        with self.database.writing() as session:
            blind = blinds_of(session, reviewer_id, listing_id).get(listing_id)
            if blind is None or blind.state is CaseState.DECIDED:
                return None
            task = session.get_one(BlindTask, blind.task_id)
            at = now()
            if task.since is None or task.until is None or task.until <= at:
                task.since = at
            task.until = at + lease
            session.flush()
            return Holding(listing_id, reviewer_id, blind.reader, task.since, task.until, None)

    def release(self, reviewer_id: int, listing_id: int, for_good: bool = False) -> None:
        """Return the case to the reader's own queue or, with ``for_good``, let another reader be drawn."""
        with self.database.writing() as session:
            blind = blinds_of(session, reviewer_id, listing_id).get(listing_id)
            if blind is not None:
                task = session.get_one(BlindTask, blind.task_id)
                task.since = task.until = None
                if for_good and blind.review is None:
                    task.ended_at, task.ended_how = now(), Ending.RETURNED.value


def alive(at: datetime) -> Any:
    """Whether a task still hides its decision; needs ``QueueEntry``, ``SecondLook`` and ``GoldenCase``."""
    look = and_(
        BlindTask.look_id.is_not(None),
        SecondLook.settled_at.is_(None),
        or_(SecondLook.sealed_at.is_(None), SecondLook.sealed_at > at),
    )
    golden = and_(BlindTask.golden_id.is_not(None), GoldenCase.retired_at.is_(None))
    return and_(BlindTask.ended_at.is_(None), QueueEntry.review_id == BlindTask.review_id, or_(look, golden))


def joined(query: Select[Any]) -> Select[Any]:
    """Join a query from ``BlindTask`` with the tables that :func:`alive` needs."""
    return (
        query.join(QueueEntry, QueueEntry.listing_id == BlindTask.listing_id)
        .outerjoin(SecondLook, SecondLook.id == BlindTask.look_id)
        .outerjoin(GoldenCase, GoldenCase.id == BlindTask.golden_id)
    )


def blinds_of(session: Session, reviewer_id: int | None, listing_id: int | None = None) -> dict[int, Blind]:
    """The cases that a reviewer reads blind, by listing; optionally of one listing only."""
    if reviewer_id is None:
        return {}
    key = ("blinds", reviewer_id, listing_id)
    return once(session, key, lambda: _blinds_of(session, reviewer_id, listing_id))


def _blinds_of(session: Session, reviewer_id: int, listing_id: int | None) -> dict[int, Blind]:
    query = joined(select(BlindTask)).where(BlindTask.reviewer_id == reviewer_id, alive(now()))
    if listing_id is not None:
        query = query.where(BlindTask.listing_id == listing_id)
    tasks = list(session.scalars(query.order_by(BlindTask.id)))
    if not tasks:
        return {}
    reader = session.get_one(Reviewer, reviewer_id).display_name
    readings: dict[int, list[BlindReading]] = {}
    for reading in session.scalars(
        select(BlindReading)
        .where(BlindReading.task_id.in_([task.id for task in tasks]))
        .order_by(BlindReading.id.desc())
    ):
        readings.setdefault(reading.task_id, []).append(reading)
    return {
        task.listing_id: Blind(
            task.listing_id,
            task.id,
            task.review_id,
            reader,
            task.since,
            task.until,
            tuple(as_reviews(readings.get(task.id, ()), reviewer_id)),
        )
        for task in tasks
    }


def end_tasks(session: Session, listing_id: int) -> None:
    """End the tasks of a case after an "unsure", for good: their readers may see the decision now."""
    open_tasks = select(BlindTask).where(BlindTask.listing_id == listing_id, BlindTask.ended_at.is_(None))
    for task in session.scalars(open_tasks):
        task.ended_at, task.ended_how = now(), Ending.OVERTAKEN.value


def as_reviews(readings: Iterable[BlindReading], reviewer_id: int) -> Iterable[Review]:
    """Readings in the form of reviews, as shown to their reader; they are never stored."""
    for reading in readings:
        if reading.withdrawn_at is not None:
            yield Review(
                id=reading.withdrawn_number or reading.number,
                listing_id=reading.listing_id,
                assessment_id=reading.assessment_id,
                reviewer_id=reviewer_id,
                decision=WITHDRAWN,
                confirmed_claims=[],
                rejected_claims=[],
                added_claims=[],
                rejected_findings=[],
                stated_facts=[],
                law_choices={},
                law_proposed=[],
                takedown=True,
                referrals=[],
                note="",
                created_at=reading.withdrawn_at,
            )
        yield Review(
            id=reading.number,
            listing_id=reading.listing_id,
            assessment_id=reading.assessment_id,
            reviewer_id=reviewer_id,
            decision=reading.decision,
            confirmed_claims=reading.confirmed_claims,
            rejected_claims=reading.rejected_claims,
            added_claims=reading.added_claims,
            rejected_findings=reading.rejected_findings,
            stated_facts=reading.stated_facts,
            law_choices=reading.law_choices,
            law_proposed=reading.law_proposed,
            product_class=reading.product_class,
            takedown=reading.takedown,
            referrals=reading.referrals,
            note=reading.note,
            created_at=reading.created_at,
        )


def in_readers_eyes(entry: QueueEntry, blinds: Mapping[int, Blind], urgency: int) -> QueueEntry:
    """A copy of a queue entry as the blind reader sees it, detached from any session."""
    values = {name: getattr(entry, name) for name in ENTRY_COLUMNS}
    review = blinds[entry.listing_id].review
    return QueueEntry(**values | {"urgency": urgency, "review_id": review.id if review else None})
