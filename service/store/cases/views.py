"""Saved views: named filters of the queue, private or shared by a lead."""

from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.store.accounts.policy import LEADING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append
from service.store.database.errors import Refusal
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.case_tables import DefaultView, SavedView
from service.store.tables.core_tables import Reviewer
from service.text.store_texts import NOT_A_LEAD, TOO_MANY_VIEWS, WRONG_NAME, WRONG_QUERY

MAX_NAME = 100
MAX_QUERY = 6000
"""Maximum length of a query string: more than the queue's filter can have."""
MAX_VIEWS = 50
"""Maximum number of views per person."""


class ViewRefused(Refusal):
    """A view that cannot be saved: unnamed, too long, or beyond the maximum number."""


@dataclass(frozen=True)
class View:
    """A saved view as one person sees it."""

    id: int
    name: str
    query: str
    shared: bool
    own: bool
    owner_name: str
    is_default: bool


class ViewRepository(Repository):
    """Repository of saved views."""

    def of(self, reviewer_id: int) -> list[View]:
        """A person's own views and those shared with the team, by name."""
        query = (
            select(SavedView, Reviewer.display_name, DefaultView.reviewer_id.is_not(None))
            .join(Reviewer, Reviewer.id == SavedView.reviewer_id)
            .outerjoin(
                DefaultView,
                (DefaultView.view_id == SavedView.id) & (DefaultView.reviewer_id == reviewer_id),
            )
            .where(or_(SavedView.reviewer_id == reviewer_id, SavedView.shared))
            .order_by(SavedView.name, SavedView.id)
        )
        with self.database.reading() as session:
            return [
                View(
                    row.id,
                    row.name,
                    row.query,
                    row.shared,
                    row.reviewer_id == reviewer_id,
                    name,
                    bool(chosen),
                )
                for row, name, chosen in session.execute(query)
            ]

    def save(
        self, reviewer: Reviewer, name: str, query: str, *, shared: bool = False, default: bool = False
    ) -> int:
        """Save a view, replacing the person's own view of the same name; returns its number.

        A view that a lead has shared stays shared. Raises :class:`ViewRefused`; only leads may share.
        """
        name = " ".join(storable(name).split())
        if not 0 < len(name) <= MAX_NAME:
            raise ViewRefused(WRONG_NAME.format(most=MAX_NAME))
        if len(query) > MAX_QUERY:
            raise ViewRefused(WRONG_QUERY.format(most=MAX_QUERY))
        if shared and reviewer.role not in LEADING:
            raise ViewRefused(NOT_A_LEAD)
        try:
            with self.database.writing() as session:
                return _save(session, reviewer, name, query, shared, default)
        except IntegrityError:
            # PostgreSQL: the same form was submitted twice concurrently.
            with self.database.writing() as session:
                return _save(session, reviewer, name, query, shared, default)

    def delete(self, reviewer: Reviewer, view_id: int) -> bool:
        """Delete a view of one's own; returns whether it existed."""
        with self.database.writing() as session:
            row = session.get(SavedView, view_id)
            if row is None or row.reviewer_id != reviewer.id:
                return False
            session.execute(delete(DefaultView).where(DefaultView.view_id == view_id))
            if row.shared:
                _audit(session, reviewer, AuditAction.VIEW_UNSHARE, row)
            session.delete(row)
            return True

    def share(self, reviewer: Reviewer, view_id: int, shared: bool) -> bool:
        """Share a view of one's own with the team, or stop sharing it; returns whether it exists."""
        with self.database.writing() as session:
            row = session.get(SavedView, view_id)
            if row is None or row.reviewer_id != reviewer.id or reviewer.role not in LEADING:
                return False
            if row.shared != shared:
                row.shared = shared
                _audit(session, reviewer, AuditAction.VIEW_SHARE if shared else AuditAction.VIEW_UNSHARE, row)
            return True

    def set_default(self, reviewer_id: int, view_id: int | None) -> bool:
        """Set or clear the default view; returns whether this person can see the view."""
        with self.database.writing() as session:
            if view_id is not None:
                row = session.get(SavedView, view_id)
                if row is None or not (row.shared or row.reviewer_id == reviewer_id):
                    return False
            _set_default(session, reviewer_id, view_id)
            return True


def _save(session: Session, reviewer: Reviewer, name: str, query: str, shared: bool, default: bool) -> int:
    own = select(SavedView).where(SavedView.reviewer_id == reviewer.id)
    row = session.scalars(own.where(SavedView.name == name)).first()
    if row is None:
        if len(session.scalars(own).all()) >= MAX_VIEWS:
            raise ViewRefused(TOO_MANY_VIEWS.format(most=MAX_VIEWS))
        row = SavedView(reviewer_id=reviewer.id, name=name, shared=False)
        session.add(row)
    row.query = query
    # What the team sees is for leads to say: also no longer that of somebody who was one.
    shared = shared or (row.shared and reviewer.role in LEADING)
    if row.shared != shared:
        row.shared = shared
        session.flush()
        _audit(session, reviewer, AuditAction.VIEW_SHARE if shared else AuditAction.VIEW_UNSHARE, row)
    session.flush()
    if default:
        _set_default(session, reviewer.id, row.id)
    return row.id


def _set_default(session: Session, reviewer_id: int, view_id: int | None) -> None:
    row = session.get(DefaultView, reviewer_id)
    if view_id is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(DefaultView(reviewer_id=reviewer_id, view_id=view_id))
    else:
        row.view_id = view_id


def _audit(session: Session, reviewer: Reviewer, action: AuditAction, row: SavedView) -> None:
    append(session, audit_names.reviewer(reviewer.name), action, audit_names.view(row.id), {"name": row.name})
