"""Writing to the thread of a case, and finding its open questions."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import decides_cases
from service.store.appeals.answering import may_decide
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.assignments import holder_of, put
from service.store.database.errors import Refusal
from service.store.database.json_text import storable
from service.store.database.row_ids import is_row_id
from service.store.index.entries import URGENCY, CaseState
from service.store.tables.case_tables import CaseClaim, QueueEntry
from service.store.tables.core_tables import UNSURE, Review, Reviewer
from service.store.teamwork.tables import CaseMessage
from service.text import question_texts

MAX_MESSAGE = 4000
"""Maximum length of an entry in characters, the same as of a note."""

MOST_MESSAGES = 200
"""Maximum number of entries in one thread."""


class AskRefused(Refusal):
    """A question or answer that cannot be stored."""


def leave_question(
    session: Session, review: Review, author: Reviewer, asked_id: int | None, task_id: int | None = None
) -> None:
    """Add the note of an unsure review to the thread as a question, in the caller's transaction.

    ``review`` may be a blind reading in the form of a review, with its task ``task_id``. Raises
    :class:`AskRefused`.
    """
    if asked_id is not None and review.decision != UNSURE:
        raise AskRefused(question_texts.NOT_UNSURE)
    if asked_id is not None and not review.note:
        raise AskRefused(question_texts.NO_QUESTION)
    if review.decision == UNSURE and review.note:
        _write(session, review.listing_id, author, review.note, asked_id, task_id, review.id, opens=True)


def add_message(
    session: Session,
    listing_id: int,
    author: Reviewer,
    text: str,
    asked_id: int | None,
    task_id: int | None = None,
) -> CaseMessage:
    """Add an entry to the thread, in the caller's transaction.

    If it answers a question, an undecided case is assigned to its author again, unless somebody else has it.
    Raises :class:`AskRefused`.
    """
    take_turn(session)
    words = storable(text.strip())
    assert isinstance(words, str)
    if not 1 <= len(words) <= MAX_MESSAGE:
        raise AskRefused(question_texts.LENGTH.format(most=MAX_MESSAGE))
    count = select(func.count()).where(CaseMessage.listing_id == listing_id)
    if (session.scalar(count) or 0) >= MOST_MESSAGES:
        raise AskRefused(question_texts.FULL.format(most=MOST_MESSAGES))
    newest = select(func.max(Review.id)).where(Review.listing_id == listing_id)
    last_review = session.scalar(newest) or 0
    answered = [] if task_id is not None else _open_to(session, listing_id, author.id)
    row = _write(session, listing_id, author, words, asked_id, task_id, last_review, opens=False)
    if answered:
        _bring_back(session, answered[-1], author, row)
    return row


_LATER = aliased(CaseMessage)


@cache
def is_open() -> ColumnElement[bool]:
    """Whether a question to a named person waits for an answer.

    It does until that person writes, or a later decision or withdrawal ends it. Questions of a blind reader
    reach nobody.
    """
    answered = exists(
        select(_LATER.id).where(
            _LATER.listing_id == CaseMessage.listing_id,
            _LATER.id > CaseMessage.id,
            _LATER.author_id == CaseMessage.asked_id,
            _LATER.task_id.is_(None),
        )
    )
    return and_(CaseMessage.asked_id.is_not(None), CaseMessage.task_id.is_(None), ~answered, ~is_over())


@cache
def is_over() -> ColumnElement[bool]:
    """Whether the case was decided, or a decision withdrawn, after an entry."""
    return exists(
        select(Review.id).where(
            Review.listing_id == CaseMessage.listing_id,
            Review.id > CaseMessage.last_review,
            Review.decision != UNSURE,
        )
    )


def takes_part(session: Session, reader: Reviewer, listing_ids: Collection[int]) -> set[int]:
    """Those of these listings in whose thread this person wrote or was asked."""
    asked = and_(CaseMessage.asked_id == reader.id, CaseMessage.task_id.is_(None))
    query = select(CaseMessage.listing_id).where(
        CaseMessage.listing_id.in_(listing_ids), or_(CaseMessage.author_id == reader.id, asked)
    )
    return set(session.scalars(query))


def _write(
    session: Session,
    listing_id: int,
    author: Reviewer,
    text: str,
    asked_id: int | None,
    task_id: int | None,
    last_review: int,
    *,
    opens: bool,
) -> CaseMessage:
    asked = None if asked_id is None else _colleague(session, author, asked_id)
    row = CaseMessage(
        listing_id=listing_id,
        author_id=author.id,
        asked_id=asked_id,
        text=text,
        opens=opens,
        last_review=last_review,
        task_id=task_id,
    )
    session.add(row)
    session.flush()
    detail = {"message": row.id, "characters": len(text)} | ({"task": task_id} if task_id else {})
    append(
        session,
        audit_names.reviewer(author.name),
        AuditAction.THREAD_WRITE if asked is None else AuditAction.THREAD_ASK,
        audit_names.listing(listing_id),
        detail | ({} if asked is None else {"to": asked.name}),
    )
    return row


def _colleague(session: Session, author: Reviewer, asked_id: int) -> Reviewer:
    asked = session.get(Reviewer, asked_id) if is_row_id(asked_id) else None
    if asked is None or not decides_cases(asked) or asked.id == author.id:
        raise AskRefused(question_texts.CANNOT_BE_ASKED)
    return asked


def _open_to(session: Session, listing_id: int, asked_id: int) -> list[CaseMessage]:
    query = select(CaseMessage).where(
        CaseMessage.listing_id == listing_id, CaseMessage.asked_id == asked_id, is_open()
    )
    return list(session.scalars(query.order_by(CaseMessage.id)))


def _bring_back(session: Session, question: CaseMessage, by: Reviewer, answer: CaseMessage) -> None:
    asker = session.get_one(Reviewer, question.author_id)
    entry = session.get(QueueEntry, question.listing_id)
    holding = holder_of(session, question.listing_id)
    if not decides_cases(asker) or not may_decide(session, question.listing_id, asker):
        return
    if entry is None or entry.urgency <= URGENCY[CaseState.DECIDED]:
        return
    if holding is not None and holding.reviewer_id != by.id:
        return
    put(session, CaseClaim(listing_id=question.listing_id, reviewer_id=asker.id, handed_by=by.id), None)
    append(
        session,
        audit_names.reviewer(by.name),
        AuditAction.CASE_ASSIGN,
        audit_names.listing(question.listing_id),
        {"to": asker.name, "answer": answer.id},
    )
