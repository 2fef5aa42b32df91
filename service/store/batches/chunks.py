"""The chunks of batches: a worker claims one, processes it and keeps its results."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels.schema import Assessment
from labels.schema import Listing as ListingShape
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.listings.assessments import record_in
from service.store.listings.repository import Arrival, Deposit, deposit_in, require
from service.store.tables.api_tables import ApiKey
from service.store.tables.batch_tables import UNFINISHED, Batch, BatchChunk, BatchState
from service.store.tables.core_tables import AssessmentRow


@dataclass(frozen=True)
class Claimed:
    """A chunk in the hands of the attempt ``lease``; ``source`` is whose listings they are."""

    batch: Batch
    chunk: BatchChunk
    lease: str
    source: str


@dataclass(frozen=True)
class Written:
    """The outcome of a chunk: its result file, already on disk, and how many lines succeeded."""

    result: str
    result_bytes: int
    done: int
    rejected: int


class BatchChunkRepository(Repository):
    """Who works at what.  Moments are given, so that all agree on one.

    A claim holds until its lease is over, and is prolonged as long as its worker lives.  What comes back
    under a lease that somebody else has taken over is thrown away, so that no chunk counts twice.
    """

    def claim(
        self, lease: str, moment: datetime, until: datetime, exclude: Collection[int] = ()
    ) -> Claimed | None:
        """Take the next chunk, of the batch that waited longest; ``None`` if nothing waits.

        ``exclude`` holds numbers of batches to leave alone.
        """
        query = (
            select(BatchChunk)
            .join(Batch, Batch.id == BatchChunk.batch_id)
            .join(ApiKey, ApiKey.id == Batch.api_key_id)
            .where(*_waiting(moment))
            .order_by(Batch.served_at, Batch.id, BatchChunk.number)
            .limit(1)
        )
        if exclude:
            query = query.where(Batch.id.not_in(exclude))
        with self.database.reading() as session:
            if session.scalars(query).first() is None:
                return None
        with self.database.writing() as session:
            chunk = session.scalars(query.with_for_update(of=BatchChunk, skip_locked=True)).first()
            if chunk is None:
                return None
            chunk.lease, chunk.lease_until, chunk.attempts = lease, until, chunk.attempts + 1
            session.flush()
            session.execute(
                update(Batch)
                .where(Batch.id == chunk.batch_id, Batch.state.in_(UNFINISHED))
                .values(state=BatchState.RUNNING.value, served_at=moment)
            )
            batch = session.get_one(Batch, chunk.batch_id)
            batch.started_at = batch.started_at or moment
            key = session.get_one(ApiKey, batch.api_key_id)
            return Claimed(batch, chunk, lease, key.source)

    def prolong(self, claimed: Claimed, until: datetime) -> bool:
        """Hold on to a chunk until ``until``; whether it is still ours."""
        return self._give(claimed, lease_until=until)

    def put_back(self, claimed: Claimed, moment: datetime, counted: bool = False) -> bool:
        """Let others take the chunk from ``moment`` on; whether it was still ours.

        The attempt counts only if ``counted``.
        """
        attempts = claimed.chunk.attempts - (not counted)
        return self._give(claimed, lease=None, lease_until=moment, attempts=attempts)

    def finish(self, claimed: Claimed, moment: datetime, write: Callable[[Session], Written]) -> bool:
        """Keep the outcome of a chunk; returns whether it was still ours.

        ``write`` is called inside the transaction that counts its lines: what it does to the store and the
        progress are kept together or not at all.
        """
        try:
            return self._finish(claimed, moment, write)
        except IntegrityError:
            # PostgreSQL: somebody deposited one of these listings between our look and our insert.
            return self._finish(claimed, moment, write)

    def _finish(self, claimed: Claimed, moment: datetime, write: Callable[[Session], Written]) -> bool:
        with self.database.writing() as session:
            query = select(BatchChunk).where(
                BatchChunk.id == claimed.chunk.id,
                BatchChunk.batch_id == claimed.batch.id,
                BatchChunk.lease == claimed.lease,
                BatchChunk.finished_at.is_(None),
            )
            chunk = session.scalars(query.with_for_update()).first()
            if chunk is None:
                return False
            batch = session.get_one(Batch, chunk.batch_id, with_for_update=True)
            if batch.state != BatchState.RUNNING.value:
                return False
            written = write(session)
            chunk.finished_at, chunk.lease = moment, None
            chunk.result, chunk.result_bytes = written.result, written.result_bytes
            batch.done += written.done
            batch.rejected += written.rejected
            if batch.done + batch.rejected == batch.received:
                batch.state, batch.finished_at = BatchState.DONE.value, moment
            claimed.batch.state = batch.state
            return True

    def _give(self, claimed: Claimed, **values: object) -> bool:
        with self.database.writing() as session:
            found = session.execute(
                update(BatchChunk)
                .where(
                    BatchChunk.id == claimed.chunk.id,
                    BatchChunk.lease == claimed.lease,
                    BatchChunk.finished_at.is_(None),
                )
                .values(**values)
                .returning(BatchChunk.id)
            ).first()
        return found is not None


def ingest(session: Session, listing: ListingShape, assessment: Assessment, source: str) -> Deposit:
    """Deposit a listing with its assessment inside the caller's transaction.

    An assessment of the same text by the same model that is there already stays the only one.
    """
    shape = ListingShape.model_validate(storable(listing.model_dump()))
    deposit = deposit_in(session, Arrival(shape, source=storable(source)))
    digest = require(session, deposit.listing_id).text_sha256
    known = select(AssessmentRow.id).where(
        AssessmentRow.listing_id == deposit.listing_id,
        AssessmentRow.listing_text_sha256 == digest,
        AssessmentRow.model_id == assessment.model,
    )
    if session.scalars(known.limit(1)).first() is None:
        record_in(session, deposit.listing_id, assessment, digest)
    return deposit


def _waiting(moment: datetime) -> list[ColumnElement[bool]]:
    """What holds of a chunk, with its batch and key, that a worker may take."""
    return [
        Batch.state.in_(UNFINISHED),
        ApiKey.revoked_at.is_(None),
        BatchChunk.finished_at.is_(None),
        BatchChunk.lease_until <= moment,
    ]
