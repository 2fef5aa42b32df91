"""What a key may read: its tenant's listings or, with a wide scope, all except those from complaints."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.store.tables.api_tables import WIDE, ApiKey
from service.store.tables.complaint_tables import LISTING_SOURCE


@dataclass(frozen=True)
class ReadScope:
    """The listings that a key may read: those of one tenant, or of all if ``None``.

    Listings created from complaints are never included, as they may contain a citizen's words.
    """

    tenant_id: int | None

    def covers(self, session: Session, source: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Whether listings of this source may be read."""
        if self.tenant_id is None:
            return source != LISTING_SOURCE
        own = sources_of(session, self.tenant_id)
        # A single value rather than a list of one: an index on the source then provides the order too.
        return source == own[0] if len(own) == 1 else source.in_(own) if own else false()


def read_scope_of(key: ApiKey) -> ReadScope:
    """What the key may read, provided that its scopes allow reading at all."""
    return ReadScope(None if {scope.value for scope in WIDE} & set(key.scopes) else key.tenant_id)


def sources_of(session: Session, tenant_id: int) -> list[str]:
    """The sources of the tenant's keys, including revoked ones."""
    query = select(ApiKey.source).where(ApiKey.tenant_id == tenant_id).distinct()
    return list(session.scalars(query.order_by(ApiKey.source)))
