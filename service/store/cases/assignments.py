"""Assignments: who works on a case, and until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import LEADING, REVIEWING, decides_cases, values_of
from service.store.appeals.answering import may_decide
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import is_ahead, now
from service.store.database.errors import StoreError, UnknownListing
from service.store.database.repository import Repository
from service.store.index.entries import URGENCY, CaseState, entry_of
from service.store.tables.case_tables import CaseClaim, QueueEntry
from service.store.tables.core_tables import Reviewer

_LONGEST_LEASE = timedelta(days=7)
_WRONG_CLOCK = timedelta(hours=1)
"""An assignment dated further in the future than this was made by a wrong clock."""


_LEAD, _HOLDER = aliased(Reviewer), aliased(Reviewer)
_HOLDINGS = (
    select(
        CaseClaim.listing_id,
        CaseClaim.reviewer_id,
        Reviewer.display_name,
        CaseClaim.since,
        CaseClaim.until,
        _LEAD.display_name,
    )
    .join(Reviewer, Reviewer.id == CaseClaim.reviewer_id)
    .outerjoin(_LEAD, _LEAD.id == CaseClaim.handed_by)
)


class AssignmentRefused(StoreError, ValueError):
    """A case that cannot be assigned: the account is no lead, or the assignee may not decide it."""


@dataclass(frozen=True)
class Holding:
    """The current assignment of a case; ``until`` is ``None`` if ``handed_by_name`` assigned it."""

    listing_id: int
    reviewer_id: int
    reviewer_name: str
    since: datetime
    until: datetime | None
    handed_by_name: str | None


class AssignmentRepository(Repository):
    """Repository of assignments."""

    def holder(self, listing_id: int) -> Holding | None:
        """The current assignment of this case, or ``None``."""
        with self.database.reading() as session:
            return holder_of(session, listing_id)

    def holders(self, listing_ids: Collection[int]) -> dict[int, Holding]:
        """The current assignments of these cases, by listing."""
        query = holdings().where(CaseClaim.listing_id.in_(listing_ids))
        with self.database.reading() as session:
            return {row[0]: Holding(*row) for row in session.execute(query)}

    def waits(self, listing_id: int) -> bool:
        """Whether a case waits for a decision, so that :meth:`begin` can claim it."""
        with self.database.reading() as session:
            entry = entry_of(session, listing_id)
            return entry is not None and _waits(entry)

    def begin(self, listing_id: int, reviewer: Reviewer, lease: timedelta) -> Holding | None:
        """Claim an undecided case for ``lease`` if it is free, or renew the reviewer's own lease.

        Called at the first mark on a case: looking at it takes nothing.

        Returns the current assignment, which may be somebody else's, or ``None`` if the case needs nobody, or
        if another reviewer has to answer its appeal.
        """
        found = self.renew(listing_id, reviewer.id, lease)
        if found is not None:
            return found
        with self.database.writing() as session:
            take_turn(session)
            found = holder_of(session, listing_id)
            entry = session.get(QueueEntry, listing_id)
            if not may_decide(session, listing_id, reviewer):
                return found
            if found is None and entry is not None and _waits(entry):
                put(session, CaseClaim(listing_id=listing_id, reviewer_id=reviewer.id), lease)
                append(
                    session,
                    audit_names.reviewer(reviewer.name),
                    AuditAction.CASE_CLAIM,
                    audit_names.listing(listing_id),
                )
                found = holder_of(session, listing_id)
            return found

    def renew(self, listing_id: int, reviewer_id: int, lease: timedelta) -> Holding | None:
        """Restart the reviewer's lease if the case is still theirs; returns the current assignment."""
        with self.database.reading() as session:
            found = holder_of(session, listing_id)
        if found is None or found.reviewer_id != reviewer_id or found.until is None:
            return found
        until = now() + lease
        with self.database.writing() as session:
            session.execute(
                update(CaseClaim)
                .where(
                    CaseClaim.listing_id == listing_id,
                    CaseClaim.reviewer_id == reviewer_id,
                    CaseClaim.until.is_not(None),
                )
                .values(until=until)
            )
            return holder_of(session, listing_id)

    def take_over(self, listing_id: int, reviewer: Reviewer, lease: timedelta) -> Holding:
        """Reassign a case to the reviewer. Raises :class:`~service.store.database.errors.UnknownListing`."""
        with self.database.writing() as session:
            take_turn(session)
            _require(session, listing_id)
            before = holder_of(session, listing_id)
            if before is None or before.reviewer_id != reviewer.id:
                put(session, CaseClaim(listing_id=listing_id, reviewer_id=reviewer.id), lease)
                detail = {"from": before.reviewer_name} if before else {}
                append(
                    session,
                    audit_names.reviewer(reviewer.name),
                    AuditAction.CASE_TAKE_OVER,
                    audit_names.listing(listing_id),
                    detail,
                )
            return _certain(holder_of(session, listing_id))

    def hand(self, listing_id: int, lead: Reviewer, to_id: int) -> Holding:
        """Assign the case to somebody without a time limit.

        Raises :class:`AssignmentRefused` and :class:`~service.store.database.errors.UnknownListing`.
        """
        if lead.role not in LEADING:
            raise AssignmentRefused(f"{lead.name} is not a lead: only leads assign cases to others")
        with self.database.writing() as session:
            take_turn(session)
            _require(session, listing_id)
            to = session.get(Reviewer, to_id)
            if to is None or not decides_cases(to):
                raise AssignmentRefused(f"there is no open reviewer account {to_id}")
            if not may_decide(session, listing_id, to):
                raise AssignmentRefused(
                    f"an appeal contests the decision of {to.name}: assign it to another reviewer"
                )
            put(session, CaseClaim(listing_id=listing_id, reviewer_id=to.id, handed_by=lead.id), None)
            subject = audit_names.listing(listing_id)
            append(
                session, audit_names.reviewer(lead.name), AuditAction.CASE_ASSIGN, subject, {"to": to.name}
            )
            return _certain(holder_of(session, listing_id))

    def release(self, listing_id: int, reviewer: Reviewer) -> bool:
        """Release one's own case or, as a lead, anybody's; returns whether it was assigned."""
        with self.database.writing() as session:
            take_turn(session)
            claim = session.get(CaseClaim, listing_id)
            if claim is None or (claim.reviewer_id != reviewer.id and reviewer.role not in LEADING):
                return False
            session.delete(claim)
            append(
                session,
                audit_names.reviewer(reviewer.name),
                AuditAction.CASE_RELEASE,
                audit_names.listing(listing_id),
            )
            return True

    def skip(self, listing_id: int, reviewer: Reviewer) -> bool:
        """Release one's own lease on a case that one leaves undecided; returns whether there was one.

        What a colleague assigned stays assigned.
        """
        with self.database.reading() as session:
            found = holder_of(session, listing_id)
        if found is None or found.reviewer_id != reviewer.id or found.until is None:
            return False
        return self.release(listing_id, reviewer)

    def colleagues(self) -> list[Reviewer]:
        """The accounts that a case can be assigned to, by name."""
        query = select(Reviewer).where(_decides_cases(Reviewer))
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(Reviewer.display_name, Reviewer.id)))


def is_live() -> ColumnElement[bool]:
    """Whether an assignment is in effect: it lasts, and its holder still decides cases."""
    return and_(_lasts(), CaseClaim.reviewer_id.in_(select(_HOLDER.id).where(_decides_cases(_HOLDER))))


def holder_of(session: Session, listing_id: int) -> Holding | None:
    """The current assignment of this case, or ``None``."""
    row = session.execute(holdings().where(CaseClaim.listing_id == listing_id)).first()
    return Holding(*row) if row else None


def drop(session: Session, listing_id: int) -> None:
    """Delete the assignment of a case that was decided."""
    claim = session.get(CaseClaim, listing_id)
    if claim is not None:
        session.delete(claim)


def holdings() -> Any:
    """A query of the current assignments, with the columns of :class:`Holding`."""
    return _HOLDINGS.where(_lasts(), _decides_cases(Reviewer))


def put(session: Session, claim: CaseClaim, lease: timedelta | None) -> None:
    """Assign the case for ``lease``, or without a limit, whatever its current assignment."""
    drop(session, claim.listing_id)
    session.flush()
    claim.since = now()
    claim.until = claim.since + lease if lease is not None else None
    session.add(claim)
    session.flush()


def _decides_cases(reviewer: type[Reviewer]) -> ColumnElement[bool]:
    """:func:`~service.store.accounts.policy.decides_cases` for a query."""
    return and_(reviewer.disabled_at.is_(None), reviewer.role.in_(values_of(REVIEWING)))


def _lasts() -> ColumnElement[bool]:
    at = now()
    right = CaseClaim.since <= at + _WRONG_CLOCK
    return or_(CaseClaim.until.is_(None), and_(right, is_ahead(CaseClaim.until, at, _LONGEST_LEASE)))


def _waits(entry: QueueEntry) -> bool:
    return entry.urgency > URGENCY[CaseState.DECIDED]


def _require(session: Session, listing_id: int) -> None:
    if session.get(QueueEntry, listing_id) is None:
        raise UnknownListing(f"there is no listing {listing_id} in this database")


def _certain(found: Holding | None) -> Holding:
    assert found is not None
    return found
