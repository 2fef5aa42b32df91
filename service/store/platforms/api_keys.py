"""API keys: shown once, stored as a hash, rotated without downtime."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from service.store.accounts.policy import MANAGING
from service.store.accounts.users import login_key
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.errors import NameTaken, StoreBusy, StoreError
from service.store.database.repository import Repository
from service.store.platforms.events import queue_batch_ended
from service.store.tables.api_tables import WIDE, ApiKey, EarlierSecret, Scope, Tenant
from service.store.tables.batch_tables import KEY_REVOKED, UNFINISHED, Batch, BatchState
from service.store.tables.core_tables import Reviewer
from service.store.tenants.registry import checked_name, known, make

_LIVE, SANDBOX = "rt_", "rt_sandbox_"
"""Prefixes of keys: those of the service, and those of its sandbox."""
_SHOWN = 8
"""Number of characters after the prefix that identify a key in a list."""
LAST_USE_STEP = timedelta(hours=1)
"""Resolution of the last-used time: writing at every request would slow all of them."""
MAX_GRACE = timedelta(days=365)
WARNED_BEFORE = timedelta(days=30)
"""How long before its expiry a key triggers a warning."""


class GrantRefused(StoreError, ValueError):
    """A scope that only an administrator may grant; the message says what to do."""


class KeyExpired(Exception):
    """The key expired at ``at``."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"the key expired on {at:%Y-%m-%d}")
        self.at = at


@dataclass(frozen=True)
class NewKey:
    """A new key; ``token`` is what the client sends and cannot be shown again."""

    row: ApiKey
    token: str


class ApiKeyRepository(Repository):
    """Repository of API keys."""

    def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        tenant: str | None = None,
        actor: str = audit_names.CLI,
        given_by: str | None = None,
        expires_at: datetime | None = None,
        sandbox: bool = False,
    ) -> NewKey:
        """Create a key ``rt_…`` of 256 random bits, for an existing tenant or a new one of its name.

        A ``sandbox`` key, ``rt_sandbox_…``, belongs in the database of the sandbox, which has no other.
        ``given_by`` is the administrator who grants a scope that reaches beyond the tenant
        (``api_tables.WIDE``). Raises ``ValueError`` for an invalid name, no scope, or an expiry in the past,
        ``NameTaken``, ``UnknownTenant``, and :class:`GrantRefused` if the account is no administrator's.
        """
        with self.database.writing() as session:
            take_turn(session)
            detail: dict[str, object] = {}
            if given_by is not None and WIDE & set(scopes):
                detail["given_by"] = _administrator(session, given_by)
            name = checked_name(name, "a key's")
            belongs = make(session, name) if tenant is None else known(session, tenant)
            return add(session, belongs, name, scopes, expires_at, actor, detail, sandbox)

    def rotate(
        self, name: str, grace: timedelta, actor: str, expires_at: datetime | None = None
    ) -> NewKey | None:
        """Give a key a new secret; the old one works until ``grace`` has passed.

        ``expires_at`` replaces the key's expiry. ``None`` if there is no such key. Raises ``ValueError`` for
        a revoked key, an invalid grace, or an expiry in the past.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(select(ApiKey).where(ApiKey.name == name.strip()).with_for_update()).first()
            if row is None:
                return None
            if expires_at is not None:
                row.expires_at = _checked_end(expires_at)
            return renew(session, row, grace, actor)

    def authenticate(self, token: str) -> ApiKey | None:
        """The key, unless it is unknown, revoked, or replaced and past its grace period.

        Looked up by hash, so timing reveals nothing. Raises :class:`KeyExpired`.
        """
        digest, at = _digest(token), now()
        with self.database.reading() as session:
            row = session.scalars(select(ApiKey).where(ApiKey.key_hash == digest)).first()
            earlier = None
            if row is None:
                earlier = session.scalars(
                    select(EarlierSecret).where(
                        EarlierSecret.key_hash == digest, EarlierSecret.expires_at > at
                    )
                ).first()
                row = session.get(ApiKey, earlier.api_key_id) if earlier else None
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= at:
            raise KeyExpired(row.expires_at)
        self._note_use(earlier or row, at)
        return row

    def revoke(self, name: str, actor: str = audit_names.CLI) -> ApiKey | None:
        """Revoke a key with all its secrets at once; ``None`` if there is no such key."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(select(ApiKey).where(ApiKey.name == name.strip())).first()
            if row is not None:
                end(session, row, actor)
            return row

    def end_earlier(self, name: str, actor: str) -> int | None:
        """Revoke the replaced secrets of a key at once; returns how many, ``None`` if there is no such key.

        The newest secret remains valid.
        """
        at = now()
        with self.database.writing() as session:
            take_turn(session)
            row = session.scalars(select(ApiKey).where(ApiKey.name == name.strip()).with_for_update()).first()
            if row is None:
                return None
            working = session.scalars(
                select(EarlierSecret).where(EarlierSecret.api_key_id == row.id, EarlierSecret.expires_at > at)
            ).all()
            for secret in working:
                secret.expires_at = at
            if working:
                prefixes = [secret.prefix for secret in working]
                append(
                    session,
                    actor,
                    AuditAction.API_KEY_END_REPLACED,
                    audit_names.api_key(row.name),
                    {"prefixes": prefixes},
                )
            return len(working)

    def earlier(self) -> dict[int, list[EarlierSecret]]:
        """Replaced secrets within their grace period, by key number, oldest first."""
        query = select(EarlierSecret).where(EarlierSecret.expires_at > now()).order_by(EarlierSecret.id)
        found: dict[int, list[EarlierSecret]] = {}
        with self.database.reading() as session:
            for secret in session.scalars(query):
                found.setdefault(secret.api_key_id, []).append(secret)
        return found

    def all(self) -> list[ApiKey]:
        """Every key by name, including revoked ones."""
        with self.database.reading() as session:
            return list(session.scalars(select(ApiKey).order_by(ApiKey.name)))

    def _note_use(self, used: ApiKey | EarlierSecret, at: datetime) -> None:
        before = at - LAST_USE_STEP
        if used.last_used_at is not None and used.last_used_at > before:
            return
        table = type(used)
        stale: ColumnElement[bool] = or_(table.last_used_at.is_(None), table.last_used_at <= before)
        try:
            with self.database.writing() as session:
                # By hash, because a concurrent rotation moves the secret to another row.
                session.execute(
                    update(table).where(table.key_hash == used.key_hash, stale).values(last_used_at=at)
                )
        except StoreBusy:
            return  # the next request retries; a read-only request must not fail for it


def add(
    session: Session,
    tenant: Tenant,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None,
    actor: str,
    detail: dict[str, object],
    sandbox: bool,
) -> NewKey:
    """Add a key to a tenant inside the caller's transaction, which holds the lock.

    ``detail`` is for the audit trail. Raises ``ValueError`` and ``NameTaken`` as
    :meth:`ApiKeyRepository.create` does.
    """
    wanted = sorted({scope.value for scope in scopes})
    if not wanted:
        raise ValueError("a key needs at least one scope")
    if sandbox and WIDE & set(scopes):
        raise ValueError("a sandbox key has no read_all and no admin: it sees its own tenant only")
    if session.scalars(select(ApiKey).where(ApiKey.name == name)).first():
        raise NameTaken(f"an API key {name!r} exists already (perhaps revoked): choose another name")
    token = _token(sandbox)
    row = ApiKey(
        name=name,
        tenant_id=tenant.id,
        source=tenant.source,
        prefix=_shown(token),
        key_hash=_digest(token),
        scopes=wanted,
        expires_at=None if expires_at is None else _checked_end(expires_at),
    )
    session.add(row)
    session.flush()
    told = {"scopes": wanted, "tenant": tenant.name} | detail
    if row.expires_at is not None:
        told["expires_at"] = row.expires_at.isoformat()
    append(session, actor, AuditAction.API_KEY_CREATE, audit_names.api_key(name), told)
    return NewKey(row, token)


def renew(session: Session, row: ApiKey, grace: timedelta, actor: str) -> NewKey:
    """Replace a key's secret inside the caller's transaction, which holds the lock (see ``rotate``)."""
    if not timedelta(0) <= grace <= MAX_GRACE:
        raise ValueError(f"the grace period is 0 to {MAX_GRACE.days} days")
    if row.revoked_at is not None:
        raise ValueError(f"the key {row.name!r} is revoked: create another one")
    token, at = _token(is_sandbox(row)), now()
    session.add(
        EarlierSecret(
            api_key_id=row.id,
            prefix=row.prefix,
            key_hash=row.key_hash,
            expires_at=at + grace,
            last_used_at=row.last_used_at,
        )
    )
    row.prefix, row.key_hash, row.last_used_at = _shown(token), _digest(token), None
    detail = {"prefix": row.prefix, "old_until": (at + grace).isoformat()}
    if row.expires_at is not None:
        detail["expires_at"] = row.expires_at.isoformat()
    append(session, actor, AuditAction.API_KEY_ROTATE, audit_names.api_key(row.name), detail)
    return NewKey(row, token)


def end(session: Session, row: ApiKey, actor: str) -> None:
    """Revoke a key inside the caller's transaction, which holds the lock; its unfinished batches fail."""
    at = now()
    row.revoked_at = row.revoked_at or at
    session.execute(
        update(EarlierSecret)
        .where(EarlierSecret.api_key_id == row.id, EarlierSecret.expires_at > at)
        .values(expires_at=at)
    )
    unfinished = select(Batch).where(Batch.api_key_id == row.id, Batch.state.in_(UNFINISHED))
    for batch in session.scalars(unfinished.order_by(Batch.id).with_for_update()).all():
        batch.state, batch.problem, batch.finished_at = BatchState.FAILED.value, KEY_REVOKED, at
        queue_batch_ended(session, batch)
    append(session, actor, AuditAction.API_KEY_REVOKE, audit_names.api_key(row.name))


def _checked_end(expires_at: datetime) -> datetime:
    if expires_at <= now():
        raise ValueError(f"{expires_at:%Y-%m-%d %H:%M} has passed: give a later expiry")
    return expires_at


def is_sandbox(key: ApiKey) -> bool:
    """Whether it is a sandbox key."""
    return key.prefix.startswith(SANDBOX)


def _token(sandbox: bool) -> str:
    return (SANDBOX if sandbox else _LIVE) + secrets.token_urlsafe(32)


def _shown(token: str) -> str:
    lead = SANDBOX if token.startswith(SANDBOX) else _LIVE
    return token[: len(lead) + _SHOWN]


def _administrator(session: Session, name: str) -> str:
    row = session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()
    if row is None or row.disabled_at is not None or row.role not in MANAGING:
        raise GrantRefused(
            f"{name!r} is no open account of an administrator, who alone grants read_all and admin"
        )
    return row.name


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
