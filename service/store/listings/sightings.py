"""Sightings: recording visits to pages, and the presence of a listing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.other_text import with_earlier_text
from labels.schema import Capture as CaptureShape
from labels.schema import Listing as ListingShape
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.listings.earlier_pages import is_earlier
from service.store.tables.core_tables import Capture, Listing
from service.store.tables.sighting_tables import Outcome, Sighting

Key = tuple[str, str]
"""The identity of a listing: its source, and its id there."""
_FIELDS: Final = ("price", "currency", "seller", "seller_url", "images")


@dataclass(frozen=True)
class Absence:
    """A visit that did not show the listing; ``certain`` only if the site states that it is gone."""

    how: str
    certain: bool = True


class SightingRepository(Repository):
    """Repository of visits to listings' pages."""

    def of(self, listing_id: int) -> list[Sighting]:
        """The sightings of a listing, oldest first."""
        query = select(Sighting).where(Sighting.listing_id == listing_id).order_by(Sighting.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def kept_pages(self, listings: Sequence[tuple[ListingShape, str]]) -> list[CaptureShape | None]:
        """The stored page that shows each listing of a source exactly as it is now, with one query.

        ``None`` for a listing that is new, that differs from the store in text, price, seller or pictures,
        or whose page was deleted.
        """
        wanted = [
            (ListingShape.model_validate(storable(listing.model_dump())), storable(source))
            for listing, source in listings
        ]
        with self.database.reading() as session:
            rows = by_keys(session, [(source, shape.id) for shape, source in wanted])
            return [_kept(session, rows.get((source, shape.id)), shape) for shape, source in wanted]

    def stored(self, external_ids: Sequence[str], source: str) -> dict[str, ListingShape]:
        """Those of a source's listings that the store has; without a title if contacts were removed."""
        with self.database.reading() as session:
            rows = by_keys(session, [(source, each) for each in external_ids])
            return {
                external_id: row.shape().model_copy(update={"title": None} if row.redacted_at else {})
                for (_, external_id), row in rows.items()
            }

    def note_absence(
        self, external_id: str, source: str, absence: Absence, seen: CaptureShape
    ) -> Outcome | None:
        """Record a visit that did not show a listing, and return its outcome.

        ``None`` when the store has no such listing, it is already recorded as gone, or the visit is older
        than the last one.

        Only an explicit statement by the page counts as gone, however often the listing is missing: takedown
        times and evidence rely on it.
        """
        with self.database.writing() as session:
            row = by_key(session, external_id, source)
            if row is None or is_earlier(session, row.id, seen):
                return None
            last = last_of(session, row.id)
            if last is not None and last.outcome == Outcome.GONE:
                if absence.certain:
                    _again(last, seen)
                else:
                    # The record remains the page with the statement; the visit counts for the schedule.
                    last.at = max(last.at, seen.captured_at)
                return None
            outcome = Outcome.GONE if absence.certain else Outcome.UNCLEAR
            if last is not None and outcome == last.outcome and last.how == absence.how:
                return _again(last, seen)
            session.add(_sighting(row, outcome, seen, how=absence.how, like=last))
            return outcome


def note_first_presence(session: Session, row: Listing, seen: CaptureShape) -> None:
    """Record the visit that showed a new listing, inside the caller's transaction."""
    session.add(_sighting(row, Outcome.NEW, seen))


def note_presence(session: Session, row: Listing, seen: CaptureShape, changes: dict[str, Any]) -> Outcome:
    """Record a visit that showed a known listing, inside the caller's transaction.

    ``row`` is in its state after the visit.
    """
    last = last_of(session, row.id)
    if last is not None and last.outcome == Outcome.GONE:
        outcome = Outcome.BACK
    elif changes:
        outcome = Outcome.CHANGED
    else:
        outcome = Outcome.UNCHANGED
        if last is not None and last.outcome == Outcome.UNCHANGED and last.version == row.version:
            return _again(last, seen)
    session.add(_sighting(row, outcome, seen, changes=changes))
    session.flush()
    return outcome


def differences(row: Listing, shape: ListingShape) -> dict[str, Any]:
    """The fields of a listing's page that now differ from the store; see ``Sighting.changes``.

    A field that the page no longer has is not a difference: the store retains its value.
    """
    changes: dict[str, Any] = {}
    if row.text != shape.text:
        changes["text"] = None
    for name in _FIELDS:
        before, after = getattr(row, name), getattr(shape, name)
        if after and not (is_same_price(before, after) if name == "price" else before == after):
            changes[name] = [before, after]
    return changes


def is_same_price(before: str | None, after: str | None) -> bool:
    """Whether two prices are equal, also if one is written with other decimals or digits."""
    if before is None or after is None or before == after:
        return before == after
    try:
        return Decimal(before) == Decimal(after)
    except InvalidOperation:
        return False


def first_shown(session: Session, row: Listing) -> dict[str, Any]:
    """The price and pictures' addresses with which a listing's present text was first seen.

    Changes between visits to the same text are taken back; a field that was filled in later keeps that value.
    """
    shown: dict[str, Any] = {"price": row.price, "images": row.images}
    visits = select(Sighting.changes).where(Sighting.listing_id == row.id, Sighting.version == row.version)
    for changes in session.scalars(visits.order_by(Sighting.id.desc())):
        if "text" in changes:
            break  # the visit that first showed this text
        earlier = {name: changes[name][0] for name in shown if changes.get(name)}
        shown |= {name: value for name, value in earlier.items() if value}
    return shown


def as_read(row: Listing, shape: ListingShape) -> ListingShape:
    """A listing as a visit to its page found it, with the stored text if only moving words differ."""
    return shape if row.redacted_at else with_earlier_text(shape, row.shape())


def last_of(session: Session, listing_id: int) -> Sighting | None:
    """The newest sighting of a listing, or ``None``."""
    query = select(Sighting).where(Sighting.listing_id == listing_id).order_by(Sighting.id.desc()).limit(1)
    return session.scalars(query).first()


def by_key(session: Session, external_id: str, source: str) -> Listing | None:
    """The listing with this id at its source."""
    query = select(Listing).where(Listing.source == source, Listing.external_id == external_id)
    return session.scalars(query).first()


def by_keys(session: Session, keys: Sequence[Key]) -> dict[Key, Listing]:
    """Those of these listings that the store has."""
    found: dict[Key, Listing] = {}
    for source in dict.fromkeys(source for source, _ in keys):
        ids = list(dict.fromkeys(external_id for named, external_id in keys if named == source))
        query = select(Listing).where(Listing.source == source, Listing.external_id.in_(ids))
        found.update({(source, row.external_id): row for row in session.scalars(query)})
    return found


def _kept(session: Session, row: Listing | None, shape: ListingShape) -> CaptureShape | None:
    if row is None or differences(row, as_read(row, shape)):
        return None
    query = select(Capture).where(
        Capture.listing_id == row.id,
        Capture.version == row.version,
        Capture.removed_at.is_(None),
        Capture.status == 200,
        Capture.content_type.not_like("image/%"),
    )
    newest = query.order_by(Capture.captured_at.desc(), Capture.id.desc()).limit(1)
    page = session.scalars(newest).first()
    if page is None:
        return None
    return CaptureShape.model_validate({name: getattr(page, name) for name in CaptureShape.model_fields})


def _again(last: Sighting, seen: CaptureShape) -> Outcome:
    last.at = max(last.at, seen.captured_at)
    last.times += 1
    last.status, last.sha256 = seen.status, seen.sha256
    last.warc_file, last.warc_record_id = seen.warc_file, seen.warc_record_id
    last.removed_at = None
    return Outcome(last.outcome)


def _sighting(
    row: Listing,
    outcome: Outcome,
    seen: CaptureShape,
    *,
    changes: dict[str, Any] | None = None,
    how: str = "",
    like: Sighting | None = None,
) -> Sighting:
    return Sighting(
        listing_id=row.id,
        outcome=outcome.value,
        first_at=seen.captured_at,
        at=seen.captured_at,
        times=1,
        version=row.version,
        changes=changes or {},
        how=how,
        status=seen.status,
        # Remember the content type while the page is gone: it decides who visits it again.
        content_type=like.content_type if like else seen.content_type,
        sha256=seen.sha256,
        warc_file=seen.warc_file,
        warc_record_id=seen.warc_record_id,
    )
