"""A reviewer's notices, including those of former colleagues, which a lead reads on their behalf."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import LEADING, REVIEWING, is_active, values_of
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.repository import Repository
from service.store.second_look.blinds import blinds_of
from service.store.tables.core_tables import Listing, Review, Reviewer
from service.store.teamwork.overturning import OverturnEffects, at_stake
from service.store.teamwork.tables import NoticeRead, OverturnNotice

TITLE = 160
"""Characters of a text shown in place of a missing title."""


@dataclass(frozen=True)
class Notice:
    """A notice as a page shows it.

    Attributes:
        fell: the overturned decision, or the one that the standing order was based on.
        by: the review that overturned it.
        to_name: the addressee; ``None`` for the viewer's own notice.
        read_by_name: who marked it as read.
    """

    id: int
    listing_id: int
    title: str
    fell: Review
    by: Review
    by_name: str
    undone: OverturnEffects
    created_at: datetime
    to_name: str | None
    read_by_name: str | None


class NoticeRepository(Repository):
    """Repository of notices visible to a viewer; cases that the viewer reads blind are hidden."""

    def of(self, viewer: Reviewer, limit: int = 50) -> list[Notice]:
        """The viewer's notices, unread ones first, then newest first."""
        to, by, by_person = aliased(Reviewer), aliased(Review), aliased(Reviewer)
        title = func.coalesce(func.nullif(Listing.title, ""), func.substr(Listing.description, 1, TITLE))
        with self.database.reading() as session:
            seen = _seen_by(session, viewer)
            asked: Any = select(
                OverturnNotice, title, Review, by, by_person.display_name, to, seen.unread.label("unread")
            )
            query = (
                asked.join(Listing, Listing.id == OverturnNotice.listing_id)
                .join(Review, Review.id == OverturnNotice.review_id)
                .join(by, by.id == OverturnNotice.by_review_id)
                .join(by_person, by_person.id == by.reviewer_id)
                .join(to, to.id == OverturnNotice.reviewer_id)
                .where(seen.visible)
                .order_by(seen.unread.desc(), OverturnNotice.id.desc())
                .limit(limit)
            )
            rows = session.execute(query).all()
            readers = _readers(session, [row[0].id for row in rows])
            return [
                Notice(
                    notice.id,
                    notice.listing_id,
                    words or "",
                    fell,
                    after,
                    by_name,
                    OverturnEffects.of(notice.undid),
                    notice.created_at,
                    person.display_name if person.id != viewer.id else None,
                    None if unread else _reader(readers[notice.id], viewer),
                )
                for notice, words, fell, after, by_name, person, unread in rows
            ]

    def unread(self, viewer: Reviewer) -> int:
        """The number of unread notices of the viewer."""
        with self.database.reading() as session:
            seen = _seen_by(session, viewer)
            query = select(func.count()).select_from(OverturnNotice).where(seen.visible, seen.unread)
            return session.scalar(query) or 0

    def at_stake(self, standing: Review) -> OverturnEffects:
        """What an overturning decision would undo, before it is made."""
        with self.database.reading() as session:
            return at_stake(session, standing)

    def mark_read(self, notice_ids: Collection[int], viewer: Reviewer) -> int:
        """Mark notices as read; returns how many were visible to the viewer and unread."""
        with self.database.writing() as session:
            take_turn(session)
            seen = _seen_by(session, viewer)
            found = session.scalars(
                select(OverturnNotice)
                .where(OverturnNotice.id.in_(notice_ids), seen.visible, seen.unread)
                .order_by(OverturnNotice.id)
            ).all()
            for notice in found:
                session.add(NoticeRead(notice_id=notice.id, reviewer_id=viewer.id))
                append(
                    session,
                    audit_names.reviewer(viewer.name),
                    AuditAction.OVERTURN_READ,
                    audit_names.listing(notice.listing_id),
                    {"notice": notice.id},
                )
            return len(found)


@dataclass(frozen=True)
class _Seen:
    """The notices visible to a viewer, and which of them are unread."""

    visible: ColumnElement[bool]
    unread: ColumnElement[bool]


def _seen_by(session: Session, viewer: Reviewer) -> _Seen:
    own = OverturnNotice.reviewer_id == viewer.id
    hidden = list(blinds_of(session, viewer.id))
    read = select(NoticeRead.id).where(NoticeRead.notice_id == OverturnNotice.id)
    unread_by_me = ~exists(read.where(NoticeRead.reviewer_id == viewer.id))
    visible: ColumnElement[bool] = own
    unread: ColumnElement[bool] = and_(own, unread_by_me)
    if viewer.role in LEADING:
        inherited = and_(~own, OverturnNotice.reviewer_id.in_(_gone()))
        if _another_leads(session, viewer):
            # Somebody who overturned a decision must not read its notice on behalf of the addressee.
            mine = select(Review.id).where(Review.reviewer_id == viewer.id)
            inherited = and_(inherited, OverturnNotice.by_review_id.not_in(mine))
        visible = or_(own, inherited)
        unread = or_(unread, and_(inherited, ~exists(read)))
    if hidden:
        visible = and_(visible, OverturnNotice.listing_id.not_in(hidden))
    return _Seen(visible, unread)


def _gone() -> Select[Any]:
    """The accounts that no longer work on cases."""
    return select(Reviewer.id).where(
        or_(Reviewer.disabled_at.is_not(None), Reviewer.role.not_in(values_of(REVIEWING)))
    )


def _another_leads(session: Session, viewer: Reviewer) -> bool:
    others = select(Reviewer.id).where(is_active(LEADING), Reviewer.id != viewer.id)
    return session.scalar(others.limit(1)) is not None


def _readers(session: Session, notice_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """The readers of each notice, account numbers and names, earliest first."""
    found: dict[int, dict[int, str]] = {number: {} for number in notice_ids}
    query = (
        select(NoticeRead.notice_id, Reviewer.id, Reviewer.display_name)
        .join(Reviewer, Reviewer.id == NoticeRead.reviewer_id)
        .where(NoticeRead.notice_id.in_(notice_ids))
        .order_by(NoticeRead.id)
    )
    for notice_id, reader_id, name in session.execute(query):
        found[notice_id][reader_id] = name
    return found


def _reader(readers: dict[int, str], viewer: Reviewer) -> str:
    return readers.get(viewer.id) or next(iter(readers.values()))


def told_of(session: Session, reader: Reviewer, listing_ids: Collection[int]) -> set[int]:
    """Those of these listings about which this person has a notice, or reads one on behalf of a colleague."""
    query = select(OverturnNotice.listing_id).where(OverturnNotice.listing_id.in_(listing_ids))
    mine = OverturnNotice.reviewer_id == reader.id
    known = or_(mine, OverturnNotice.reviewer_id.in_(_gone())) if reader.role in LEADING else mine
    return set(session.scalars(query.where(known)))
