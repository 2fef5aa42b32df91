"""Pictures that show the same as one of a listing decided against: candidates, and what was found.

A match decides nothing: it is shown with the case like a shared contact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from service.store.database.columns import now
from service.store.database.repository import Repository
from service.store.listings.recrawl import standing_decisions
from service.store.pictures.tables import ListingPicture, Picture, PictureBand, PictureLikeness
from service.store.tables.campaign_tables import CampaignMember, SellerContact
from service.store.tables.core_tables import Listing, Review

MOST_SHARING: Final = 200
"""A contact or a band that more listings share means nothing; of these, so many are looked at."""


@dataclass(frozen=True)
class FoundLikeness:
    """A match with a known picture: how many corners agree, and whether one is mirrored."""

    corners: int
    mirrored: bool


class LikenessRepository(Repository):
    """Repository of comparisons, for the worker."""

    def next(self, without: Sequence[str] = ()) -> Picture | None:
        """Return the oldest picture to compare whose listing was assessed with its present pictures.

        By then its contacts and its campaign are known. Pictures in ``without`` are left out.
        """
        ready = (
            select(ListingPicture.sha256)
            .join(Listing, Listing.id == ListingPicture.listing_id)
            .where(
                ListingPicture.sha256 == Picture.sha256,
                ListingPicture.gone_at.is_(None),
                Listing.assessed_by.is_not(None),
            )
        )
        query = select(Picture).where(Picture.compared_at.is_(None), ready.exists())
        if without:
            query = query.where(Picture.sha256.not_in(without))
        with self.database.reading() as session:
            return session.scalars(query.order_by(Picture.first_seen, Picture.sha256).limit(1)).first()

    def candidates(self, sha256: str, bands: Sequence[int], limit: int) -> list[str]:
        """Return pictures of listings decided against with which to compare a picture, newest decisions
        first.

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
                    ListingPicture.listing_id.not_in(showing),
                    ListingPicture.sha256 != sha256,
                )
                .group_by(ListingPicture.sha256)
                .order_by(func.max(Review.created_at).desc(), ListingPicture.sha256)
                .limit(limit)
            )
            return list(session.scalars(query))

    def record(self, sha256: str, bands: Sequence[int], matches: Mapping[str, FoundLikeness]) -> bool:
        """Store a comparison in place of earlier ones; returns whether the picture still exists."""
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


def _with_bands(sha256: str, bands: Sequence[int]) -> Select[Any]:
    """Return the listings that show another picture with one of these bands."""
    same = or_(
        *(and_(PictureBand.place == place, PictureBand.value == value) for place, value in enumerate(bands))
    )
    alike = select(PictureBand.sha256).where(same, PictureBand.sha256 != sha256).limit(MOST_SHARING)
    return select(ListingPicture.listing_id).where(ListingPicture.sha256.in_(select(alike.subquery())))
