"""Recording and withdrawing blind readings, without touching ``review``."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.review_numbers import next_number
from service.store.cases.reviews import (
    CaseChanged,
    Decision,
    ReviewRefused,
    check_added,
    check_assessment,
    check_form,
    columns_of,
    open_account,
    traced,
)
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.listings.repository import require
from service.store.second_look.blinds import Blind, as_reviews, blinds_of
from service.store.tables.blind_tables import BlindReading, BlindTask, SecondLook
from service.store.tables.core_tables import UNSURE, AssessmentRow, Review
from service.store.teamwork.questions import leave_question

SEALED_AFTER = timedelta(days=1)
"""How long a reader whose second look agrees may change it; afterwards they see the real case."""


class ReadingRepository(Repository):
    """Repository of blind readings."""

    def record(self, reviewer_id: int, assessment_id: int, made: Decision, last_seen: int) -> Review:
        """Store a blind reading and its audit entry; returns it in the form of a review for its reader.

        ``last_seen`` is the number of the newest review or own reading that the page showed, 0 for none.
        Raises :class:`ReviewRefused`, :class:`CaseChanged` if the case changed or is no longer blind, and
        :class:`~service.store.teamwork.questions.AskRefused`.
        """
        check_form(made)
        with self.database.writing() as session:
            take_turn(session)
            assessment = session.get(AssessmentRow, assessment_id)
            if assessment is None:
                raise ReviewRefused(f"there is no assessment {assessment_id} in this database")
            listing = require(session, assessment.listing_id)
            blind = _blind(session, reviewer_id, listing.id)
            check_assessment(listing, assessment)
            shown = last_seen == blind.newest if blind.own else last_seen < blind.review_id
            if not shown:
                raise CaseChanged(
                    f"listing {listing.id} has changed since the page was opened: reload the case"
                )
            reviewer = open_account(session, reviewer_id)
            check_added(made, blind.own)
            row = BlindReading(
                task_id=blind.task_id,
                number=next_number(session),
                **columns_of(made, listing, assessment),
            )
            session.add(row)
            task = session.get_one(BlindTask, blind.task_id)
            task.since = task.until = None
            session.flush()
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.BLIND_READ,
                audit_names.listing(listing.id),
                {"reading": row.id, "task": task.id} | traced(made, row),
            )
            _compare(session, task, row)
            review = next(iter(as_reviews([row], reviewer_id)))
            leave_question(session, review, reviewer, made.asked, blind.task_id)
            return review

    def withdraw(self, reviewer_id: int, listing_id: int, number: int) -> None:
        """Withdraw one's own newest reading: the case waits in one's queue again.

        Raises :class:`ReviewRefused`, and :class:`CaseChanged` if the case is no longer blind.
        """
        with self.database.writing() as session:
            take_turn(session)
            blind = _blind(session, reviewer_id, listing_id)
            reviewer = open_account(session, reviewer_id)
            row = standing_reading(session, blind.task_id)
            if row is None or row.number != number or blind.newest != number:
                raise ReviewRefused(f"there is no decision {number} to withdraw")
            row.withdrawn_at, row.withdrawn_number = now(), next_number(session)
            task = session.get_one(BlindTask, blind.task_id)
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.BLIND_WITHDRAW,
                audit_names.listing(listing_id),
                {"reading": row.id, "task": task.id, "decision": row.decision},
            )
            session.flush()
            _compare(session, task, standing_reading(session, task.id))

    def was_mine(self, reviewer_id: int, listing_id: int, number: int) -> bool:
        """Whether this reviewer ever read this case blind under that number."""
        query = (
            select(BlindReading.id)
            .join(BlindTask, BlindTask.id == BlindReading.task_id)
            .where(
                BlindTask.reviewer_id == reviewer_id,
                BlindReading.listing_id == listing_id,
                BlindReading.number == number,
            )
        )
        with self.database.reading() as session:
            return session.scalars(query.limit(1)).first() is not None


def is_withdrawn_doubt() -> ColumnElement[bool]:
    """Whether a reading is an "unsure" that was withdrawn: the reading before it stands again."""
    return and_(BlindReading.decision == UNSURE, BlindReading.withdrawn_at.is_not(None))


def standing_reading(session: Session, task_id: int) -> BlindReading | None:
    """The newest reading of a task, unless it was withdrawn."""
    query = select(BlindReading).where(BlindReading.task_id == task_id, ~is_withdrawn_doubt())
    row = session.scalars(query.order_by(BlindReading.id.desc()).limit(1)).first()
    return row if row is not None and row.withdrawn_at is None else None


def _blind(session: Session, reviewer_id: int, listing_id: int) -> Blind:
    found = blinds_of(session, reviewer_id, listing_id).get(listing_id)
    if found is None:
        raise CaseChanged(f"listing {listing_id} was reviewed again: reload the case")
    return found


def _compare(session: Session, task: BlindTask, reading: BlindReading | None) -> None:
    """Record whether a second look agrees; a golden case is compared when its figures are queried."""
    if task.look_id is None:
        return
    look = session.get_one(SecondLook, task.look_id)
    if reading is None:
        look.agrees = look.sealed_at = None
        return
    first = session.get_one(Review, look.review_id)
    look.agrees = reading.decision == first.decision
    look.sealed_at = reading.created_at + SEALED_AFTER if look.agrees else None
