"""Console sessions: opened by a login, ended by a logout or by a change to the account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.errors import StoreBusy, StoreError
from service.store.database.repository import Repository
from service.store.tables.core_tables import Reviewer
from service.store.tables.session_tables import ConsoleSession

USE_STEP = timedelta(minutes=5)
"""Resolution of the last-used time: writing at every request would slow all of them."""
_PROVED = ("password_hash", "role", "totp_secret")
"""Fields of an account that must not have changed since its login was checked."""
WRONG_CLOCK = timedelta(hours=1)
"""A session last used further in the future than this was opened by a wrong clock and would last too long."""
KEEP = timedelta(days=30)
"""How long the row of an ended session is retained."""


class AccountChanged(StoreError):
    """The account changed between the check of its login and the opening of the session."""


@dataclass(frozen=True)
class OpenSession:
    """A session that is neither ended nor expired, with its account."""

    row: ConsoleSession
    reviewer: Reviewer


class SessionRepository(Repository):
    """Repository of sessions, which are identified by the digest of their secret."""

    def open(
        self,
        digest: str,
        reviewer_id: int,
        lasts: timedelta,
        *,
        identity_id: int | None = None,
        provider_factor: bool = False,
        awaits_code: bool = False,
        instead_of: str | None = None,
        known_as: Reviewer | None = None,
    ) -> None:
        """Open a session that replaces the browser's session ``instead_of``.

        ``known_as`` is the account against which the login was checked. A change to an account ends its
        sessions, so a login that was checked before the change must not open one after it. Raises
        :class:`AccountChanged`.
        """
        at = now()
        with self.database.writing() as session:
            take_turn(session)
            if known_as is not None:
                row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
                if row.disabled_at is not None or any(
                    getattr(row, name) != getattr(known_as, name) for name in _PROVED
                ):
                    raise AccountChanged(f"the account {row.name} was changed during its login: log in again")
            session.execute(delete(ConsoleSession).where(ConsoleSession.expires_at < at - KEEP))
            if instead_of is not None:
                _end(session, at, ConsoleSession.digest == instead_of)
            session.add(
                ConsoleSession(
                    digest=digest,
                    reviewer_id=reviewer_id,
                    identity_id=identity_id,
                    provider_factor=provider_factor,
                    awaits_code=awaits_code,
                    created_at=at,
                    last_used_at=at,
                    expires_at=at + lasts,
                )
            )

    def find(self, digest: str) -> OpenSession | None:
        """The open session with this digest, if its account is enabled."""
        query = (
            select(ConsoleSession, Reviewer)
            .join(Reviewer, Reviewer.id == ConsoleSession.reviewer_id)
            .where(
                ConsoleSession.digest == digest,
                *_is_open(now()),
                Reviewer.disabled_at.is_(None),
            )
        )
        with self.database.reading() as session:
            found = session.execute(query).first()
        return None if found is None else OpenSession(*found)

    def note_use(self, row: ConsoleSession, lasts: timedelta) -> None:
        """Extend a session from now on; one that awaits a code is not extended."""
        at = now()
        if row.awaits_code or at - row.last_used_at < min(USE_STEP, lasts / 10):
            return
        try:
            with self.database.writing() as session:
                session.execute(
                    update(ConsoleSession)
                    .where(ConsoleSession.id == row.id, ConsoleSession.ended_at.is_(None))
                    .values(last_used_at=at, expires_at=at + lasts)
                )
        except StoreBusy:
            return  # the next request retries; a read-only page must not fail for it

    def end(self, digest: str) -> None:
        """End one session, if it exists."""
        with self.database.writing() as session:
            _end(session, now(), ConsoleSession.digest == digest)

    def end_all(self, reviewer_id: int, actor: str) -> int:
        """End every session of an account; returns how many there were."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id)
            count = end_sessions(session, reviewer_id)
            subject = audit_names.reviewer(row.name)
            append(session, actor, AuditAction.USER_END_SESSIONS, subject, {"sessions": count})
        return count

    def counts(self) -> dict[int, int]:
        """The number of open sessions per account, without those that await a code."""
        query = (
            select(ConsoleSession.reviewer_id, func.count())
            .where(*_is_open(now()), ConsoleSession.awaits_code.is_(False))
            .group_by(ConsoleSession.reviewer_id)
        )
        with self.database.reading() as session:
            return {number: count for number, count in session.execute(query)}


def end_sessions(session: Session, reviewer_id: int, identity_id: int | None = None) -> int:
    """End an account's sessions, or those opened through one link, inside the caller's transaction."""
    conditions = [ConsoleSession.reviewer_id == reviewer_id]
    if identity_id is not None:
        conditions.append(ConsoleSession.identity_id == identity_id)
    return _end(session, now(), *conditions)


def _is_open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ConsoleSession.ended_at.is_(None),
        ConsoleSession.expires_at > at,
        ConsoleSession.last_used_at <= at + WRONG_CLOCK,
    )


def _end(session: Session, at: datetime, *conditions: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(ConsoleSession)
        .where(ConsoleSession.ended_at.is_(None), ConsoleSession.expires_at > at, *conditions)
        .values(ended_at=at)
        .returning(ConsoleSession.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
