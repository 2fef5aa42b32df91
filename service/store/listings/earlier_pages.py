"""Stores pages that are older than a listing's last visit, as files and spools bring them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from labels.evidence.warc import VIEW
from labels.schema import Capture as CaptureShape
from labels.schema import Listing as ListingShape
from service.store.database.columns import now
from service.store.tables.core_tables import Listing, ListingVersion
from service.store.tables.sighting_tables import Sighting

OLDEST_FIRST: Final = (
    ListingVersion.version > 0,
    case((ListingVersion.version <= 0, ListingVersion.last_seen)),
    ListingVersion.version,
)
"""The order of versions; the numbers below 1 are in the order in which older pages arrived."""


def is_earlier(session: Session, listing_id: int, seen: CaptureShape) -> bool:
    """Whether a page is older than the last visit to its listing.

    A visit in the future was dated by a clock that was ahead, and does not count.
    """
    visits = select(func.max(Sighting.at)).where(Sighting.listing_id == listing_id, Sighting.at <= now())
    last: datetime | None = session.scalar(visits)
    return last is not None and seen.captured_at < last


def version_shown(session: Session, row: Listing, shape: ListingShape, digest: str, seen: datetime) -> int:
    """Return the version of a listing with the text of an older page; an unknown text becomes one.

    It gets a number below 1, so that no known version gets another number.
    """
    if row.text_sha256 == digest:
        return row.version
    versions = select(ListingVersion.text_sha256, ListingVersion.version)
    versions = versions.where(ListingVersion.listing_id == row.id).order_by(ListingVersion.version)
    known = {text_sha256: version for text_sha256, version in session.execute(versions)}
    if digest in known:
        return known[digest]
    version = min(1, row.version, *known.values()) - 1
    session.add(
        ListingVersion(
            listing_id=row.id,
            version=version,
            title=shape.title,
            description=shape.description,
            price=shape.price,
            images=shape.images,
            extra=shape.extra,
            text_sha256=digest,
            last_seen=seen,
            replaced_at=now(),
        )
    )
    return version


def redacted(row: Listing, captures: Iterable[CaptureShape]) -> list[CaptureShape]:
    """Return captures of a redacted listing with the address that its redaction left."""
    address = row.url or ""
    return [
        capture.model_copy(
            update={"url": f"{VIEW}{address}" if capture.url.startswith(VIEW) else address},
        )
        for capture in captures
    ]
