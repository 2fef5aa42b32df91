"""Threads of cases as visible to one viewer, and open questions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.accounts.policy import LEADING, REVIEWING
from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.listings.repository import require
from service.store.second_look.blinds import alive, blinds_of, joined
from service.store.tables.blind_tables import BlindTask
from service.store.tables.core_tables import UNSURE, Listing, Reviewer
from service.store.teamwork.notices import TITLE
from service.store.teamwork.questions import add_message, is_open, is_over
from service.store.teamwork.tables import CaseMessage


@dataclass(frozen=True)
class Entry:
    """An entry of a thread.

    Attributes:
        asked_name: who is asked by name, if anybody.
        waits: it is a question to a named person without an answer.
        asks: it is a question, to a named person or to anybody, and no decision came after it.
        asked_is_gone: the person asked no longer works on cases.
    """

    id: int
    listing_id: int
    author_id: int
    author_name: str
    asked_id: int | None
    asked_name: str | None
    text: str
    created_at: datetime
    waits: bool
    asks: bool
    asked_is_gone: bool


_REPLY, _OWN = aliased(CaseMessage), aliased(CaseMessage)
_AUTHOR, _ASKED = aliased(Reviewer), aliased(Reviewer)


@dataclass(frozen=True)
class Question:
    """A question with its case; ``answer`` is the newest later entry by the person asked."""

    entry: Entry
    title: str
    answer: Entry | None


class ThreadRepository(Repository):
    """Repository of threads. For a case read blind, the viewer sees only their own entries."""

    def of(self, listing_id: int, viewer: Reviewer) -> list[Entry]:
        """The thread of a case, oldest entry first."""
        with self.database.reading() as session:
            return _entries(session, viewer, CaseMessage.listing_id == listing_id)

    def questions(self, listing_ids: Collection[int], viewer: Reviewer) -> dict[int, Entry]:
        """The newest question in the thread of each of these cases, by listing."""
        with self.database.reading() as session:
            asking = or_(CaseMessage.opens.is_(True), CaseMessage.asked_id.is_not(None))
            found = _entries(session, viewer, CaseMessage.listing_id.in_(listing_ids), asking)
        return {entry.listing_id: entry for entry in found if entry.asks}

    def asked_of(self, viewer: Reviewer) -> list[Question]:
        """The questions that wait for the viewer's answer, oldest first."""
        with self.database.reading() as session:
            found = _entries(session, viewer, CaseMessage.asked_id == viewer.id, is_open())
            return _with_titles(session, [(entry, None) for entry in found])

    def asked_by(self, viewer: Reviewer) -> list[Question]:
        """The viewer's questions to named persons, while no decision came after them, newest first."""
        with self.database.reading() as session:
            mine = (CaseMessage.author_id == viewer.id, CaseMessage.asked_id.is_not(None), ~is_over())
            asked = [entry for entry in _entries(session, viewer, *mine) if entry.asks]
            numbers = {entry.listing_id for entry in asked}
            entries = _entries(session, viewer, CaseMessage.listing_id.in_(numbers)) if numbers else []
            found = []
            for entry in reversed(asked):
                said = [
                    other
                    for other in entries
                    if other.listing_id == entry.listing_id
                    and other.id > entry.id
                    and other.author_id == entry.asked_id
                ]
                found.append((entry, said[-1] if said and not entry.waits else None))
            return _with_titles(session, found)

    def count(self, viewer: Reviewer) -> int:
        """The number of the viewer's pending questions: to answer, or answered and not acted on."""
        with self.database.reading() as session:
            to_me = _visible(session, viewer, CaseMessage.asked_id == viewer.id, is_open())
            acted = exists(
                select(_OWN.id).where(
                    _OWN.listing_id == _REPLY.listing_id, _OWN.author_id == viewer.id, _OWN.id > _REPLY.id
                )
            )
            answered = exists(
                select(_REPLY.id).where(
                    _REPLY.listing_id == CaseMessage.listing_id,
                    _REPLY.id > CaseMessage.id,
                    _REPLY.author_id == CaseMessage.asked_id,
                    _REPLY.task_id.is_(None),
                    ~acted,
                )
            )
            mine = (CaseMessage.author_id == viewer.id, CaseMessage.task_id.is_(None), ~is_over(), answered)
            from_me = _visible(session, viewer, *mine)
            to, by = (
                select(func.count()).select_from(query.subquery()).scalar_subquery()
                for query in (to_me, from_me)
            )
            return session.scalar(select(to + by)) or 0

    def write(self, listing_id: int, author: Reviewer, text: str, asked_id: int | None = None) -> int:
        """Add an entry to the thread of a case; returns its number.

        Raises :class:`~service.store.teamwork.questions.AskRefused` and
        :class:`~service.store.database.errors.UnknownListing`.
        """
        with self.database.writing() as session:
            require(session, listing_id)
            blind = blinds_of(session, author.id, listing_id).get(listing_id)
            task_id = blind.task_id if blind is not None else None
            return add_message(session, listing_id, author, text, asked_id, task_id).id


def _visible(session: Session, viewer: Reviewer, *conditions: ColumnElement[bool]) -> Select[Any]:
    """A query of the entries that the viewer may read, to be narrowed further."""
    blinds = blinds_of(session, viewer.id)
    own = CaseMessage.author_id == viewer.id
    open_to_all = CaseMessage.task_id.is_(None)
    readable: ColumnElement[bool] = or_(open_to_all, own)
    if viewer.role in LEADING:
        # Leads learn of second readings when they settle them.
        living = joined(select(BlindTask.id)).where(alive(now()))
        readable = or_(readable, CaseMessage.task_id.not_in(living))
    if blinds:
        tasks = [blind.task_id for blind in blinds.values()]
        within = and_(own, CaseMessage.task_id.in_(tasks))
        readable = and_(readable, or_(CaseMessage.listing_id.not_in(list(blinds)), within))
    return select(CaseMessage.id).where(readable, *conditions)


def _entries(session: Session, viewer: Reviewer, *conditions: ColumnElement[bool]) -> list[Entry]:
    readable = _visible(session, viewer, *conditions).scalar_subquery()
    columns: Any = select(CaseMessage, _AUTHOR.display_name, _ASKED, is_open(), is_over())
    query = (
        columns.join(_AUTHOR, _AUTHOR.id == CaseMessage.author_id)
        .outerjoin(_ASKED, _ASKED.id == CaseMessage.asked_id)
        .where(CaseMessage.id.in_(readable))
        .order_by(CaseMessage.id)
    )
    blinds = {blind.task_id: blind for blind in blinds_of(session, viewer.id).values()}
    found = []
    for row, name, person, waits, over in session.execute(query):
        blind = blinds.get(row.task_id)
        if row.task_id is not None:
            # To its author, a blind question waits while their reading is unsure.
            own = blind.review if blind is not None else None
            over = own is None or own.decision != UNSURE  # noqa: PLW2901
            waits = row.asked_id is not None and not over  # noqa: PLW2901
        asks = (row.opens or row.asked_id is not None) and not over
        gone = person is not None and (person.disabled_at is not None or person.role not in REVIEWING)
        found.append(
            Entry(
                row.id,
                row.listing_id,
                row.author_id,
                name,
                row.asked_id,
                person.display_name if person is not None else None,
                row.text,
                row.created_at,
                bool(waits),
                bool(asks),
                bool(gone),
            )
        )
    return found


def _with_titles(session: Session, found: Sequence[tuple[Entry, Entry | None]]) -> list[Question]:
    title = func.coalesce(func.nullif(Listing.title, ""), func.substr(Listing.description, 1, TITLE))
    query = select(Listing.id, title).where(Listing.id.in_({entry.listing_id for entry, _ in found}))
    titles: dict[int, str] = {number: words for number, words in session.execute(query)}
    return [Question(entry, titles.get(entry.listing_id) or "", answer) for entry, answer in found]
