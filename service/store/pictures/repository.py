"""Pictures: adding, finding and reading."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from labels.evidence.picture_addresses import path_key
from service.store.database.columns import now
from service.store.database.errors import UnknownListing
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.index.entries import refresh
from service.store.listings.current import point_to_newest
from service.store.pictures.keys import pictures_key
from service.store.pictures.tables import ListingPicture, Picture
from service.store.tables.core_tables import Listing

_COLUMNS: Final = ("sha256", "media_type", "width", "height", "bytes", "warc_file", "warc_record_id")

FILE_FAILURES: Final = ("picture_file_missing", "picture_file_changed")
"""Reasons that no longer hold once the file is restored."""


@dataclass(frozen=True)
class NewPicture:
    """A picture that a listing shows, whose file is already stored.

    ``url`` is its address, ``warc_file`` and ``warc_record_id`` identify its record; all are empty for a
    picture that was sent.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    bytes: int
    url: str | None = None
    warc_file: str | None = None
    warc_record_id: str | None = None


@dataclass(frozen=True)
class ShownPicture:
    """A picture with its position in a listing."""

    picture: Picture
    shown: ListingPicture


@dataclass(frozen=True)
class Reading:
    """The result of reading a picture: lines, or the code of the reason why there are none."""

    engine: str
    lines: Sequence[Mapping[str, Any]] = ()
    failure: str | None = None


@dataclass(frozen=True)
class SentPicture:
    """A picture whose file is already stored, with its reading if it was read."""

    new: NewPicture
    reading: Reading | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What ``pictures_key`` takes."""
        return self.new.sha256, self.reading.engine if self.reading else None


class PictureRepository(Repository):
    """Repository of pictures.  Only :meth:`of_listing` and :meth:`shown_by` may answer a user's request."""

    def of_listing(self, listing_id: int, gone: bool = False) -> list[ShownPicture]:
        """Return the pictures of a listing in order; with ``gone`` also those no longer shown, last."""
        return self.of_listings([listing_id], gone).get(listing_id, [])

    def of_listings(self, listing_ids: Iterable[int], gone: bool = False) -> dict[int, list[ShownPicture]]:
        """Return :meth:`of_listing` for several listings; those without pictures are omitted."""
        query = (
            select(ListingPicture, Picture)
            .join(Picture, Picture.sha256 == ListingPicture.sha256)
            .where(ListingPicture.listing_id.in_(list(listing_ids)))
            .order_by(
                ListingPicture.gone_at.is_not(None),
                ListingPicture.position,
                ListingPicture.first_seen,
                ListingPicture.sha256,
            )
        )
        if not gone:
            query = query.where(ListingPicture.gone_at.is_(None))
        found: dict[int, list[ShownPicture]] = {}
        with self.database.reading() as session:
            for shown, picture in session.execute(query):
                found.setdefault(shown.listing_id, []).append(ShownPicture(picture, shown))
        return found

    def shown_by(self, listing_id: int, sha256: str) -> Picture | None:
        """Return the picture with this hash if the listing shows or used to show it, else ``None``."""
        query = (
            select(Picture)
            .join(ListingPicture, ListingPicture.sha256 == Picture.sha256)
            .where(ListingPicture.listing_id == listing_id, Picture.sha256 == sha256)
        )
        with self.database.reading() as session:
            return session.scalars(query).first()

    def get(self, sha256: str) -> Picture | None:
        """Return the picture with this hash, or ``None``; for background jobs."""
        with self.database.reading() as session:
            return session.get(Picture, sha256)

    def unread(self, limit: int, engine: str | None = None) -> list[Picture]:
        """Return shown pictures that have not been read, oldest first.

        With ``engine``, also those read by another engine or version, except those whose files are missing
        or were changed (:meth:`without_file`).
        """
        shown = select(ListingPicture.sha256).where(
            ListingPicture.sha256 == Picture.sha256, ListingPicture.gone_at.is_(None)
        )
        by_nothing = Picture.engine.is_(None)
        to_read = (
            by_nothing if engine is None else or_(by_nothing, and_(Picture.engine != engine, ~_lacks_file()))
        )
        query = select(Picture).where(to_read, shown.exists())
        # Those never read come first: the rest already have a result.
        query = query.order_by(Picture.engine.is_not(None), Picture.first_seen, Picture.sha256).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def without_file(self, limit: int, after: str = "") -> list[str]:
        """Return the hashes, in order, of shown pictures whose files were missing or changed when read."""
        shown = select(ListingPicture.sha256).where(
            ListingPicture.sha256 == Picture.sha256, ListingPicture.gone_at.is_(None)
        )
        query = select(Picture.sha256).where(_lacks_file(), Picture.sha256 > after, shown.exists())
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(Picture.sha256).limit(limit)))

    def record_reading(self, sha256: str, reading: Reading) -> bool:
        """Store a reading; listings that show the picture are queued for assessment again.

        Returns whether the picture still exists.
        """
        with self.database.writing() as session:
            picture = session.get(Picture, sha256, with_for_update=True)
            if picture is None:
                return False
            _take_reading(session, picture, reading)
            return True

    def unshown(self, limit: int) -> list[str]:
        """Return the hashes of pictures without a listing, oldest first."""
        query = select(Picture.sha256).where(_is_unshown()).order_by(Picture.first_seen).limit(limit)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def forget(self, sha256: str, remove: Callable[[str], object]) -> bool:
        """Delete a picture without a listing, after ``remove`` has deleted its file.

        Returns whether it was deleted.
        """
        with self.database.writing() as session:
            query = select(Picture).where(Picture.sha256 == sha256, _is_unshown()).with_for_update()
            picture = session.scalars(query).first()
            if picture is None:
                return False
            remove(sha256)
            session.delete(picture)
            return True


def _lacks_file() -> ColumnElement[bool]:
    return func.coalesce(Picture.failure, "").in_(FILE_FAILURES)


def _is_unshown() -> ColumnElement[bool]:
    return ~select(ListingPicture.sha256).where(ListingPicture.sha256 == Picture.sha256).exists()


def add_in(
    session: Session,
    listing_id: int,
    pictures: Sequence[NewPicture],
    complete: bool = True,
    addresses: Collection[str] = (),
) -> bool:
    """Record which pictures a listing now shows, in order; returns whether that changed.

    Runs in the caller's transaction. With ``complete``, earlier pictures that are not among them are marked
    as gone; without, those of which the ``addresses`` that the listing names say so (:func:`_is_left_out`).
    If anything changed, the listing is queued for assessment again.
    Raises :class:`~service.store.database.errors.UnknownListing`.
    """
    listing = session.get(Listing, listing_id, with_for_update=True)
    if listing is None:
        raise UnknownListing(f"there is no listing {listing_id} in this database")
    moment = now()
    known = session.scalars(select(ListingPicture).where(ListingPicture.listing_id == listing_id))
    links = {link.sha256: link for link in known}
    distinct = {picture.sha256: picture for picture in pictures}
    changed = False
    for position, new in enumerate(distinct.values()):
        _keep(session, new)
        link = links.get(new.sha256)
        if link is None:
            link = ListingPicture(listing_id=listing_id, sha256=new.sha256, first_seen=moment)
            session.add(link)
            changed = True
        changed |= link.gone_at is not None
        link.position, link.last_seen, link.gone_at = position, moment, None
        link.url = new.url or link.url
    is_left_out = _is_left_out(listing.images or (), addresses, [picture.url for picture in pictures])
    for digest, link in links.items():
        if digest not in distinct and link.gone_at is None and (complete or is_left_out(link.url)):
            link.gone_at = moment
            changed = True
    session.flush()
    if changed:
        _note_pictures(session, listing)
    return changed


def _is_left_out(
    before: Iterable[str], named: Iterable[str], fetched: Iterable[str | None]
) -> Callable[[str | None], bool]:
    """Return a test, by an earlier picture's address, whether the listing no longer shows it.

    It does if the visit ``before`` named the address, and this one does not, or found other pictures there.
    Other addresses say nothing, nor does a visit that names none of those before: the shop may name its
    pictures in another way now.
    """
    earlier = set(map(path_key, before))
    now_named = Counter(map(path_key, dict.fromkeys(named)))
    left = earlier if earlier & now_named.keys() else set[str]()
    left -= (now_named - Counter(path_key(url) for url in fetched if url)).keys()
    return lambda url: url is not None and path_key(url) in left


def add_read_in(session: Session, sent: Iterable[SentPicture]) -> None:
    """Store pictures with their readings, unless they have one, inside the caller's transaction."""
    # In the order in which all writers lock them.
    for item in sorted(sent, key=lambda item: item.new.sha256):
        _keep(session, item.new)
        if item.reading is None:
            continue
        picture = session.get_one(Picture, item.new.sha256, with_for_update=True)
        if picture.engine is None:
            _take_reading(session, picture, item.reading)


def shown_in(session: Session, listing_id: int) -> frozenset[str]:
    """The hashes of the pictures that a listing shows now."""
    query = select(ListingPicture.sha256).where(
        ListingPicture.listing_id == listing_id, ListingPicture.gone_at.is_(None)
    )
    return frozenset(session.scalars(query))


def _keep(session: Session, new: NewPicture) -> None:
    """Add a picture's row unless it exists."""
    values = {name: getattr(new, name) for name in _COLUMNS} | {"first_seen": now()}
    # Another process may add the same picture for another listing at the same time.
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Picture).values(values).on_conflict_do_nothing(index_elements=["sha256"]))


def _take_reading(session: Session, picture: Picture, reading: Reading) -> None:
    picture.engine, picture.failure, picture.read_at = reading.engine, reading.failure, now()
    # What was read may name contacts that lead to other listings.
    picture.compared_at = None
    picture.reading = None if reading.failure else [storable(dict(line)) for line in reading.lines]
    session.flush()
    showing = (
        select(Listing)
        .join(ListingPicture, ListingPicture.listing_id == Listing.id)
        .where(ListingPicture.sha256 == picture.sha256, ListingPicture.gone_at.is_(None))
        .order_by(Listing.id)
        .with_for_update(of=Listing)
    )
    for listing in session.scalars(showing).all():
        _note_pictures(session, listing)


def _note_pictures(session: Session, listing: Listing) -> None:
    """Queue the listing for an assessment of its present pictures."""
    query = (
        select(Picture.sha256, Picture.engine)
        .join(ListingPicture, ListingPicture.sha256 == Picture.sha256)
        .where(ListingPicture.listing_id == listing.id, ListingPicture.gone_at.is_(None))
    )
    key = pictures_key((digest, engine) for digest, engine in session.execute(query))
    if key != listing.pictures_key:
        listing.pictures_key = key
        point_to_newest(session, listing)
        refresh(session, listing)
