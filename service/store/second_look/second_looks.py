"""Second looks: lists for leads, and settling those that disagree."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import LEADING, is_active
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.reviews import CaseChanged, Decision, Trace, keep, open_account
from service.store.cases.withdrawals import newest_of
from service.store.database.columns import now
from service.store.database.errors import StoreError
from service.store.database.repository import Repository
from service.store.second_look.readings import standing_reading
from service.store.tables.blind_tables import BlindReading, BlindTask, Ending, SecondLook
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Listing, Review, Reviewer


class Settlement(StrEnum):
    """How a lead settled a disagreement."""

    FIRST = "first"
    """The first decision stands."""
    SECOND = "second"
    """The second reading becomes the decision."""
    ANEW = "anew"
    """The lead made a new decision."""


class SettlementRefused(StoreError, ValueError):
    """A disagreement that this person may not settle, or that is already settled or superseded."""


@dataclass(frozen=True)
class Disagreement:
    """Two readings of one text with different verdicts, the first of which is in force."""

    look: SecondLook
    listing: Listing
    first: Review
    first_name: str
    second: BlindReading
    second_id: int
    second_name: str


@dataclass(frozen=True)
class LookCounts:
    """Numbers of second looks waiting for a reader, waiting for a lead, and done."""

    unread: int
    unassigned: int
    disagreeing: int
    agreed: int
    settled: int


class SecondLookRepository(Repository):
    """Repository of second looks, as leads see them."""

    def disagreements(self, limit: int = 100) -> list[Disagreement]:
        """The disagreements that wait for a lead, oldest first."""
        with self.database.reading() as session:
            looks = session.scalars(_open_disagreements().order_by(SecondLook.id).limit(limit)).all()
            found = [_disagreement(session, look) for look in looks]
        return [item for item in found if item is not None]

    def disagreement(self, look_id: int) -> Disagreement | None:
        """One disagreement that waits for a lead, or ``None``."""
        with self.database.reading() as session:
            look = _waiting(session, look_id)
            return _disagreement(session, look) if look is not None else None

    def counts(self) -> LookCounts:
        """The number of second looks by status; those superseded while unread are left out."""
        unsettled = SecondLook.settled_at.is_(None)
        with self.database.reading() as session:

            def number(query: Select[Any]) -> int:
                return session.scalar(select(func.count()).select_from(query.subquery())) or 0

            unread = _in_force().where(SecondLook.agrees.is_(None), unsettled)
            return LookCounts(
                number(unread),
                number(unread.where(~_has_reader())),
                number(_open_disagreements()),
                number(select(SecondLook).where(SecondLook.agrees.is_(True))),
                number(select(SecondLook).where(SecondLook.settled_at.is_not(None))),
            )

    def may_settle(self, look: Disagreement, lead: Reviewer) -> bool:
        """Whether this lead may settle it; a reader of the case may do so only if there is no other lead."""
        with self.database.reading() as session:
            return _may_settle(session, look, lead)

    def settle(
        self,
        look_id: int,
        lead_id: int,
        settlement: Settlement,
        assessment_id: int,
        made: Decision | None = None,
    ) -> int:
        """Settle a disagreement; returns the number of the review that is then in force.

        ``made`` is the decision for :attr:`Settlement.SECOND` and :attr:`Settlement.ANEW`; it is stored as
        the lead's own review, with all its consequences. With :attr:`Settlement.FIRST` the first decision
        stands and no notice is sent again. Raises :class:`SettlementRefused`, and what
        ``ReviewRepository.record`` raises.
        """
        with self.database.writing() as session:
            take_turn(session)
            lead = open_account(session, lead_id)
            look = _waiting(session, look_id)
            found = _disagreement(session, look) if look is not None else None
            if look is None or found is None:
                raise SettlementRefused(f"second look {look_id} is not open: it was settled or overtaken")
            if not _may_settle(session, found, lead):
                raise SettlementRefused(f"{lead.name} may not settle second look {look_id}: ask another lead")
            if found.listing.assessment_id != assessment_id:
                raise CaseChanged(f"listing {look.listing_id} has a newer assessment: open the page again")
            detail = {
                "look": look.id,
                "settlement": settlement.value,
                "first": found.first.id,
                "second": found.second.id,
            }
            if settlement is Settlement.FIRST:
                in_force = look.review_id
            else:
                assert made is not None
                seen = newest_of(session, look.listing_id)
                trace = Trace(detail=detail)
                in_force = keep(session, assessment_id, lead.id, made, seen, trace).id
            look.settled_at, look.settled_by = now(), lead.id
            look.settlement, look.settled_review_id = settlement.value, in_force
            append(
                session,
                audit_names.reviewer(lead.name),
                AuditAction.LOOK_SETTLE,
                audit_names.listing(look.listing_id),
                detail | {"review": in_force},
            )
        return in_force


def _in_force() -> Select[Any]:
    """The second looks whose first decision is in force."""
    return select(SecondLook).join(
        QueueEntry,
        (QueueEntry.listing_id == SecondLook.listing_id) & (QueueEntry.review_id == SecondLook.review_id),
    )


def _open_disagreements() -> Select[Any]:
    return _in_force().where(SecondLook.agrees.is_(False), SecondLook.settled_at.is_(None))


def _waiting(session: Session, look_id: int) -> SecondLook | None:
    return session.scalars(_open_disagreements().where(SecondLook.id == look_id)).first()


def _has_reader() -> ColumnElement[bool]:
    return exists(
        select(BlindTask.id).where(BlindTask.look_id == SecondLook.id, BlindTask.ended_at.is_(None))
    )


def _disagreement(session: Session, look: SecondLook) -> Disagreement | None:
    second_reader = aliased(Reviewer)
    overtaken = BlindTask.ended_how == Ending.OVERTAKEN.value
    query = (
        select(BlindTask, Listing, Review, Reviewer.display_name, second_reader.display_name)
        .join(Listing, Listing.id == BlindTask.listing_id)
        .join(Review, Review.id == BlindTask.review_id)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .join(second_reader, second_reader.id == BlindTask.reviewer_id)
        # A task that was overtaken after it was read still counts if its first decision is in force again.
        .where(BlindTask.look_id == look.id, or_(BlindTask.ended_at.is_(None), overtaken))
    )
    for task, listing, first, first_name, second_name in session.execute(query):
        reading = standing_reading(session, task.id)
        if reading is not None:
            return Disagreement(look, listing, first, first_name, reading, task.reviewer_id, second_name)
    return None


def _may_settle(session: Session, found: Disagreement, lead: Reviewer) -> bool:
    if lead.role not in LEADING:
        return False
    readers = (found.first.reviewer_id, found.second_id)
    if lead.id not in readers:
        return True
    others = select(Reviewer.id).where(is_active(LEADING), Reviewer.id.not_in(readers))
    return session.scalars(others.limit(1)).first() is None
