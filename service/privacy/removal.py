"""Deletes listings and gives up evidence, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.privacy.redaction import contact_spans, masked
from service.store.appeals.tables import Appeal
from service.store.campaigns.placements import forget
from service.store.complaints.ties import cut_off
from service.store.duties.tables import SellerDataRequest
from service.store.listings.sightings import of_records
from service.store.pictures.tables import ListingPicture
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, ListingVersion, Review
from service.store.tables.retention_tables import LegalHold, RemovedEvidence
from service.store.tables.sighting_tables import Sighting


def delete_listings(session: Session, listing_ids: Sequence[int], rule: str, moment: datetime) -> None:
    """Delete listings with their rows, give up their evidence, and detach complaints about them."""
    give_up_evidence_of(session, listing_ids, rule, moment)
    _give_up_visits(session, listing_ids, rule, moment)
    forget(session, listing_ids)
    cut_off(session, listing_ids, lambda text: masked(text, contact_spans(text)))
    for table in (
        Appeal,
        Review,
        AssessmentRow,
        Capture,
        ListingPicture,
        ListingVersion,
        LegalHold,
        SellerDataRequest,
        Sighting,
    ):
        session.execute(delete(table).where(table.listing_id.in_(listing_ids)))
    session.execute(delete(Listing).where(Listing.id.in_(listing_ids)))


def give_up_evidence_of(session: Session, listing_ids: Sequence[int], rule: str, moment: datetime) -> None:
    """Give up the evidence of these listings."""
    found = session.scalars(
        select(Capture).where(Capture.listing_id.in_(listing_ids), Capture.removed_at.is_(None))
    )
    give_up(session, list(found), rule, moment)


def _give_up_visits(session: Session, listing_ids: Sequence[int], rule: str, moment: datetime) -> None:
    """Give up the records of visits without a capture: they contain the page's URL."""
    for visit in of_records(session, listing_ids):
        session.add(
            RemovedEvidence(
                warc_file=visit.warc_file,
                warc_record_id=visit.warc_record_id,
                sha256=visit.sha256,
                rule=rule,
                decided_at=moment,
            )
        )


def give_up(session: Session, captures: Iterable[Capture], rule: str, moment: datetime) -> None:
    """Mark captures as removed, and queue each record that no other listing needs for removal."""
    captures = list(captures)
    for capture in captures:
        capture.removed_at = moment
    session.flush()
    noted: set[tuple[str, str]] = set()
    for capture in captures:
        record = (capture.warc_file, capture.warc_record_id)
        needed = session.scalar(
            select(Capture.id)
            .where(
                Capture.warc_file == capture.warc_file,
                Capture.warc_record_id == capture.warc_record_id,
                Capture.removed_at.is_(None),
            )
            .limit(1)
        )
        if needed is None and record not in noted:
            noted.add(record)
            session.add(
                RemovedEvidence(
                    warc_file=capture.warc_file,
                    warc_record_id=capture.warc_record_id,
                    sha256=capture.sha256,
                    rule=rule,
                    decided_at=moment,
                )
            )
    session.flush()
