"""The keys of a tenant as one of them manages them through the API: those that may do no more than it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.trail import take_turn
from service.store.database.columns import now
from service.store.database.errors import StoreError
from service.store.database.repository import Repository
from service.store.platforms.api_keys import NewKey, add, allows, end, renew
from service.store.tables.api_tables import WIDE, ApiKey, Scope, Tenant
from service.store.tenants.registry import MAX_NAME, checked_name

MAX_KEYS = 20
"""Working keys of a tenant up to which its own keys make further ones: each has its own rate limit."""


class TooMuch(StoreError, ValueError):
    """A key that may do more, or works for longer, than the one that manages it."""


class OwnKeyRepository(Repository):
    """The keys of a tenant.  What another tenant has is answered as if it did not exist."""

    def of(self, key: ApiKey) -> list[ApiKey]:
        """The keys of the tenant by name, revoked and expired ones too."""
        query = select(ApiKey).where(ApiKey.tenant_id == key.tenant_id).order_by(ApiKey.name)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def create(
        self, key: ApiKey, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
    ) -> NewKey:
        """Make a key ``TENANT/NAME`` with scopes of ``key``; it ends with ``key`` if not earlier.

        Raises ``ValueError`` for what cannot be made, ``NameTaken``, and :class:`TooMuch`.
        """
        wanted = set(scopes)
        if beyond := sorted(s.value for s in wanted if s in WIDE or not allows(key, s)):
            raise TooMuch(f"this key cannot give {', '.join(beyond)}: it gives scopes that it has itself")
        ends = [at for at in (expires_at, key.expires_at) if at is not None]
        if key.expires_at is not None and max(ends) > key.expires_at:
            raise TooMuch(f"this key ends on {key.expires_at:%Y-%m-%d}, and what it makes no later")
        with self.database.writing() as session:
            take_turn(session)
            tenant = session.get_one(Tenant, key.tenant_id)
            full = f"{tenant.name}/" + checked_name(name, "a key's")
            if len(full) > MAX_NAME:
                raise ValueError(f"a name has at most {max(MAX_NAME - len(tenant.name) - 1, 0)} characters")
            if _working(session, tenant.id) >= MAX_KEYS:
                raise ValueError(f"a tenant makes at most {MAX_KEYS} keys: revoke one first")
            return add(session, tenant, full, wanted, min(ends, default=None), audit_names.key(key.name), {})

    def rotate(self, key: ApiKey, key_id: int, grace: timedelta) -> NewKey | None:
        """Give a key of the tenant a new secret; ``None`` if there is none of this number, or it is revoked.

        Raises ``ValueError`` for a bad grace, and :class:`TooMuch`.
        """
        with self.database.writing() as session:
            take_turn(session)
            row = _managed(session, key, key_id)
            if row is None or row.revoked_at is not None:
                return None
            return renew(session, row, grace, audit_names.key(key.name))

    def revoke(self, key: ApiKey, key_id: int) -> ApiKey | None:
        """Revoke a key of the tenant; ``None`` if there is none of this number.  Raises :class:`TooMuch`."""
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
        raise TooMuch(f"the key {row.name!r} may do more than this one: the operator manages it")
    lasts = row.expires_at is None or (key.expires_at is not None and row.expires_at > key.expires_at)
    if key.expires_at is not None and lasts:
        raise TooMuch(f"the key {row.name!r} works for longer than this one: the operator manages it")
    return row


def _working(session: Session, tenant_id: int) -> int:
    rows = session.scalars(select(ApiKey).where(ApiKey.tenant_id == tenant_id))
    at = now()
    return sum(row.works(at) for row in rows)
