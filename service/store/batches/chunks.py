"""Chunks of batches: workers claim them, process them and store their results."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, not_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels.schema import Assessment
from labels.schema import Listing as ListingShape
from service.store.database.columns import is_ahead
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.listings.assessments import record_in
from service.store.listings.repository import Arrival, Deposit, deposit_in, require
from service.store.pictures.keys import pictures_key
from service.store.pictures.repository import SentPicture, add_in, add_read_in
from service.store.platforms.events import queue_batch_ended
from service.store.tables.api_tables import ApiKey
from service.store.tables.batch_tables import UNFINISHED, Batch, BatchChunk, BatchState
from service.store.tables.core_tables import AssessmentRow

_SET_ASIDE = timedelta(hours=1)
"""Longer than the pause of any released chunk."""


@dataclass(frozen=True)
class Claimed:
    """A chunk claimed by the attempt ``lease``; ``source`` is the source of its listings."""

    batch: Batch
    chunk: BatchChunk
    lease: str
    source: str


@dataclass(frozen=True)
class ChunkResult:
    """The outcome of a chunk: its result file, already on disk, and the number of successful lines."""

    result: str
    result_bytes: int
    done: int
    rejected: int


class BatchChunkRepository(Repository):
    """Repository of chunks.

    Callers pass the current time.

    A claim holds until its lease expires; a live worker extends it. Results under a lease that another worker
    has replaced are discarded, so that no chunk counts twice.
    """

    def claim(
        self, lease: str, moment: datetime, until: datetime, exclude: Collection[int] = ()
    ) -> Claimed | None:
        """Claim the next chunk of the batch that has waited longest; ``None`` if nothing is waiting.

        ``exclude`` holds numbers of batches to skip.
        """
        query = (
            select(BatchChunk)
            .join(Batch, Batch.id == BatchChunk.batch_id)
            .join(ApiKey, ApiKey.id == Batch.api_key_id)
            .where(*_waiting(moment, until - moment))
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
        """Extend the lease of a chunk to ``until``; returns whether the claim was still valid."""
        return self._give(claimed, lease_until=until)

    def put_back(self, claimed: Claimed, moment: datetime, counted: bool = False) -> bool:
        """Release a chunk for others from ``moment`` on; returns whether the claim was still valid.

        The attempt counts only if ``counted``.
        """
        attempts = claimed.chunk.attempts - (not counted)
        return self._give(claimed, lease=None, lease_until=moment, attempts=attempts)

    def finish(self, claimed: Claimed, moment: datetime, write: Callable[[Session], ChunkResult]) -> bool:
        """Store the outcome of a chunk; returns whether the claim was still valid.

        ``write`` is called inside the transaction that counts its lines, so that its changes to the store and
        the progress commit together.
        """
        try:
            return self._finish(claimed, moment, write)
        except IntegrityError:
            # PostgreSQL: one of these listings was inserted between our lookup and our insert.
            return self._finish(claimed, moment, write)

    def _finish(self, claimed: Claimed, moment: datetime, write: Callable[[Session], ChunkResult]) -> bool:
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
                queue_batch_ended(session, batch)
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


def ingest(
    session: Session,
    listing: ListingShape,
    assessment: Assessment,
    source: str,
    sent: Sequence[SentPicture] | None = None,
    complete: bool = True,
) -> Deposit:
    """Deposit a listing with its assessment inside the caller's transaction.

    ``sent`` are the pictures that were assessed with it; it shows no others if that is ``complete``. ``None``
    says nothing about its pictures. An existing assessment of the same text and pictures by the same model is
    not duplicated.
    """
    add_read_in(session, sent or ())
    shape = ListingShape.model_validate(storable(listing.model_dump()))
    shows_none = complete and sent is not None and not sent
    deposit = deposit_in(session, Arrival(shape, source=storable(source), shows_none=shows_none))
    if sent is not None and add_in(session, deposit.listing_id, [item.new for item in sent], complete):
        deposit = replace(deposit, status="changed" if deposit.status == "unchanged" else deposit.status)
    row = require(session, deposit.listing_id)
    digest = row.text_sha256
    key = pictures_key(item.key for item in sent or ())
    known = select(AssessmentRow.id).where(
        AssessmentRow.listing_id == deposit.listing_id,
        AssessmentRow.listing_text_sha256 == digest,
        AssessmentRow.model_id == assessment.model,
    )
    if sent is not None:  # a listing that says nothing keeps its own, and their assessment
        known = known.where(AssessmentRow.pictures_key == key)
    is_outdated = deposit.is_outdated and key == row.pictures_key
    if is_outdated or session.scalars(known.limit(1)).first() is None:
        record_in(session, deposit.listing_id, assessment, digest, key)
        if shape.is_offer_by_record != row.shape().is_offer_by_record:
            row.assessed_by = None  # a field that the line left out says otherwise on the offer
    return deposit


def _waiting(moment: datetime, lease: timedelta) -> list[ColumnElement[bool]]:
    """Return the conditions for a chunk, joined with its batch and key, to be claimable for ``lease``."""
    return [
        Batch.state.in_(UNFINISHED),
        ApiKey.revoked_at.is_(None),
        BatchChunk.finished_at.is_(None),
        not_(is_ahead(BatchChunk.lease_until, moment, 2 * lease + _SET_ASIDE)),
    ]
