"""API keys: shown once, kept as a hash."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from service.store.columns import now
from service.store.errors import NameTaken
from service.store.models import ApiKey, Scope
from service.store.repository import Repository

PREFIX_LENGTH, MAX_NAME = 11, 100


@dataclass(frozen=True)
class NewKey:
    """A created key; ``token`` is what the client sends and can never be shown again."""

    row: ApiKey
    token: str


class ApiKeyRepository(Repository):
    """The keys."""

    def create(self, name: str, scopes: Iterable[Scope]) -> NewKey:
        """Create a key ``rt_…`` of 256 random bits.  Raises ``ValueError`` for a bad name or no scope."""
        name = name.strip()
        wanted = sorted({scope.value for scope in scopes})
        if not name or len(name) > MAX_NAME or any(not c.isprintable() for c in name):
            raise ValueError(f"a key's name is 1 to {MAX_NAME} printable characters, not {name!r}")
        if not wanted:
            raise ValueError("a key needs at least one scope")
        token = "rt_" + secrets.token_urlsafe(32)
        row = ApiKey(name=name, prefix=token[:PREFIX_LENGTH], key_hash=_digest(token), scopes=wanted)
        with self.database.writing() as session:
            if session.scalars(select(ApiKey).where(ApiKey.name == name)).first():
                raise NameTaken(f"an API key {name!r} exists already (perhaps revoked): choose another name")
            session.add(row)
        return NewKey(row, token)

    def authenticate(self, token: str) -> ApiKey | None:
        """The key, unless it is unknown or revoked.  Looked up by hash, so timing tells nothing."""
        with self.database.reading() as session:
            row = session.scalars(select(ApiKey).where(ApiKey.key_hash == _digest(token))).first()
        return None if row is None or row.revoked_at is not None else row

    def revoke(self, name: str) -> ApiKey | None:
        """Revoke a key at once; ``None`` if there is none of this name."""
        with self.database.writing() as session:
            row = session.scalars(select(ApiKey).where(ApiKey.name == name.strip())).first()
            if row is not None:
                row.revoked_at = row.revoked_at or now()
            return row

    def all(self) -> list[ApiKey]:
        """Every key by name, revoked ones too."""
        with self.database.reading() as session:
            return list(session.scalars(select(ApiKey).order_by(ApiKey.name)))


def allows(key: ApiKey, scope: Scope) -> bool:
    """Whether a key may do what ``scope`` stands for."""
    return scope.value in key.scopes or Scope.ADMIN.value in key.scopes


def source_of(key: ApiKey) -> str:
    """The source of the listings that this key hands in."""
    return f"api:{key.name}"


def readable_source(key: ApiKey) -> str | None:
    """The source whose decisions this key may read: its own, or with the scope ``admin`` every one."""
    return None if Scope.ADMIN.value in key.scopes else source_of(key)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
