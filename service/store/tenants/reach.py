"""What a key may read: what its tenant handed in, or with a wide scope all but what complaints brought in."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.store.tables.api_tables import WIDE, ApiKey
from service.store.tables.complaint_tables import LISTING_SOURCE


@dataclass(frozen=True)
class Reach:
    """Whose listings a key reads: those of one tenant, or with ``None`` of all.

    Listings made of complaints are in nobody's reach: they may hold what a citizen wrote.
    """

    tenant_id: int | None

    def covers(self, session: Session, source: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Whether a listing of this source may be read."""
        if self.tenant_id is None:
            return source != LISTING_SOURCE
        own = sources_of(session, self.tenant_id)
        # One value and not a list of one: an index on the source then gives the order too.
        return source == own[0] if len(own) == 1 else source.in_(own) if own else false()


def reach_of(key: ApiKey) -> Reach:
    """What the key may read, if its scopes let it read at all."""
    return Reach(None if {scope.value for scope in WIDE} & set(key.scopes) else key.tenant_id)


def sources_of(session: Session, tenant_id: int) -> list[str]:
    """The sources that the keys of a tenant hand in under, revoked keys too."""
    query = select(ApiKey.source).where(ApiKey.tenant_id == tenant_id).distinct()
    return list(session.scalars(query.order_by(ApiKey.source)))
