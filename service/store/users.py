"""Reviewers: people who log in."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from service.store.audit import append
from service.store.columns import now
from service.store.errors import NameTaken
from service.store.json_text import storable
from service.store.models import Reviewer, Role
from service.store.repository import Repository

MIN_PASSWORD, MAX_PASSWORD, MAX_NAME = 10, 200, 100

_hasher = PasswordHasher()
_nobody = ""


def generated_password() -> str:
    """A password of 96 random bits, easy to copy."""
    return secrets.token_urlsafe(12)


def unknown_password_hash() -> str:
    """The hash of a password that nobody knows: refusing it takes as long as refusing any other."""
    return _hasher.hash(secrets.token_urlsafe(32))


class UserRepository(Repository):
    """The reviewers."""

    def create(
        self, name: str, password: str, display_name: str = "", role: Role = Role.REVIEWER
    ) -> Reviewer:
        """Create a reviewer; names ignore case.  Raises ``ValueError`` for a bad name or password."""
        login = _login(name)
        _check_password(password)
        row = Reviewer(
            name=login,
            display_name=display_name.strip() or name.strip(),
            password_hash=_hasher.hash(password),
            role=role.value,
        )
        with self.database.writing() as session:
            if session.scalars(select(Reviewer).where(Reviewer.name == login)).first():
                raise NameTaken(f"a reviewer {login!r} exists already: choose another name")
            session.add(row)
        return row

    def authenticate(self, name: str, password: str) -> Reviewer | None:
        """The reviewer, if the password is right and the account not disabled; takes as long either way."""
        with self.database.reading() as session:
            row = session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()
        right = _matches(row.password_hash if row else _nobody_hash(), password)
        if row is None or not right or row.disabled_at is not None:
            return None
        if _hasher.check_needs_rehash(row.password_hash):
            self.set_password(row.id, password)
        return row

    def set_password(self, reviewer_id: int, password: str) -> None:
        """Replace a password."""
        _check_password(password)
        with self.database.writing() as session:
            row = session.get_one(Reviewer, reviewer_id)
            row.password_hash = _hasher.hash(password)

    def set_role(self, name: str, role: Role, actor: str) -> Reviewer | None:
        """Give a reviewer another role, at once; ``None`` if there is none of this name."""
        with self.database.writing() as session:
            row = session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()
            if row is not None:
                before, row.role = row.role, role.value
                append(session, actor, "user.role", f"reviewer:{row.name}", {"from": before, "to": row.role})
            return row

    def disable(self, reviewer_id: int) -> None:
        """Shut an account; its reviews stay."""
        with self.database.writing() as session:
            row = session.get_one(Reviewer, reviewer_id)
            row.disabled_at = row.disabled_at or now()

    def get(self, reviewer_id: int) -> Reviewer | None:
        """The reviewer with this number, disabled ones too, or ``None``."""
        with self.database.reading() as session:
            return session.get(Reviewer, reviewer_id)

    def find(self, name: str) -> Reviewer | None:
        """The reviewer with this login name, or ``None``."""
        with self.database.reading() as session:
            return session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()

    def all(self) -> list[Reviewer]:
        """Every reviewer by name."""
        with self.database.reading() as session:
            return list(session.scalars(select(Reviewer).order_by(Reviewer.name)))


def login_key(name: str) -> str:
    """A typed name as it is looked up: without case, and with nothing a database refuses."""
    key = storable(name.strip().casefold())
    assert isinstance(key, str)
    return key


def _login(name: str) -> str:
    login = name.strip().casefold()
    if not login or len(login) > MAX_NAME or any(not c.isprintable() for c in login):
        raise ValueError(f"a login name is 1 to {MAX_NAME} printable characters, not {name!r}")
    return login


def _check_password(password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ValueError(f"a password is {MIN_PASSWORD} to {MAX_PASSWORD} characters long")


def _matches(encoded: str, password: str) -> bool:
    try:
        return len(password) <= MAX_PASSWORD and _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


def _nobody_hash() -> str:
    """A hash that nobody's password matches: an unknown name then costs as much time as a known one."""
    global _nobody  # noqa: PLW0603
    _nobody = _nobody or _hasher.hash(secrets.token_urlsafe())
    return _nobody
