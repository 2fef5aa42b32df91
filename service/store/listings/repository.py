"""Listings: depositing, reading and paging."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from labels.schema import Capture as CaptureShape
from labels.schema import Listing as ListingShape
from labels.taxonomy import Verdict
from service.store.database.columns import now
from service.store.database.engine import Database
from service.store.database.errors import UnknownListing
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.index.entries import add_entry, refresh
from service.store.index.finding import FindRepository, QueueFilter
from service.store.index.pages import Order, Page
from service.store.listings.current import point_to_newest
from service.store.listings.earlier_pages import OLDEST_FIRST, is_earlier, redacted, version_shown
from service.store.listings.sightings import (
    Key,
    as_read,
    by_keys,
    differences,
    first_shown,
    note_first_presence,
    note_presence,
)
from service.store.listings.taking import take
from service.store.pictures.repository import NewPicture, add_in, shown_in
from service.store.platforms.idempotency import Then, nothing
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, ListingVersion
from service.store.tables.retention_tables import AwaitedDeletion
from service.store.tenants.read_scope import ReadScope

_DIGITS = 10
"""A number with this many digits or more is no listing's."""


@dataclass(frozen=True)
class Deposit:
    """The outcome of a deposit; ``listing_id`` is the number in the store."""

    listing_id: int
    status: Literal["new", "unchanged", "changed"]
    is_outdated: bool = False
    """Whether its record now says otherwise on whether it is an offer than its assessment assumed."""


@dataclass(frozen=True)
class Arrival:
    """A listing to be deposited; see :meth:`ListingRepository.deposit`."""

    listing: ListingShape
    captures: Sequence[CaptureShape] = ()
    source: str = ""
    seen: CaptureShape | None = None
    pictures: Sequence[NewPicture] = ()
    pictures_complete: bool = False
    """Whether ``pictures`` is complete, so that all other pictures are gone."""
    shows_none: bool = False
    """Whether the sender stated that it shows no pictures, so that their addresses are gone too."""


def text_digest(text: str) -> str:
    """Hex SHA-256 of a listing's text in UTF-8."""
    return sha256(text.encode("utf-8")).hexdigest()


class ListingRepository(Repository):
    """Repository of listings and their captures."""

    def deposit(
        self,
        listing: ListingShape,
        captures: Sequence[CaptureShape] = (),
        source: str = "",
        seen: CaptureShape | None = None,
    ) -> Deposit:
        """Store a listing.

        Idempotent, except that ``last_seen`` and captures are updated.

        A listing is identified by ``source`` and its ``id``. When its text changed, the old text moves to
        ``listing_version`` and stays readable. Fields that are now missing retain their earlier value; one
        that was sent empty, or with a value that does not fit it, is cleared. If the record now says
        otherwise on whether it is an offer, the listing is queued for assessment again. Characters that a
        database cannot store are replaced one for one (``json_text.storable``). With ``seen``, the record of
        a visit to its page, the visit is recorded as a sighting, and empty fields are missing ones. A page
        older than the last visit adds its capture, and its text as an earlier version.
        """
        return self.deposit_all([Arrival(listing, captures, source, seen)])[0]

    def deposit_all(self, arrivals: Sequence[Arrival], then: Then[list[Deposit]] = nothing) -> list[Deposit]:
        """Store listings as :meth:`deposit` does, all or none, but faster than one by one.

        ``then`` is called in the same transaction.
        """
        clean = [
            replace(
                arrival,
                listing=ListingShape.model_validate(storable(arrival.listing.model_dump())),
                source=storable(arrival.source),
            )
            for arrival in arrivals
        ]
        try:
            return self._deposit_all(clean, then)
        except (IntegrityError, StaleDataError):
            # PostgreSQL: another process inserted or deleted the same listing after our lookup.
            return self._deposit_all(clean, then)

    def _deposit_all(self, arrivals: Sequence[Arrival], then: Then[list[Deposit]]) -> list[Deposit]:
        with self.database.writing() as session:
            deposits = _deposit_all(session, arrivals)
            then(session, deposits)
            return deposits

    def get(self, listing_id: int, reach: ReadScope | None = None) -> Listing | None:
        """The listing with this number, or ``None``, also if it is outside ``reach``."""
        with self.database.reading() as session:
            if reach is None:
                return session.get(Listing, listing_id)
            covered = reach.covers(session, Listing.source)
            return session.scalars(select(Listing).where(Listing.id == listing_id, covered)).first()

    def versions(self, listing_id: int) -> list[ListingVersion]:
        """Earlier texts, oldest first; the newest text is in the listing itself."""
        query = select(ListingVersion).where(ListingVersion.listing_id == listing_id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(*OLDEST_FIRST)))

    def text(self, listing_id: int, text_sha256: str) -> str | None:
        """The listing's current or earlier text with this digest, ``None`` if there is none."""
        with self.database.reading() as session:
            row = session.get(Listing, listing_id)
            if row is None or row.text_sha256 == text_sha256:
                return None if row is None else row.text
            found = session.scalars(
                select(ListingVersion)
                .where(ListingVersion.listing_id == listing_id, ListingVersion.text_sha256 == text_sha256)
                .limit(1)
            ).first()
            return None if found is None else found.text

    def captures(self, listing_id: int) -> list[Capture]:
        """The evidence of a listing, oldest first."""
        query = select(Capture).where(Capture.listing_id == listing_id).order_by(Capture.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def page(
        self,
        cursor: str | None = None,
        limit: int = 50,
        verdict: Verdict | Collection[Verdict] | None = None,
        source: str | None = None,
        order: Order = Order.DEPOSITED,
    ) -> Page[Listing]:
        """One page of listings, and the cursor of the next page.

        ``Order.RISK`` sorts by descending risk and leaves out unassessed listings. Raises
        :class:`~service.store.database.errors.BadCursor`.
        """
        verdicts = (verdict,) if isinstance(verdict, Verdict) else tuple(verdict or ())
        wanted = QueueFilter(verdicts=verdicts, source=source)
        return FindRepository(self.database).page(wanted, order, cursor, limit)

    def unassessed(
        self,
        model_id: str,
        limit: int = 100,
        exclude: Collection[int] = (),
        among: Collection[int] | None = None,
    ) -> list[Listing]:
        """Listings whose current text, pictures and offer this model has not assessed, oldest first.

        ``exclude`` and ``among`` are numbers of listings.
        """
        query = select(Listing).where(*_lacks_assessment(model_id)).order_by(Listing.id).limit(limit)
        if exclude:
            query = query.where(Listing.id.not_in(exclude))
        if among is not None:
            query = query.where(Listing.id.in_(among))
        with self.database.reading() as session:
            return list(session.scalars(query))

    def waiting(self, model_id: str) -> int:
        """The number of listings that :meth:`unassessed` would find without a limit."""
        query = select(func.count()).select_from(Listing).where(*_lacks_assessment(model_id))
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def counts(self) -> dict[Verdict | None, int]:
        """The number of listings per verdict; ``None`` counts unassessed ones."""
        query = select(Listing.verdict, func.count()).group_by(Listing.verdict)
        with self.database.reading() as session:
            return {
                None if value is None else Verdict(value): number for value, number in session.execute(query)
            }


def _lacks_assessment(model_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    done = (
        select(AssessmentRow.id)
        .where(
            AssessmentRow.listing_id == Listing.id,
            AssessmentRow.listing_text_sha256 == Listing.text_sha256,
            AssessmentRow.pictures_key == Listing.pictures_key,
            AssessmentRow.model_id == model_id,
        )
        .exists()
    )
    # An index answers the first condition; the second alone would scan every listing. A redacted text does
    # not match its digest: the assessments of the full text stand.
    by_none = Listing.assessed_by.is_(None)
    by_another = or_(by_none, Listing.assessed_by != model_id)
    return and_(by_another, Listing.redacted_at.is_(None)), or_(by_none, ~done)


def require(session: Session, listing_id: int) -> Listing:
    """The listing with this number; raises :class:`~service.store.database.errors.UnknownListing`."""
    row = session.get(Listing, listing_id)
    if row is None:
        raise UnknownListing(f"there is no listing {listing_id} in this database")
    return row


def is_within(session: Session, listing_id: int, reach: ReadScope) -> bool:
    """Whether a listing with this number exists within ``reach``."""
    covered = reach.covers(session, Listing.source)
    return session.scalars(select(Listing.id).where(Listing.id == listing_id, covered)).first() is not None


def named(database: Database, name: str) -> list[Listing]:
    """The listings that ``name`` may refer to: by number in the store, or by id at any source."""
    query = select(Listing).where(Listing.external_id == name).order_by(Listing.id)
    with database.reading() as session:
        found = list(session.scalars(query))
        if not found and name.isdecimal() and len(name) < _DIGITS:
            row = session.get(Listing, int(name))
            found = [row] if row else []
        return found


def deposit_in(session: Session, arrival: Arrival) -> Deposit:
    """Deposit a sanitized listing inside the caller's transaction (see :meth:`ListingRepository.deposit`)."""
    return _deposit_all(session, [arrival])[0]


def _deposit_all(session: Session, arrivals: Sequence[Arrival]) -> list[Deposit]:
    keys = [(arrival.source, arrival.listing.id) for arrival in arrivals]
    rows = by_keys(session, keys)
    # All writers lock in key order and insert first, which prevents deadlocks.
    order = sorted(range(len(keys)), key=keys.__getitem__)
    new: dict[Key, Arrival] = {}
    for number in order:
        if keys[number] not in rows:
            new.setdefault(keys[number], arrivals[number])
    rows |= _insert(session, new)
    deposits: dict[int, Deposit] = {}
    for number in order:
        key, arrival = keys[number], arrivals[number]
        # A listing that arrives twice is new only the first time.
        is_new = new.get(key) is arrival
        if not is_new and arrival.seen is not None and is_earlier(session, rows[key].id, arrival.seen):
            deposits[number] = _add_earlier(session, rows[key], arrival, arrival.seen)
            continue
        swapped = _take_pictures(session, rows[key].id, arrival, is_new)
        deposits[number] = (
            Deposit(rows[key].id, "new") if is_new else _renew(session, rows[key], arrival, swapped)
        )
    return [deposits[number] for number in range(len(keys))]


def _take_pictures(session: Session, listing_id: int, arrival: Arrival, is_new: bool) -> bool:
    """Record the pictures of an arrival; returns whether a known listing shows others than before.

    The first pictures of a listing are no change: it may only now be that they are collected.
    """
    if not arrival.pictures and not arrival.pictures_complete:
        return False
    before = frozenset[str]() if is_new else shown_in(session, listing_id)
    add_in(session, listing_id, arrival.pictures, arrival.pictures_complete, arrival.listing.images)
    return bool(before) and shown_in(session, listing_id) != before


def _insert(session: Session, new: Mapping[Key, Arrival]) -> dict[Key, Listing]:
    """Insert listings that the store does not have.

    No other row can refer to a number that is only now assigned, so nothing about them is looked up: a crawl
    deposits mostly new listings, and the lookups would be most of the work.
    """
    moment = now()
    rows: dict[Key, Listing] = {}
    for (source, external_id), arrival in new.items():
        row = Listing(external_id=external_id, source=source, first_seen=moment, last_seen=moment, version=1)
        take(row, arrival.listing, text_digest(arrival.listing.text), arrival.seen is None)
        rows[source, external_id] = row
    session.add_all(rows.values())
    session.flush()
    for key, arrival in new.items():
        _add_captures(session, rows[key], arrival.captures, 1, is_new=True)
        if arrival.seen is not None:
            note_first_presence(session, rows[key], arrival.seen)
        add_entry(session, rows[key])
    session.flush()
    return rows


def _renew(session: Session, row: Listing, arrival: Arrival, swapped: bool) -> Deposit:
    """Deposit a listing that the store already has."""
    seen = arrival.seen
    shape = arrival.listing if seen is None else as_read(row, arrival.listing)
    moment = now()
    digest = text_digest(shape.text)
    changes = differences(row, shape) if seen is not None else {}
    if swapped:
        changes["pictures"] = None
    status: Literal["unchanged", "changed"] = "unchanged"
    if row.redacted_at is not None:
        # A new collection, which no request to delete the former one is about.
        session.execute(delete(AwaitedDeletion).where(AwaitedDeletion.listing_id == row.id))
    if row.text_sha256 == digest:
        was_offered = row.shape().is_offer_by_record
        take(row, shape, digest, seen is None, arrival.shows_none)
        is_outdated = row.shape().is_offer_by_record != was_offered
    else:
        status = "changed"
        session.add(_archived(session, row, moment))
        row.version += 1
        take(row, shape, digest, seen is None, arrival.shows_none)
        # The text may have been assessed before: that assessment becomes current again.
        point_to_newest(session, row)
        is_outdated = _assumes_otherwise(session, row)
    if is_outdated:
        row.assessed_by = None
    row.last_seen = moment
    session.flush()
    _add_captures(session, row, arrival.captures, row.version)
    if seen is not None:
        note_presence(session, row, seen, changes)
    refresh(session, row)
    return Deposit(row.id, status, is_outdated)


def _add_earlier(session: Session, row: Listing, arrival: Arrival, seen: CaptureShape) -> Deposit:
    """Add a page that is older than the last visit as evidence; the present state stays."""
    captures, version = arrival.captures, row.version
    if row.redacted_at is None:
        shape = as_read(row, arrival.listing)
        version = version_shown(session, row, shape, text_digest(shape.text), seen.captured_at)
    else:  # its text must not come back, but who deletes the listing must find its records
        captures = redacted(row, captures)
    _add_captures(session, row, captures, version)
    session.flush()
    return Deposit(row.id, "unchanged")


def _assumes_otherwise(session: Session, row: Listing) -> bool:
    """Whether the current assessment was made when the record said otherwise on whether it is an offer."""
    if row.assessment_id is None:
        return False
    by_record = session.get_one(AssessmentRow, row.assessment_id).content.get("offer_probability") == 1
    return by_record != row.shape().is_offer_by_record


def _archived(session: Session, row: Listing, moment: datetime) -> ListingVersion:
    return ListingVersion(
        listing_id=row.id,
        version=row.version,
        title=row.title,
        description=row.description,
        **first_shown(session, row),
        extra=row.extra,
        text_sha256=row.text_sha256,
        last_seen=row.last_seen,
        replaced_at=moment,
    )


def _add_captures(
    session: Session, row: Listing, captures: Sequence[CaptureShape], version: int, is_new: bool = False
) -> None:
    """Add those captures whose records the listing does not have yet."""
    known = set[str]()
    if captures and not is_new:
        wanted = [capture.warc_record_id for capture in captures]
        query = select(Capture.warc_record_id).where(
            Capture.listing_id == row.id, Capture.warc_record_id.in_(wanted)
        )
        known.update(session.scalars(query))
    for capture in captures:
        if capture.warc_record_id not in known:
            known.add(capture.warc_record_id)
            session.add(Capture(listing_id=row.id, version=version, **capture.model_dump()))
