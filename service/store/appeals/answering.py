"""Tells which appeals are open and which decision answers one.

That is the next of which the platform is notified. If its author withdraws it, the appeal is open again.
"""

from functools import cache

from sqlalchemy import ColumnElement, ScalarSelect, Select, select
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import REVIEWING, is_active
from service.store.appeals.tables import Appeal
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.cases.decisions import is_told, is_undone, undoes_after
from service.store.tables.core_tables import Review, Reviewer

# Aliases and queries that every case page needs are made once: making them costs more than running them.
_LATER = aliased(Review)


@cache
def answer_id() -> ScalarSelect[int]:
    """Return the number of the review that answers the row's appeal; null while it is open."""
    return (
        select(_LATER.id)
        .where(
            _LATER.listing_id == Appeal.listing_id,
            _LATER.id > Appeal.review_id,
            is_told(_LATER),
            ~is_undone(_LATER),
            ~undoes_after(_LATER, Appeal.review_id),
        )
        .order_by(_LATER.id)
        .limit(1)
        .correlate(Appeal)
        .scalar_subquery()
    )


def is_unanswered() -> ColumnElement[bool]:
    """Whether the row's appeal is unanswered."""
    return answer_id().is_(None)


def open_appeal(session: Session, listing_id: int) -> Appeal | None:
    """Return the open appeal about a listing, or ``None``."""
    query = select(Appeal).where(Appeal.listing_id == listing_id, is_unanswered())
    return session.scalars(query.order_by(Appeal.id.desc()).limit(1)).first()


def may_answer(session: Session, appeal: Appeal, reviewer: Reviewer) -> bool:
    """Whether a reviewer may answer an appeal: not against their own decision if anybody else could."""
    contested = session.get_one(Review, appeal.review_id)
    if contested.reviewer_id != reviewer.id:
        return True
    return session.scalars(_others(reviewer.id).limit(1)).first() is None


def may_decide(session: Session, listing_id: int, reviewer: Reviewer) -> bool:
    """Whether no open appeal prevents a reviewer from deciding a listing."""
    appeal = open_appeal(session, listing_id)
    return appeal is None or may_answer(session, appeal, reviewer)


def closed_to(reviewer_id: int) -> Select[int]:
    """A query of the listings that a reviewer may not decide, because of an open appeal."""
    # Not a join, in which SQLite would look up an appeal for each review of this person.
    author = select(Review.reviewer_id).where(Review.id == Appeal.review_id).scalar_subquery()
    return select(Appeal.listing_id).where(
        author == reviewer_id, is_unanswered(), _others(reviewer_id).exists()
    )


def record_answer(session: Session, appeal: Appeal | None, review: Review, reviewer: Reviewer) -> None:
    """Append the audit entry of the answer, if ``review`` answers ``appeal``, which was open before it."""
    if appeal is None or open_appeal(session, appeal.listing_id) is not None:
        return
    append(
        session,
        audit_names.reviewer(reviewer.name),
        AuditAction.APPEAL_ANSWER,
        audit_names.listing(appeal.listing_id),
        {"appeal": appeal.id, "contested": appeal.review_id, "review": review.id},
    )


def _others(reviewer_id: int) -> Select[int]:
    """Everybody else who could answer; who has not accepted the invitation cannot."""
    return select(Reviewer.id).where(Reviewer.id != reviewer_id, is_active(REVIEWING))
