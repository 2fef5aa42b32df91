"""Deletes listings and gives up evidence, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.privacy.redaction import contact_spans, masked
from service.store.appeals.tables import Appeal
from service.store.campaigns.placements import forget
from service.store.complaints.ties import cut_off
from service.store.duties.tables import SellerDataRequest
from service.store.pictures.tables import ListingPicture
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, ListingVersion, Review
from service.store.tables.retention_tables import LegalHold, RemovedEvidence
from service.store.tables.sighting_tables import Sighting

DELETED: Final[tuple[Any, ...]] = (
    Appeal,
    Review,
    AssessmentRow,
    Capture,
    ListingPicture,
    ListingVersion,
    LegalHold,
    SellerDataRequest,
    Sighting,
)
"""Tables whose rows go with their listing, in the order in which keys allow it; each is also named in
``service.store.cases.protection.OWN_TABLES``."""


def delete_listings(session: Session, listing_ids: Sequence[int], rule: str, moment: datetime) -> None:
    """Delete listings with their rows, give up their evidence, and detach complaints about them."""
    give_up_evidence_of(session, listing_ids, rule, moment)
    forget(session, listing_ids)
    cut_off(session, listing_ids, lambda text: masked(text, contact_spans(text)))
    for table in DELETED:
        session.execute(delete(table).where(table.listing_id.in_(listing_ids)))
    session.execute(delete(Listing).where(Listing.id.in_(listing_ids)))


def give_up_evidence_of(session: Session, listing_ids: Sequence[int], rule: str, moment: datetime) -> None:
    """Give up the evidence of these listings, also of visits that found them gone or unchanged."""
    found: list[Capture | Sighting] = []
    found += session.scalars(
        select(Capture).where(Capture.listing_id.in_(listing_ids), Capture.removed_at.is_(None))
    )
    found += session.scalars(
        select(Sighting).where(Sighting.listing_id.in_(listing_ids), Sighting.removed_at.is_(None))
    )
    give_up(session, found, rule, moment)


def give_up(session: Session, evidence: Iterable[Capture | Sighting], rule: str, moment: datetime) -> None:
    """Mark captures and visits as removed, and queue each record that nothing else needs for removal.

    A visit whose record is a capture of the same listing is given up with that capture.
    """
    given_up = list(evidence)
    for capture in [row for row in given_up if isinstance(row, Capture)]:
        given_up += session.scalars(
            select(Sighting).where(
                Sighting.listing_id == capture.listing_id,
                Sighting.warc_file == capture.warc_file,
                Sighting.warc_record_id == capture.warc_record_id,
                Sighting.removed_at.is_(None),
            )
        )
    digests: dict[tuple[str, str], str] = {}
    for row in given_up:
        row.removed_at = moment
        digests.setdefault((row.warc_file, row.warc_record_id), row.sha256)
    session.flush()
    for (file, record), digest in digests.items():
        if not _is_needed(session, file, record):
            session.add(
                RemovedEvidence(
                    warc_file=file, warc_record_id=record, sha256=digest, rule=rule, decided_at=moment
                )
            )
    session.flush()


def _is_needed(session: Session, file: str, record: str) -> bool:
    """Whether a capture or a visit still refers to a record: several listings may share a page."""
    return any(
        session.scalar(
            select(table.id)
            .where(table.warc_file == file, table.warc_record_id == record, table.removed_at.is_(None))
            .limit(1)
        )
        is not None
        for table in (Capture, Sighting)
    )
