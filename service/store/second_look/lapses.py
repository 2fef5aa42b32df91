"""Expiry of blind tasks that remain unread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import REVIEWING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.second_look.blinds import alive, joined
from service.store.tables.blind_tables import BlindReading, BlindTask, Ending, GoldenCase, SecondLook
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Listing, Review, Reviewer

WAITS = timedelta(days=7)
"""A blind case that stays unread this long lapses; a second look goes to another reader."""

LEFT_OPEN = timedelta(days=3)
"""A case that was begun and abandoned lapses sooner: a weekend, and a day to come back."""


@dataclass(frozen=True)
class Lapse:
    """A blind task that lapsed unread.

    ``opened`` is whether the reader had begun, by a first mark. ``is_golden`` distinguishes golden cases from
    second looks; of a second look, ``new_reader`` is its current reader and ``is_read`` whether it was read
    since. With ``is_over`` the decision is no longer in force, so nobody is asked again.
    """

    task: BlindTask
    title: str
    reader_name: str
    first_reviewer: int
    opened: bool
    is_golden: bool
    new_reader: str | None
    is_read: bool
    is_over: bool


class LapseRepository(Repository):
    """Repository of lapsed tasks, for leads."""

    def newest(self, limit: int = 50) -> Sequence[Lapse]:
        """The most recently lapsed tasks, newest first."""
        later, other = aliased(BlindTask), aliased(Reviewer)
        title = func.coalesce(func.nullif(Listing.title, ""), func.substr(Listing.description, 1, 160))
        asked: Any = select(
            BlindTask,
            title,
            Reviewer.display_name,
            Review.reviewer_id,
            BlindTask.since.is_not(None),
            BlindTask.golden_id.is_not(None),
            other.display_name,
            SecondLook.agrees.is_not(None),
            or_(
                QueueEntry.review_id != BlindTask.review_id,
                SecondLook.settled_at.is_not(None),
                GoldenCase.retired_at.is_not(None),
            ),
        )
        query = (
            joined(asked)
            .join(Listing, Listing.id == BlindTask.listing_id)
            .join(Review, Review.id == BlindTask.review_id)
            .join(Reviewer, Reviewer.id == BlindTask.reviewer_id)
            .outerjoin(later, (later.look_id == BlindTask.look_id) & later.ended_at.is_(None))
            .outerjoin(other, other.id == later.reviewer_id)
            .where(BlindTask.ended_how == Ending.LAPSED.value)
            .order_by(BlindTask.ended_at.desc(), BlindTask.id.desc())
            .limit(limit)
        )
        with self.database.reading() as session:
            return [
                Lapse(task, title, reader, first, bool(opened), bool(golden), new, bool(read), bool(over))
                for task, title, reader, first, opened, golden, new, read, over in session.execute(query)
            ]


def take_back(session: Session) -> None:
    """End tasks that lapsed or whose reader is gone, and those superseded before they were read."""
    unread = ~exists(
        select(BlindReading.id).where(
            BlindReading.task_id == BlindTask.id, BlindReading.withdrawn_at.is_(None)
        )
    )
    query = (
        joined(select(BlindTask, Reviewer, alive(now())))
        .join(Reviewer, Reviewer.id == BlindTask.reviewer_id)
        .where(BlindTask.ended_at.is_(None), unread)
        .order_by(BlindTask.id)
    )
    at = now()
    for task, reader, lives in session.execute(query).all():
        if not lives:
            ending = Ending.OVERTAKEN
        elif reader.disabled_at is not None or reader.role not in REVIEWING:
            ending = Ending.LEFT
        elif _lies(task, at):
            ending = Ending.LAPSED
            detail = {"task": task.id, "from": reader.name, "opened": task.since is not None}
            append(
                session,
                audit_names.WORKER,
                AuditAction.BLIND_LAPSE,
                audit_names.listing(task.listing_id),
                detail | cause_of(task),
            )
        else:
            continue
        task.ended_at, task.ended_how = at, ending.value


def _lies(task: BlindTask, at: datetime) -> bool:
    """Whether the reader has had the case for too long and is not reading it now."""
    if task.until is None:
        return task.dealt_at < at - WAITS
    return task.until < at - LEFT_OPEN or (task.until <= at and task.dealt_at < at - WAITS)


def cause_of(task: BlindTask) -> dict[str, int | None]:
    """The second look or golden case that a task belongs to, for the audit trail."""
    return {"look": task.look_id} if task.look_id is not None else {"golden": task.golden_id}
