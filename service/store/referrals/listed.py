"""The list of referrals: what it is filtered by, and what it shows of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from service.store.database.columns import now
from service.store.referrals.covered import about
from service.store.tables.core_tables import Listing, Reviewer
from service.store.tables.referral_tables import Recipient, ReferralListing, ReferralRow, ReferralStatus


@dataclass(frozen=True)
class ReferralFilter:
    """Which referrals a list shows.

    ``idle_days`` is how long at least nothing has moved; those about any of the listings ``without`` are left
    out, but for the referrals ``kept``.
    """

    recipient: Recipient | None = None
    status: ReferralStatus | None = None
    idle_days: int | None = None
    without: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ListedReferral:
    """A referral with what a list shows beside it."""

    referral: ReferralRow
    title: str
    author: str
    others: int = 0
    """How many listings it is about beside the first, whose title it is."""


def conditions_of(wanted: ReferralFilter) -> Collection[ColumnElement[bool]]:
    """The conditions on :class:`ReferralRow` that a filter makes."""
    found: list[ColumnElement[bool]] = []
    if wanted.recipient is not None:
        found.append(ReferralRow.recipient == wanted.recipient.value)
    if wanted.status is not None:
        found.append(ReferralRow.status == wanted.status.value)
    if wanted.idle_days is not None:
        found.append(ReferralRow.moved_at <= now() - timedelta(days=wanted.idle_days))
    if wanted.without:
        found.append(ReferralRow.id.not_in(about(wanted.without)) | ReferralRow.id.in_(wanted.kept))
    return found


def listed() -> Select[Any]:
    """Referrals with title and beginning of the first listing, maker, and number of listings."""
    author = aliased(Reviewer)
    # A description may be long: a list needs its beginning.
    start = func.substr(Listing.description, 1, 200)
    size = (
        select(func.count())
        .where(ReferralListing.referral_id == ReferralRow.id, ReferralListing.removed_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(ReferralRow, Listing.title, start, author.display_name, size)
        .join(Listing, ReferralRow.listing_id == Listing.id)
        .join(author, ReferralRow.created_by == author.id)
    )
