"""Reviewers: the accounts of people who log in."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from service.store.accounts.sessions import end_sessions
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.errors import LastAdmin, NameTaken
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.tables.core_tables import Reviewer, Role
from service.store.tables.session_tables import PasswordLink

MIN_PASSWORD, MAX_PASSWORD, MAX_NAME = 10, 200, 100

_hasher = PasswordHasher()
_nobody = ""


def generated_password() -> str:
    """A random password of 96 bits that is easy to copy."""
    return secrets.token_urlsafe(12)


def unknown_password_hash() -> str:
    """The hash of a random password, for accounts that have none: checking it takes the usual time."""
    return _hasher.hash(secrets.token_urlsafe(32))


class UserRepository(Repository):
    """Repository of reviewers."""

    def create(
        self, name: str, password: str, display_name: str = "", role: Role = Role.REVIEWER
    ) -> Reviewer:
        """Create a reviewer; names are case-insensitive. Raises ``ValueError`` for a bad name or password."""
        row = _row(name, display_name, role, new_password_hash(password))
        with self.database.writing() as session:
            _add(session, row)
        return row

    def invite(self, name: str, display_name: str, role: Role, actor: str) -> Reviewer:
        """Create a reviewer with an unknown password; raises ``ValueError`` for a bad name."""
        row = _row(name, display_name, role, unknown_password_hash())
        row.invited_at = now()
        with self.database.writing() as session:
            _add(session, row)
            detail = {"role": row.role, "invited": True}
            append(session, actor, AuditAction.USER_CREATE, audit_names.reviewer(row.name), detail)
        return row

    def authenticate(self, name: str, password: str) -> Reviewer | None:
        """The reviewer, if the password is right and the account enabled; takes as long either way."""
        with self.database.reading() as session:
            row = session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()
        right = _matches(row.password_hash if row else _nobody_hash(), password)
        if row is None or not right or row.disabled_at is not None:
            return None
        if _hasher.check_needs_rehash(row.password_hash):
            self._hash_anew(row, password)
        return row

    def set_password(self, reviewer_id: int, password: str, actor: str = audit_names.CLI) -> None:
        """Replace a password, and end the account's sessions and password links."""
        hashed = new_password_hash(password)
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            take_password(session, row, hashed)
            append(session, actor, AuditAction.USER_PASSWORD, audit_names.reviewer(row.name))

    def set_role(self, name: str, role: Role, actor: str) -> Reviewer | None:
        """Change a reviewer's role and end their sessions; ``None`` if there is no such reviewer.

        Raises :class:`LastAdmin`.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()
            if row is not None and row.role != role:
                _keep_an_admin(session, row)
                before, row.role = row.role, role.value
                end_sessions(session, row.id)
                end_links(session, row.id)
                end_links_by(session, row.name)
                append(
                    session,
                    actor,
                    AuditAction.USER_ROLE,
                    audit_names.reviewer(row.name),
                    {"from": before, "to": row.role},
                )
            return row

    def disable(self, reviewer_id: int, actor: str = audit_names.CLI) -> None:
        """Disable an account and end its sessions and links; its reviews stay. Raises :class:`LastAdmin`."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id)
            if row.disabled_at is None:
                _keep_an_admin(session, row)
                row.disabled_at = now()
                end_sessions(session, row.id)
                end_links(session, row.id)
                end_links_by(session, row.name)
                append(session, actor, AuditAction.USER_DISABLE, audit_names.reviewer(row.name))

    def enable(self, reviewer_id: int, actor: str) -> None:
        """Enable an account again, with its earlier password and second factor."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            if row.disabled_at is not None:
                row.disabled_at = None
                append(session, actor, AuditAction.USER_ENABLE, audit_names.reviewer(row.name))

    def require_second_factor(self, reviewer_id: int, required: bool, actor: str) -> None:
        """Require a second factor before an account can do anything else, or lift that requirement."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get_one(Reviewer, reviewer_id, with_for_update=True)
            if row.totp_required != required:
                row.totp_required = required
                detail = {"required": required}
                append(session, actor, AuditAction.USER_REQUIRE_TOTP, audit_names.reviewer(row.name), detail)

    def get(self, reviewer_id: int) -> Reviewer | None:
        """The reviewer with this number, disabled or not, or ``None``."""
        with self.database.reading() as session:
            return session.get(Reviewer, reviewer_id)

    def find(self, name: str) -> Reviewer | None:
        """The reviewer with this login name, or ``None``."""
        with self.database.reading() as session:
            return session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()

    def all(self) -> list[Reviewer]:
        """Every reviewer, sorted by name."""
        with self.database.reading() as session:
            return list(session.scalars(select(Reviewer).order_by(Reviewer.name)))

    def _hash_anew(self, read: Reviewer, password: str) -> None:
        hashed = _hasher.hash(password)
        with self.database.writing() as session:
            # Do not overwrite a password that was set in between.
            session.execute(
                update(Reviewer)
                .where(Reviewer.id == read.id, Reviewer.password_hash == read.password_hash)
                .values(password_hash=hashed)
            )
            kept = session.get(Reviewer, read.id)
        if kept is not None:
            read.password_hash = kept.password_hash


def new_password_hash(password: str) -> str:
    """The hash of a chosen password; raises ``ValueError`` if it is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ValueError(f"a password is {MIN_PASSWORD} to {MAX_PASSWORD} characters long")
    return _hasher.hash(password)


def take_password(session: Session, row: Reviewer, hashed: str) -> None:
    """Set an account's password inside the caller's transaction, and end its sessions and links."""
    row.password_hash = hashed
    row.invited_at = None
    end_sessions(session, row.id)
    end_links(session, row.id)


def end_links(session: Session, reviewer_id: int) -> None:
    """Invalidate an account's password links, inside the caller's transaction."""
    _end_links(session, PasswordLink.reviewer_id == reviewer_id)


def end_links_by(session: Session, name: str) -> None:
    """Invalidate the links that this person made for others, as they may no longer be an admin."""
    _end_links(session, PasswordLink.made_by == audit_names.reviewer(name))


def _end_links(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(PasswordLink)
        .where(
            which,
            PasswordLink.used_at.is_(None),
            PasswordLink.ended_at.is_(None),
        )
        .values(ended_at=now())
    )


def login_key(name: str) -> str:
    """The lookup key of a typed name: case-folded, without characters that a database refuses."""
    key = storable(name.strip().casefold())
    assert isinstance(key, str)
    return key


def _login(name: str) -> str:
    login = name.strip().casefold()
    if not login or len(login) > MAX_NAME or any(not c.isprintable() for c in login):
        raise ValueError(f"a login name is 1 to {MAX_NAME} printable characters, not {name!r}")
    return login


def _row(name: str, display_name: str, role: Role, hashed: str) -> Reviewer:
    return Reviewer(
        name=_login(name),
        display_name=display_name.strip() or name.strip(),
        password_hash=hashed,
        role=role.value,
    )


def _add(session: Session, row: Reviewer) -> None:
    # Two concurrent invitations with one name must not both find it free.
    take_turn(session)
    if session.scalars(select(Reviewer).where(Reviewer.name == row.name)).first():
        raise NameTaken(f"a reviewer {row.name!r} exists already: choose another name")
    session.add(row)
    session.flush()


def _keep_an_admin(session: Session, row: Reviewer) -> None:
    """Refuse to remove the last admin who can log in; an invited one who never logged in does not count."""
    if row.role != Role.ADMIN or row.disabled_at is not None:
        return
    others = select(func.count()).where(
        Reviewer.role == Role.ADMIN.value,
        Reviewer.disabled_at.is_(None),
        Reviewer.invited_at.is_(None),
        Reviewer.id != row.id,
    )
    if not session.scalar(others) and row.invited_at is None:
        raise LastAdmin(f"{row.name} is the last admin who can log in: make another one first")


def _matches(encoded: str, password: str) -> bool:
    try:
        return len(password) <= MAX_PASSWORD and _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


def _nobody_hash() -> str:
    """A hash that no password matches, so that an unknown name takes as long as a known one."""
    global _nobody  # noqa: PLW0603
    _nobody = _nobody or _hasher.hash(secrets.token_urlsafe())
    return _nobody
