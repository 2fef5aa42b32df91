"""Whether a listing shows pictures that were not there when its case was assessed and decided."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from service.store.pictures.tables import ListingPicture


def shows_new_pictures(
    listing_id: int | InstrumentedAttribute[int],
    assessed_at: datetime | InstrumentedAttribute[datetime],
    first_count: bool = False,
) -> ColumnElement[bool]:
    """Whether pictures of a listing are newer than an assessment of it.

    A listing without any picture at that time does not count unless ``first_count``: its pictures may only
    now be collected. Pictures that are gone, or back, do not count either.
    """
    pictures = select(ListingPicture.sha256).where(ListingPicture.listing_id == listing_id)
    new = pictures.where(ListingPicture.gone_at.is_(None), ListingPicture.first_seen > assessed_at)
    if first_count:
        return new.exists()
    return and_(new.exists(), pictures.where(ListingPicture.first_seen <= assessed_at).exists())
