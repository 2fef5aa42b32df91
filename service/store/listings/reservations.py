"""Reservations of listings, for workers that share a store."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, text

from service.store.database.repository import Repository
from service.store.listings.repository import ListingRepository
from service.store.tables.core_tables import Listing

_NAMESPACE = 1_918_203
"""Arbitrary first key of the advisory locks that reserve listings."""
_LOOK_AHEAD = 16
"""How many batches a worker looks ahead, past listings reserved by other workers."""

_LOCK = text(
    "SELECT number FROM unnest(CAST(:numbers AS bigint[])) AS number"
    " WHERE pg_try_advisory_lock(:namespace, CAST(number % 2147483648 AS integer))"
)
_UNLOCK = text("SELECT pg_advisory_unlock_all()")


class ReservationRepository(Repository):
    """Repository of listings reserved by a worker."""

    @contextmanager
    def reserve(self, model_id: str, limit: int, exclude: Collection[int] = ()) -> Iterator[list[Listing]]:
        """Reserve listings that wait for this model, until the context exits.

        On PostgreSQL they are held by advisory locks of a connection, so a killed worker's listings are
        released at once. SQLite, where one process writes at a time, has no reservations: a second worker
        would read the same listings, and its results would be dropped (``AssessmentRepository.record_all``).
        """
        listings = ListingRepository(self.database)
        if self.database.is_sqlite:
            yield listings.unassessed(model_id, limit, exclude)
            return
        with self.database.outside_transactions() as connection:
            candidates = [row.id for row in listings.unassessed(model_id, limit * _LOOK_AHEAD, exclude)]
            try:
                held = _hold(connection, candidates, limit)
                # Listings that another worker recorded since the first lookup no longer wait.
                yield listings.unassessed(model_id, limit, exclude, among=held) if held else []
            finally:
                connection.execute(_UNLOCK)


def _hold(connection: Connection, candidates: Sequence[int], limit: int) -> list[int]:
    held: list[int] = []
    for start in range(0, len(candidates), limit):
        wanted = candidates[start : start + limit - len(held)]
        values = {"numbers": wanted, "namespace": _NAMESPACE}
        held += connection.execute(_LOCK, values).scalars()
        if len(held) == limit:
            break
    return held
