"""The clocks of what platforms and the office owe: when it began, when it is due, when it was done."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, null, or_, select
from sqlalchemy.orm import Session

from labels.marketplaces.designated import DutyKind, designated
from service.store.database.repository import Repository
from service.store.duties.tables import SellerDataRequest
from service.store.referrals.covered import about
from service.store.tables.complaint_tables import (
    OPEN,
    ClosingReason,
    Complaint,
    ComplaintEvent,
    ComplaintEventKind,
    Progress,
)
from service.store.tables.core_tables import Listing
from service.store.tables.referral_tables import Recipient, ReferralEvent, ReferralRow, ReferralStatus

_BATCH = 500
_ANSWERS = (ReferralStatus.ACTED.value, ReferralStatus.DECLINED.value, ReferralStatus.CLOSED.value)


@dataclass(frozen=True)
class Clock:
    """Something due.

    Attributes:
        subject: the number of the letter, listing or complaint whose page shows it.
        name: the number that people know it by.
        marketplace: the id of a designated marketplace; empty for another platform.
        platform: the value of ``labels.taxonomy.Platform`` where it is known.
        ended_at: when it was done; ``None`` while it is open.
        listing_id: the listing that it is about; ``None`` for a complaint without one.
    """

    kind: DutyKind
    subject: int
    name: str
    marketplace: str
    platform: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    listing_id: int | None

    def is_late(self, moment: datetime) -> bool:
        """Whether it was done, or is still open at ``moment``, after its due time."""
        return (self.ended_at or moment) > self.due_at


class DutyRepository(Repository):
    """Repository of clocks."""

    def clocks(self, since: datetime | None = None, without: Collection[int] = ()) -> Iterator[Clock]:
        """Yield whatever is still open, and what began ``since`` then if given, in no particular order.

        They are read as they are asked for: a year has too many to hold. Letters about any of the listings in
        ``without`` are left out.
        """
        with self.database.reading() as session:
            yield from _notices(session, since, without)
            yield from _requests(session, since)
            yield from _complaints(session, since)


def _began(column: ColumnElement[Any], since: datetime | None) -> ColumnElement[bool]:
    return false() if since is None else column >= since


def _notices(session: Session, since: datetime | None, without: Collection[int]) -> Iterator[Clock]:
    """Letters to platforms: from the day on which they were sent to the day of the platform's answer."""
    sent = _first(ReferralStatus.SENT.value)
    answered = _first(*_ANSWERS)
    query = (
        select(ReferralRow, Listing.url, Listing.platform, sent, answered)
        .join(Listing, Listing.id == ReferralRow.listing_id)
        .where(
            ReferralRow.recipient == Recipient.PLATFORM.value,
            ReferralRow.status != ReferralStatus.DRAFT.value,
            or_(_began(sent, since), answered.is_(None)),
            ReferralRow.id.not_in(about(without)),
        )
    )
    rows: Any = session.execute(query.execution_options(yield_per=_BATCH))
    for row, url, platform, sent_at, answered_at in rows:
        due = designated().due_at(DutyKind.NOTICE, sent_at) if sent_at else None
        if due is not None:
            place = designated().marketplace_of(url)
            yield Clock(
                DutyKind.NOTICE,
                row.id,
                row.number,
                place.id if place else "",
                platform or "",
                sent_at,
                due,
                answered_at,
                row.listing_id,
            )


def _first(*statuses: str) -> Any:
    """The first day that people recorded for one of these statuses of a letter."""
    return (
        select(func.min(ReferralEvent.happened_at))
        .where(
            ReferralEvent.referral_id == ReferralRow.id, func.coalesce(ReferralEvent.status, "").in_(statuses)
        )
        .correlate(ReferralRow)
        .scalar_subquery()
    )


def _requests(session: Session, since: datetime | None) -> Iterator[Clock]:
    query = (
        select(SellerDataRequest, Listing.platform)
        .join(Listing, Listing.id == SellerDataRequest.listing_id)
        .where(
            SellerDataRequest.due_at.is_not(None),
            or_(_began(SellerDataRequest.sent_at.expression, since), SellerDataRequest.answered_at.is_(None)),
        )
    )
    for row, platform in session.execute(query.execution_options(yield_per=_BATCH)):
        if row.due_at is not None:
            yield Clock(
                DutyKind.SELLER_DATA,
                row.listing_id,
                row.reference,
                row.marketplace,
                platform or "",
                row.sent_at,
                row.due_at,
                row.answered_at,
                row.listing_id,
            )


def _complaints(session: Session, since: datetime | None) -> Iterator[Clock]:
    """Complaints: from receipt to the first answer; one that was reopened is open again.

    One closed as a duplicate is open until it has its answer, which it gets with the other one. Any other
    that was closed without an answer, as was possible once or if the other one was deleted, ended when it was
    closed.
    """
    answered = _event(func.min(ComplaintEvent.at), ComplaintEvent.kind == ComplaintEventKind.ANSWER.value)
    closed = _event(
        func.max(ComplaintEvent.at),
        ComplaintEvent.kind == ComplaintEventKind.PROGRESS.value,
        ComplaintEvent.text == Progress.CLOSED.value,
    )
    unanswered = and_(
        Complaint.closed_for == ClosingReason.DUPLICATE.value,
        Complaint.duplicate_of.is_not(None),
        answered.is_(None),
    )
    open_ones = or_(Complaint.progress.in_(OPEN), unanswered)
    ended = case((open_ones, null()), else_=func.coalesce(answered, closed))
    query = (
        select(Complaint, ended, Listing.url, Listing.platform)
        .outerjoin(Listing, Listing.id == Complaint.listing_id)
        .where(Complaint.due_at.is_not(None), or_(_began(Complaint.received_at.expression, since), open_ones))
    )
    for row, ended_at, url, platform in session.execute(query.execution_options(yield_per=_BATCH)):
        if row.due_at is not None:
            place = designated().marketplace_of(row.url or url)
            yield Clock(
                DutyKind.COMPLAINT,
                row.id,
                row.number,
                place.id if place else "",
                row.platform or platform or "",
                row.received_at,
                row.due_at,
                ended_at,
                row.listing_id,
            )


def _event(moment: ColumnElement[Any], *which: ColumnElement[bool]) -> Any:
    """The time of some of a complaint's history."""
    return (
        select(moment)
        .where(ComplaintEvent.complaint_id == Complaint.id, *which)
        .correlate(Complaint)
        .scalar_subquery()
    )
