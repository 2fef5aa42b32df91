"""Listings that were made of a complaint, and those whose text is the complainant's account."""

from collections.abc import Sequence

from labels.schema import Contact
from service.store.tables.complaint_tables import LISTING_SOURCE, TOLD
from service.store.tables.core_tables import Listing


def is_from_complaint(listing: Listing) -> bool:
    """Whether a listing was made of a complaint."""
    return listing.source == LISTING_SOURCE


def is_told(listing: Listing) -> bool:
    """Whether a listing's text is a complainant's account of what happened, not the advertisement's."""
    return is_from_complaint(listing) and bool(listing.extra.get(TOLD))


def shown_by_seller(listing: Listing, named: Sequence[Contact]) -> Sequence[Contact]:
    """Return those of the contacts named in a listing that the seller shows.

    Where a complainant only told what happened, they may be the complainant's own: they would link the
    listings of unrelated sellers, and letters would report the complainant as the seller.
    """
    return () if is_told(listing) else named
