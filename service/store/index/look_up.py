"""Look-ups of a listing or a seller by what a person knows: address, contact, number, name, words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from labels.schema import ContactKind
from service.store.database.repository import Repository
from service.store.index import search
from service.store.index.entries import seller_key
from service.store.index.search import SearchQuery
from service.store.listings.addresses import address_key
from service.store.tables.campaign_tables import SellerContact
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Listing


@dataclass(frozen=True)
class ContactHit:
    """A seller's contact, the number of listings with it, and the newest of them."""

    kind: ContactKind
    value: str
    listings: int
    newest: int


@dataclass(frozen=True)
class SellerHit:
    """A seller's name, the number of listings with it, and the newest of them."""

    name: str
    listings: int
    newest: int


class LookUpRepository(Repository):
    """Repository of quick look-ups; each is an index lookup with a limit."""

    def at_address(self, url: str, limit: int) -> list[Listing]:
        """The listings with this web address, newest first."""
        key = address_key(url)
        if key is None:
            return []
        query = select(Listing).where(Listing.address_key == key).order_by(Listing.id.desc()).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def contacts(self, values: Collection[str], limit: int) -> list[ContactHit]:
        """The contacts of any kind with one of these normalized values, the most used first."""
        query = (
            select(SellerContact.kind, SellerContact.value, func.count(), func.max(SellerContact.listing_id))
            # The index leads with the kind.
            .where(
                SellerContact.kind.in_([kind.value for kind in ContactKind]), SellerContact.value.in_(values)
            )
            .group_by(SellerContact.kind, SellerContact.value)
            .order_by(func.count().desc(), SellerContact.kind)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [ContactHit(ContactKind(row[0]), *row[1:]) for row in session.execute(query)]

    def sellers(self, name: str, words: SearchQuery, limit: int) -> list[SellerHit]:
        """Sellers with this name, else those among the hits of ``words`` whose name contains it."""
        key = seller_key(name)
        if not key:
            return []
        with self.database.reading() as session:
            among = select(QueueEntry.listing_id).where(QueueEntry.seller == key)
            found = self._named(session, among, limit)
            if found or not words.wanted:
                return found
            contains = func.instr if self.database.is_sqlite else func.strpos
            # Read by their own index first: joined, PostgreSQL looks into the names of all sellers.
            hits = search.first_hits(session, words, self.database.is_sqlite)[: search.FEW]
            among = select(QueueEntry.listing_id).where(
                QueueEntry.listing_id.in_(hits), contains(QueueEntry.seller, key) > 0
            )
            return self._named(session, among, limit)

    def listings(self, queries: Sequence[SearchQuery], limit: int) -> list[Listing]:
        """The riskiest listings that match any of the queries, those of the first query first."""
        numbers: dict[int, None] = {}
        with self.database.reading() as session:
            for query in queries:
                if query.is_empty:
                    continue
                found = (
                    select(QueueEntry.listing_id)
                    .where(*self._matching(session, query))
                    .order_by(QueueEntry.risk.desc(), QueueEntry.listing_id.desc())
                    .limit(limit)
                )
                numbers |= dict.fromkeys(session.scalars(found))
            chosen = list(numbers)[:limit]
            rows = {row.id: row for row in session.scalars(select(Listing).where(Listing.id.in_(chosen)))}
            return [rows[number] for number in chosen]

    def _matching(self, session: Session, query: SearchQuery) -> list[ColumnElement[bool]]:
        return search.conditions(session, query, QueueEntry.listing_id.expression, self.database.is_sqlite)

    def _named(self, session: Session, among: Select[Any], limit: int) -> list[SellerHit]:
        """Sellers of these listings; the name is that of the newest listing, as it is written there."""
        query = (
            select(QueueEntry.seller, func.count(), func.max(QueueEntry.listing_id))
            .where(QueueEntry.listing_id.in_(among))
            .group_by(QueueEntry.seller)
            .order_by(func.count().desc(), QueueEntry.seller)
            .limit(limit)
        )
        rows = session.execute(query).all()
        written = select(Listing.id, Listing.seller).where(Listing.id.in_([row[2] for row in rows]))
        names = {number: name for number, name in session.execute(written)}
        return [SellerHit(names.get(newest) or key, number, newest) for key, number, newest in rows]
