"""Tenants as managed by the operator: creating, listing and merging."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.errors import NameTaken, StoreError
from service.store.database.repository import Repository
from service.store.tables.api_tables import ApiKey, Tenant

MAX_NAME = 100


class UnknownTenant(StoreError, LookupError):
    """No tenant has this name."""


class TenantRepository(Repository):
    """Repository of tenants."""

    def create(self, name: str, actor: str) -> Tenant:
        """Create a tenant without keys. Raises ``ValueError`` for an invalid name, and ``NameTaken``."""
        with self.database.writing() as session:
            take_turn(session)
            row = make(session, name)
            append(session, actor, AuditAction.TENANT_CREATE, audit_names.tenant(row.name))
        return row

    def all(self) -> list[tuple[Tenant, list[ApiKey]]]:
        """Every tenant by name, with its keys by name."""
        with self.database.reading() as session:
            keys = session.scalars(select(ApiKey).order_by(ApiKey.name)).all()
            tenants = session.scalars(select(Tenant).order_by(Tenant.name)).all()
        return [(tenant, [key for key in keys if key.tenant_id == tenant.id]) for tenant in tenants]

    def merge(self, name: str, into: str, actor: str) -> list[ApiKey]:
        """Move all keys and listings of one tenant to another, and delete the first; returns the keys.

        Raises :class:`UnknownTenant`, and ``ValueError`` if both names are the same tenant.
        """
        with self.database.writing() as session:
            take_turn(session)
            old, new = known(session, name), known(session, into)
            if old.id == new.id:
                raise ValueError(f"{old.name!r} is the same tenant: name two different ones")
            keys = session.scalars(
                select(ApiKey).where(ApiKey.tenant_id == old.id).order_by(ApiKey.name)
            ).all()
            session.execute(update(ApiKey).where(ApiKey.tenant_id == old.id).values(tenant_id=new.id))
            session.delete(old)
            detail = {"from": old.name, "keys": [key.name for key in keys]}
            append(session, actor, AuditAction.TENANT_MERGE, audit_names.tenant(new.name), detail)
        return list(keys)


def make(session: Session, name: str) -> Tenant:
    """Create a tenant inside the caller's transaction, which holds the lock.

    See :meth:`TenantRepository.create`.
    """
    name = checked_name(name, "a tenant's")
    source = f"api:{name}"
    if session.scalars(select(Tenant).where(Tenant.name == name)).first():
        raise NameTaken(f"a tenant {name!r} exists already: name it with --tenant, or choose another name")
    if session.scalars(select(ApiKey.id).where(ApiKey.source == source)).first():
        raise NameTaken(f"another tenant's key submitted under the name {name!r}: choose another name")
    row = Tenant(name=name, source=source)
    session.add(row)
    session.flush()
    return row


def known(session: Session, name: str) -> Tenant:
    """The tenant with this name; raises :class:`UnknownTenant`."""
    row = session.scalars(select(Tenant).where(Tenant.name == name.strip())).first()
    if row is None:
        raise UnknownTenant(f"there is no tenant {name!r}: see ruthan tenant list")
    return row


def checked_name(name: str, whose: str) -> str:
    """A validated name without surrounding spaces; raises ``ValueError``."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or any(not c.isprintable() for c in name):
        raise ValueError(f"{whose} name is 1 to {MAX_NAME} printable characters, not {name!r}")
    return name
