"""Login: password, second factor, and lockout after failures."""

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
from service.store.database.encryption import Cipher, DecryptionFailed
from service.store.database.engine import Database
from service.store.database.repository import Repository
from service.store.tables.core_tables import Reviewer, Role


@dataclass(frozen=True)
class LoginStep:
    """The outcome of a login step.

    ``reviewer`` is ``None`` when the login was refused. The reason is not given, so as not to help an
    attacker.
    """

    reviewer: Reviewer | None = None
    needs_code: bool = False
    """The password was right, and a second factor is required."""
    unreadable: bool = False
    """The second factor's secret cannot be decrypted because the service's secret key changed."""


class LoginRepository(Repository):
    """Checks logins and counts failures in the database, shared by all processes.

    Wrong passwords lock an account for the address they came from, wrong codes for every address.

    Each method decides and writes in one transaction with the reviewer's row locked: concurrent guesses are
    counted one after the other, and those beyond the limit fail even if they are right.
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
        """Check the password.

        Unknown, locked and disabled names take as long as a wrong password.

        Accounts whose role is not in ``roles`` have no password login and are always refused.
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
            if lockout.holds(row.locked_until, at) or failed_logins.is_locked(
                session, row.id, address, lockout, at
            ):
                return _refuse(session, row, address, "locked")
            # If the password was changed while the old one was being checked, the old one is wrong.
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
        cipher: Cipher,
        lockout: Lockout,
        address: str = "",
        action: AuditAction = AuditAction.LOGIN,
    ) -> LoginStep:
        """Check a code, as the second login step or before ``action``; the code is used up."""
        at = now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Reviewer, reviewer_id, with_for_update=True)
            if row is None or row.disabled_at is not None:
                return LoginStep()
            if lockout.holds(row.locked_until, at):
                return _refuse(session, row, address, "locked")
            try:
                factor = accept(session, row, code, cipher, at)
            except DecryptionFailed:
                _refuse(session, row, address, "unreadable secret")
                return LoginStep(unreadable=True)
            if factor is None:
                return _fail(session, row, address, "code", lockout, at)
            _succeed(session, row, address, factor, action)
            return LoginStep(row)

    def password_again(self, reviewer_id: int, password: str, lockout: Lockout, address: str = "") -> bool:
        """Check the password of a logged-in user again, before a sensitive change.

        A wrong password counts as a failed login, and while the account is locked the right one fails too.
        The right one does not clear the failures: a second factor may still be required.
        """
        row = self._users.get(reviewer_id)
        right = row is not None and self._users.authenticate(row.name, password) is not None
        at = now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(Reviewer, reviewer_id, with_for_update=True)
            if row is None or row.disabled_at is not None:
                return False
            if lockout.holds(row.locked_until, at):
                _refuse(session, row, address, "locked")
                return False
            if not right:
                _fail(session, row, address, "password", lockout, at)
            return right

    def unlock(self, name: str, actor: str) -> Reviewer | None:
        """End a lock and clear the failures; ``None`` if there is no such reviewer."""
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
    """Count a failure after a correct password: it locks the account for every address."""
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
