"""A tenant's keys, managed through the API by a key with at least their permissions."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.trail import take_turn
from service.store.database.columns import now
from service.store.database.errors import StoreError
from service.store.database.repository import Repository
from service.store.platforms.api_keys import NewKey, add, end, is_sandbox, renew
from service.store.platforms.scopes import allows
from service.store.tables.api_tables import WIDE, ApiKey, Scope, Tenant
from service.store.tenants.registry import MAX_NAME, checked_name

MAX_KEYS = 20
"""Maximum number of active keys that a tenant may create itself, as each has its own rate limit."""


class ExceedsOwnKey(StoreError, ValueError):
    """A key with more scopes or a later expiry than the one that manages it."""


class NameTooLong(StoreError, ValueError):
    """A name with more than ``most`` characters."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a name has at most {most} characters")
        self.most = most


class TooManyKeys(StoreError, ValueError):
    """The tenant has reached its maximum number of active keys."""


class OwnKeyRepository(Repository):
    """Repository of a tenant's own keys. Other tenants' keys are treated as nonexistent."""

    def of(self, key: ApiKey) -> list[ApiKey]:
        """The keys of the tenant by name, including revoked and expired ones."""
        query = select(ApiKey).where(ApiKey.tenant_id == key.tenant_id).order_by(ApiKey.name)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def create(
        self, key: ApiKey, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
    ) -> NewKey:
        """Create a key ``TENANT/NAME`` with scopes of ``key``, expiring with ``key`` or earlier.

        Raises ``ValueError`` for invalid arguments, ``NameTaken``, :class:`NameTooLong`, :class:`TooManyKeys`
        and :class:`ExceedsOwnKey`.
        """
        wanted = set(scopes)
        if beyond := sorted(s.value for s in wanted if s in WIDE or not allows(key, s)):
            raise ExceedsOwnKey(
                f"this key cannot grant {', '.join(beyond)}: it can only grant its own scopes"
            )
        ends = [at for at in (expires_at, key.expires_at) if at is not None]
        if key.expires_at is not None and max(ends) > key.expires_at:
            raise ExceedsOwnKey(
                f"this key ends on {key.expires_at:%Y-%m-%d}: keys that it creates must not end later"
            )
        with self.database.writing() as session:
            take_turn(session)
            tenant = session.get_one(Tenant, key.tenant_id)
            full = f"{tenant.name}/" + checked_name(name, "a key's")
            if len(full) > MAX_NAME:
                raise NameTooLong(max(MAX_NAME - len(tenant.name) - 1, 0))
            if _working(session, tenant.id) >= MAX_KEYS:
                raise TooManyKeys(f"a tenant makes at most {MAX_KEYS} keys: revoke one first")
            actor, last = audit_names.key(key.name), min(ends, default=None)
            return add(session, tenant, full, wanted, last, actor, {}, is_sandbox(key))

    def rotate(self, key: ApiKey, key_id: int, grace: timedelta) -> NewKey | None:
        """Give a key of the tenant a new secret; ``None`` if there is no such key or it is revoked.

        Raises ``ValueError`` for an invalid grace, and :class:`ExceedsOwnKey`.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = _managed(session, key, key_id)
            if row is None or row.revoked_at is not None:
                return None
            return renew(session, row, grace, audit_names.key(key.name))

    def revoke(self, key: ApiKey, key_id: int) -> ApiKey | None:
        """Revoke a key of the tenant; ``None`` if there is no such key. Raises :class:`ExceedsOwnKey`."""
        with self.database.writing() as session:
            take_turn(session)
            row = _managed(session, key, key_id)
            if row is not None and row.revoked_at is None:
                end(session, row, audit_names.key(key.name))
            return row


def _managed(session: Session, key: ApiKey, key_id: int) -> ApiKey | None:
    query = select(ApiKey).where(ApiKey.id == key_id, ApiKey.tenant_id == key.tenant_id)
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        return None
    if not all(allows(key, Scope(scope)) for scope in row.scopes):
        raise ExceedsOwnKey(f"the key {row.name!r} has more permissions than this one: ask the operator")
    lasts = row.expires_at is None or (key.expires_at is not None and row.expires_at > key.expires_at)
    if key.expires_at is not None and lasts:
        raise ExceedsOwnKey(f"the key {row.name!r} expires later than this one: ask the operator")
    return row


def _working(session: Session, tenant_id: int) -> int:
    rows = session.scalars(select(ApiKey).where(ApiKey.tenant_id == tenant_id))
    at = now()
    return sum(row.works(at) for row in rows)
