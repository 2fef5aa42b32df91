"""Logging in: the password, the second factor, and the lock after failures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.accounts import failed_logins
from service.store.accounts.lockout import Lockout
from service.store.accounts.second_factor import accept
from service.store.accounts.users import MAX_NAME, UserRepository, login_key
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.encryption import Seal, SealBroken
from service.store.database.engine import Database
from service.store.database.repository import Repository
from service.store.tables.core_tables import Reviewer, Role


@dataclass(frozen=True)
class LoginStep:
    """How a step of a login ended.

    ``reviewer`` is ``None`` when it was refused, for whatever reason: a stranger must not learn which.
    """

    reviewer: Reviewer | None = None
    needs_code: bool = False
    """The password was right, and a second factor is asked for."""
    unreadable: bool = False
    """The second factor's secret cannot be read, because the service's secret key changed."""


class LoginRepository(Repository):
    """Checks logins and counts failures in the database, so that all processes agree.

    Wrong passwords lock an account for the address that they came from, wrong codes for every address.

    Each method decides and writes in one transaction with the reviewer's row locked: guesses sent at once
    are counted one after the other, and those after the last allowed one fail, right or wrong.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._users = UserRepository(database)

    def password(
        self,
        name: str,
        password: str,
        lockout: Lockout,
        address: str = "",
        roles: frozenset[str] = frozenset(Role),
    ) -> LoginStep:
        """The first step.  An unknown, a locked and a disabled name cost as much time as a wrong password.

        Accounts of other roles than ``roles`` have no password login: right or wrong, it is refused.
        """
        right = self._users.authenticate(name, password)
        key, at = login_key(name)[:MAX_NAME], now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(select(Reviewer).where(Reviewer.name == key).with_for_update()).first()
            if row is None or row.disabled_at is not None:
                append(
                    session,
                    audit_names.reviewer(key),
                    AuditAction.LOGIN_REFUSED,
                    "",
                    {"address": address, "reason": "password"},
                )
                return LoginStep()
            if row.role not in roles:
                return _refuse(session, row, address, "password login is off")
            if row.is_locked(at) or failed_logins.is_locked(session, row.id, address, lockout, at):
                return _refuse(session, row, address, "locked")
            # A password that was set while the old one was being checked makes the old one wrong.
            if right is None or right.password_hash != row.password_hash:
                found = failed_logins.add(session, row.id, address, lockout, at)
                return _refuse_wrong(session, row, address, "password", found.failures, found.locked_until)
            if row.totp_secret is not None:
                append(
                    session,
                    audit_names.reviewer(row.name),
                    AuditAction.LOGIN_PASSWORD,
                    "",
                    {"address": address},
                )
                return LoginStep(row, needs_code=True)
            _succeed(session, row, address, "password", AuditAction.LOGIN)
            return LoginStep(row)

    def code(
        self,
        reviewer_id: int,
        code: str,
        seal: Seal,
        lockout: Lockout,
        address: str = "",
        action: AuditAction = AuditAction.LOGIN,
    ) -> LoginStep:
        """The second step, or a check of the second factor before ``action``; the code is used up."""
        at = now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Reviewer, reviewer_id, with_for_update=True)
            if row is None or row.disabled_at is not None:
                return LoginStep()
            if row.is_locked(at):
                return _refuse(session, row, address, "locked")
            try:
                factor = accept(session, row, code, seal, at)
            except SealBroken:
                _refuse(session, row, address, "unreadable secret")
                return LoginStep(unreadable=True)
            if factor is None:
                return _fail(session, row, address, "code", lockout, at)
            _succeed(session, row, address, factor, action)
            return LoginStep(row)

    def password_again(self, reviewer_id: int, password: str, lockout: Lockout, address: str = "") -> bool:
        """Whether this is the password of somebody who is logged in, asked for before a grave change.

        A wrong one counts as a failed login, and while the account is locked the right one fails too.  The
        right one does not take failures back: a second factor may still be asked for.
        """
        row = self._users.get(reviewer_id)
        right = row is not None and self._users.authenticate(row.name, password) is not None
        at = now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Reviewer, reviewer_id, with_for_update=True)
            if row is None or row.disabled_at is not None:
                return False
            if row.is_locked(at):
                _refuse(session, row, address, "locked")
                return False
            if not right:
                _fail(session, row, address, "password", lockout, at)
            return right

    def unlock(self, name: str, actor: str) -> Reviewer | None:
        """End a lock and forget the failures; ``None`` if there is no such reviewer."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(
                select(Reviewer).where(Reviewer.name == login_key(name)).with_for_update()
            ).first()
            if row is not None:
                row.failed_logins, row.locked_until = 0, None
                failed_logins.forget(session, row.id)
                append(session, actor, AuditAction.USER_UNLOCK, audit_names.reviewer(row.name))
            return row

    def locks(self, reviewer_id: int) -> list[tuple[str, datetime]]:
        """The addresses for which wrong passwords have locked an account, and until when."""
        at = now()
        with self.database.reading() as session:
            found = failed_logins.locks_of(session, reviewer_id, at)
            return [(row.address, row.locked_until) for row in found if row.locked_until is not None]


def _refuse(session: Session, row: Reviewer, address: str, reason: str, **more: Any) -> LoginStep:
    detail = {"address": address, "reason": reason} | more
    append(session, audit_names.reviewer(row.name), AuditAction.LOGIN_REFUSED, "", detail)
    return LoginStep()


def _fail(
    session: Session, row: Reviewer, address: str, reason: str, lockout: Lockout, at: datetime
) -> LoginStep:
    """Count a failure of somebody who knew the password: it locks the account for every address."""
    row.failed_logins += 1
    row.locked_until = lockout.until(row.failed_logins, at)
    return _refuse_wrong(session, row, address, reason, row.failed_logins, row.locked_until)


def _refuse_wrong(
    session: Session, row: Reviewer, address: str, reason: str, failures: int, until: datetime | None
) -> LoginStep:
    more = {"locked_until": until.isoformat()} if until else {}
    return _refuse(session, row, address, reason, failures=failures, **more)


def _succeed(session: Session, row: Reviewer, address: str, factor: str, action: AuditAction) -> None:
    row.failed_logins, row.locked_until = 0, None
    failed_logins.forget(session, row.id, address)
    if action == AuditAction.LOGIN:
        row.last_login_at = now()
    append(session, audit_names.reviewer(row.name), action, "", {"address": address, "factor": factor})
