"""The list of referrals: its filter and its columns."""

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
    """The filter of a list of referrals.

    ``idle_days`` is the minimum number of days without an event. Referrals about any of the listings in
    ``without`` are left out, except those in ``kept``.
    """

    recipient: Recipient | None = None
    status: ReferralStatus | None = None
    idle_days: int | None = None
    without: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ListedReferral:
    """A referral with the columns of the list."""

    referral: ReferralRow
    title: str
    author: str
    others: int = 0
    """The number of listings besides the first, whose title is shown."""


def conditions_of(wanted: ReferralFilter) -> Collection[ColumnElement[bool]]:
    """The conditions on :class:`ReferralRow` for a filter."""
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
    """Referrals with title and beginning of the first listing, author, and number of listings."""
    author = aliased(Reviewer)
    # Descriptions may be long, and a list needs only the beginning.
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
