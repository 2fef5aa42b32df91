"""Pictures that show the same as one of a listing decided against: candidates, and what was found.

A match decides nothing: it is shown with the case like a shared contact.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    false,
    func,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.orm import Session, aliased

from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.listings.recrawl import standing_decisions
from service.store.pictures.tables import ListingPicture, Picture, PictureBand, PictureLikeness
from service.store.tables.campaign_tables import CampaignMember, SellerContact
from service.store.tables.core_tables import Listing, Review

MOST_SHARING: Final = 200
"""A contact that more listings share, or a band that more pictures share, means nothing."""

_NAMESPACE: Final = 1_918_204
"""Arbitrary first key of the advisory locks that reserve pictures."""
_LOOK_AHEAD: Final = 16
"""How many pictures a worker looks ahead, past those reserved by other workers."""
_LOCK: Final = text("SELECT pg_try_advisory_lock(:namespace, :key)")
_UNLOCK: Final = text("SELECT pg_advisory_unlock_all()")


@dataclass(frozen=True)
class FoundLikeness:
    """A match with a known picture: how many corners agree, and whether one is mirrored."""

    corners: int
    mirrored: bool


class LikenessRepository(Repository):
    """Repository of comparisons, for the worker."""

    @contextmanager
    def reserve(self, without: Sequence[str] = ()) -> Iterator[Picture | None]:
        """Reserve the newest picture to compare, until the context exits; ``None`` if there is none.

        Its listing was assessed with its present pictures: by then its contacts and its campaign are known.
        Pictures in ``without`` are left out. On PostgreSQL it is held by an advisory lock of a connection; on
        SQLite, two workers may compare the same picture, with the same result.
        """
        if self.database.is_sqlite:
            yield next(iter(self._due(1, without)), None)
            return
        with self.database.outside_transactions() as connection:
            try:
                yield self._held(connection, without)
            finally:
                connection.execute(_UNLOCK)

    def _held(self, connection: Connection, without: Sequence[str]) -> Picture | None:
        """Lock the first due picture that no other worker holds."""
        for picture in self._due(_LOOK_AHEAD, without):
            # The lock takes a signed 32-bit integer.
            key = int.from_bytes(bytes.fromhex(picture.sha256[:8]), signed=True)
            if connection.scalar(_LOCK, {"namespace": _NAMESPACE, "key": key}):
                # It may have been recorded since the first lookup.
                for still_due in self._due(1, without, among=[picture.sha256]):
                    return still_due
        return None

    def _due(self, limit: int, without: Sequence[str], among: Sequence[str] | None = None) -> list[Picture]:
        # The coarse hash of a decided listing's picture is needed also after it was swapped.
        decided = standing_decisions([Listing.id]).correlate(Listing).exists()
        ready = (
            select(ListingPicture.sha256)
            .join(Listing, Listing.id == ListingPicture.listing_id)
            .where(
                ListingPicture.sha256 == Picture.sha256,
                Listing.assessed_by.is_not(None),
                or_(ListingPicture.gone_at.is_(None), decided),
            )
        )
        query = select(Picture).where(Picture.compared_at.is_(None), ready.exists())
        if without:
            query = query.where(Picture.sha256.not_in(without))
        if among is not None:
            query = query.where(Picture.sha256.in_(among))
        with self.database.reading() as session:
            # Newest first: new listings must not wait behind an archive that was never compared.
            return list(
                session.scalars(query.order_by(Picture.first_seen.desc(), Picture.sha256).limit(limit))
            )

    def candidates(self, sha256: str, bands: Sequence[int], limit: int) -> list[str]:
        """Return pictures of listings decided against, to compare a picture with; newest decisions first.

        These listings share a contact or a campaign with a listing that shows it, or show a picture with a
        band of its coarse hash.
        """
        with self.database.reading() as session:
            showing = select(ListingPicture.listing_id).where(
                ListingPicture.sha256 == sha256, ListingPicture.gone_at.is_(None)
            )
            near = union(
                _sharing(SellerContact, ("kind", "value"), showing),
                _sharing(CampaignMember, ("campaign_id",), showing),
                _with_bands(sha256, bands),
            ).subquery()
            query = (
                select(ListingPicture.sha256)
                .join(Review, Review.listing_id == ListingPicture.listing_id)
                .where(
                    Review.id.in_(standing_decisions(select(near))),
                    ListingPicture.listing_id.not_in(_ever_showing(sha256)),
                )
                .group_by(ListingPicture.sha256)
                .order_by(func.max(Review.created_at).desc(), ListingPicture.sha256)
                .limit(limit)
            )
            return list(session.scalars(query))

    def record(
        self,
        sha256: str,
        bands: Sequence[int],
        matches: Mapping[str, FoundLikeness],
        read_at: datetime | None,
    ) -> bool:
        """Store a comparison in place of earlier ones; returns whether the picture still exists.

        ``read_at`` is that of the picture when the comparison began. If it was read since, it stays due.
        """
        with self.database.writing() as session:
            picture = session.get(Picture, sha256, with_for_update=True)
            if picture is None:
                return False
            session.execute(delete(PictureBand).where(PictureBand.sha256 == sha256))
            session.execute(delete(PictureLikeness).where(PictureLikeness.sha256 == sha256))
            for place, value in enumerate(bands):
                session.add(PictureBand(sha256=sha256, place=place, value=value))
            for known in _present(session, matches):
                found = matches[known]
                session.add(
                    PictureLikeness(
                        sha256=sha256, known_sha256=known, corners=found.corners, mirrored=found.mirrored
                    )
                )
            if picture.read_at == read_at:
                picture.compared_at = now()
            return True

    def of(self, sha256: str) -> list[PictureLikeness]:
        """Return the known pictures that a picture shows again."""
        query = select(PictureLikeness).where(PictureLikeness.sha256 == sha256)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(PictureLikeness.known_sha256)))


def _present(session: Session, matches: Mapping[str, FoundLikeness]) -> list[str]:
    """Return those of the known pictures that were not deleted meanwhile."""
    return list(session.scalars(select(Picture.sha256).where(Picture.sha256.in_(list(matches)))))


def _sharing(table: Any, names: tuple[str, ...], showing: Select[Any]) -> Select[Any]:
    """Return the listings that share a row of a table with those that show a picture."""
    mine, other, any_ = aliased(table), aliased(table), aliased(table)

    def alike(one: Any, two: Any) -> ColumnElement[bool]:
        return and_(*(getattr(one, name) == getattr(two, name) for name in names))

    sharing = select(func.count()).select_from(any_).where(alike(any_, mine)).correlate(mine)
    return (
        select(other.listing_id)
        .join(mine, alike(mine, other))
        .where(mine.listing_id.in_(showing), sharing.scalar_subquery() <= MOST_SHARING)
    )


def _ever_showing(sha256: str) -> Select[Any]:
    return select(ListingPicture.listing_id).where(ListingPicture.sha256 == sha256)


def _with_bands(sha256: str, bands: Sequence[int]) -> Select[Any]:
    """Return the listings that show another picture with one of these bands.

    A band of 0 is a plain area, and one that many pictures share is as common: they are left out.
    """
    same: list[ColumnElement[bool]] = []
    for place, value in enumerate(bands):
        if value:
            alike = and_(PictureBand.place == place, PictureBand.value == value)
            some = select(PictureBand.sha256).where(alike).limit(MOST_SHARING + 1).subquery()
            sharing = select(func.count()).select_from(some).scalar_subquery()
            same.append(and_(alike, sharing <= MOST_SHARING))
    pictures = select(PictureBand.sha256).where(or_(false(), *same), PictureBand.sha256 != sha256)
    return select(ListingPicture.listing_id).where(ListingPicture.sha256.in_(pictures))
