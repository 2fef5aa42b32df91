"""Targets of the retention rules: which rows are due, processed in chunks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from labels.taxonomy import Verdict
from service.privacy.redaction import Redactor
from service.privacy.removal import delete_listings, give_up, give_up_evidence_of
from service.privacy.rules import LISTINGS, Action, DataKind, Rule
from service.store.cases.protection import free, newest_rows
from service.store.complaints.repository import without_complainant
from service.store.complaints.ties import forget_addresses
from service.store.complaints.unexported import keep_reason
from service.store.database.columns import now
from service.store.index.entries import refresh
from service.store.listings.repository import require
from service.store.tables.api_tables import IdempotencyRecord, Webhook
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import Capture, Listing, Review, Reviewer

_CLEAR: Final = (Verdict.CLEAR.value, Verdict.NOT_AN_AD.value)


@dataclass(frozen=True)
class Dated:
    """A rule and its cut-off."""

    rule: Rule
    cutoff: datetime


@dataclass(frozen=True)
class Preview:
    """What a rule would do: number of rows, with the oldest and newest event they count from."""

    count: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True)
class Chunk:
    """The numbers of the rows that were processed, and of the listings in which personal data was masked."""

    rows: list[int]
    masked: list[int] = field(default_factory=list)


class Target(Protocol):
    """The rows that one kind of rule applies to."""

    noun: str
    """Their name in counts."""

    def preview(self, session: Session, dated: Dated, earlier: Sequence[Dated]) -> Preview:
        """Return what a run would do after the ``earlier`` rules of the same run."""
        ...

    def chunk(self, session: Session, dated: Dated, after: int, limit: int) -> Chunk:
        """Process at most ``limit`` rows after the id ``after``."""
        ...


def listing_condition(dated: Dated) -> ColumnElement[bool]:
    """Return the condition for a rule about listings; never matches one that a case needs."""
    rule = dated.rule
    reviewed = exists(select(Review.id).where(Review.listing_id == Listing.id).correlate(Listing))
    parts: list[ColumnElement[bool]] = [getattr(Listing, rule.since) < dated.cutoff, free()]
    if rule.what is DataKind.UNDECIDED:
        parts.append(~reviewed)
    else:
        # An unprotected listing has no binding or open decision, so a decided one was decided clear.
        parts.append(or_(reviewed, Listing.verdict.in_(_CLEAR)))
    if rule.verdicts:
        parts.append(Listing.verdict.in_([verdict.value for verdict in rule.verdicts]))
    parts.append(~newest_rows() if rule.action is Action.DELETE else Listing.redacted_at.is_(None))
    return and_(*parts)


class _Listings:
    noun = "listings"

    def preview(self, session: Session, dated: Dated, earlier: Sequence[Dated]) -> Preview:
        done = [
            other
            for other in earlier
            if other.rule.what in LISTINGS
            and (other.rule.action is Action.DELETE or dated.rule.action is Action.REDACT)
        ]
        event = getattr(Listing, dated.rule.since)
        query = select(func.count(), func.min(event), func.max(event)).where(
            listing_condition(dated), *(~listing_condition(other) for other in done)
        )
        return Preview(*session.execute(query).one())

    def chunk(self, session: Session, dated: Dated, after: int, limit: int) -> Chunk:
        query = (
            select(Listing)
            .where(listing_condition(dated), Listing.id > after)
            .order_by(Listing.id)
            .limit(limit)
            .with_for_update(of=Listing)
        )
        rows = list(session.scalars(query))
        numbers, moment = [row.id for row in rows], now()
        if dated.rule.action is Action.DELETE:
            delete_listings(session, numbers, dated.rule.name, moment)
            return Chunk(numbers)
        redactor = Redactor()
        for row in rows:
            redactor.redact(session, row, moment)
        give_up_evidence_of(session, numbers, dated.rule.name, moment)
        return Chunk(numbers, numbers)


def evidence_condition(dated: Dated, earlier: Sequence[Dated] = ()) -> ColumnElement[bool]:
    """Return the condition for a rule about captures; join them with their listings."""
    done = [listing_condition(other) for other in earlier if other.rule.what in LISTINGS]
    return and_(
        Capture.removed_at.is_(None),
        getattr(Capture, dated.rule.since) < dated.cutoff,
        free(),
        *(~condition for condition in done),
    )


class _Evidence:
    noun = "captures"

    def preview(self, session: Session, dated: Dated, earlier: Sequence[Dated]) -> Preview:
        event = getattr(Capture, dated.rule.since)
        query = (
            select(func.count(), func.min(event), func.max(event))
            .select_from(Capture)
            .join(Listing, Listing.id == Capture.listing_id)
            .where(evidence_condition(dated, earlier))
        )
        return Preview(*session.execute(query).one())

    def chunk(self, session: Session, dated: Dated, after: int, limit: int) -> Chunk:
        query = (
            select(Capture)
            .join(Listing, Listing.id == Capture.listing_id)
            .where(evidence_condition(dated), Capture.id > after)
            .order_by(Capture.id)
            .limit(limit)
            .with_for_update(of=Capture)
        )
        rows = list(session.scalars(query))
        give_up(session, rows, dated.rule.name, now())
        return Chunk([row.id for row in rows])


class _Rows:
    """Rows of one table without dependencies."""

    def __init__(self, noun: str, table: Any, *conditions: ColumnElement[bool], **emptied: Any) -> None:
        self.noun, self._table, self._conditions, self._emptied = noun, table, conditions, emptied

    def preview(self, session: Session, dated: Dated, earlier: Sequence[Dated]) -> Preview:
        event = getattr(self._table, dated.rule.since)
        query = select(func.count(), func.min(event), func.max(event)).where(*self._where(dated))
        return Preview(*session.execute(query).one())

    def chunk(self, session: Session, dated: Dated, after: int, limit: int) -> Chunk:
        query = (
            select(self._table)
            .where(*self._where(dated), self._table.id > after)
            .order_by(self._table.id)
            .limit(limit)
            .with_for_update()
        )
        rows = list(session.scalars(query))
        numbers = [row.id for row in rows]
        if dated.rule.action is Action.DELETE:
            session.execute(delete(self._table).where(self._table.id.in_(numbers)))
        else:
            for row in rows:
                for name, value in self._emptied.items():
                    setattr(row, name, value)
        return Chunk(numbers)

    def _where(self, dated: Dated) -> tuple[ColumnElement[bool], ...]:
        return (getattr(self._table, dated.rule.since) < dated.cutoff, *self._conditions)


class _Complaints(_Rows):
    """Complaints, or their complainants; a case that loses a complaint is reordered in the queue."""

    def chunk(self, session: Session, dated: Dated, after: int, limit: int) -> Chunk:
        query = select(Complaint).where(*self._where(dated), Complaint.id > after)
        rows = list(session.scalars(query.order_by(Complaint.id).limit(limit).with_for_update()))
        numbers, listings = [row.id for row in rows], {row.listing_id for row in rows} - {None}
        if dated.rule.action is Action.REDACT:
            own = [without_complainant(session, row, now()) for row in rows]
            return Chunk(numbers, [number for number in own if number is not None])
        keep_reason(session, numbers)
        forget_addresses(session, [number for number in listings if number is not None])
        tied = update(Complaint).where(Complaint.duplicate_of.in_(numbers))
        session.execute(tied.values(duplicate_of=None))
        session.execute(delete(Complaint).where(Complaint.id.in_(numbers)))
        for number in sorted(number for number in listings if number is not None):
            refresh(session, require(session, number))
        return Chunk(numbers)


_NEEDED_BY_NO_CASE: Final = or_(
    Complaint.listing_id.is_(None), Complaint.listing_id.in_(select(Listing.id).where(free()))
)
_NOT_THE_NEWEST: Final = Complaint.id < select(func.max(Complaint.id)).scalar_subquery()
"""The next complaint's number derives from the newest one, which stays until there is a newer one."""

_LISTINGS: Final = _Listings()
TARGETS: Final[dict[DataKind, Target]] = {
    DataKind.UNDECIDED: _LISTINGS,
    DataKind.CLEAR: _LISTINGS,
    DataKind.EVIDENCE: _Evidence(),
    DataKind.IDEMPOTENCY: _Rows("idempotency keys", IdempotencyRecord),
    DataKind.LOCKS: _Rows("accounts", Reviewer, failed_logins=0, locked_until=None),
    DataKind.DELIVERIES: _Rows("webhooks", Webhook, Webhook.last_problem != "", last_problem=""),
    DataKind.COMPLAINANTS: _Complaints(
        "complainants", Complaint, or_(Complaint.contact_name != "", Complaint.contact != "")
    ),
    DataKind.COMPLAINTS: _Complaints("complaints", Complaint, _NEEDED_BY_NO_CASE, _NOT_THE_NEWEST),
}
"""To add a kind of rule, add a value of :class:`DataKind`, its events and actions, and a line here."""
