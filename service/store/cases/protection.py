"""Protected listings, which neither the retention rules nor an erasure may change."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, MetaData, Table, Text, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from labels.taxonomy import Verdict
from service.store.cases.decisions import TAKES_DOWN, is_slip
from service.store.duties.tables import SellerDataRequest
from service.store.pictures.since import shows_new_pictures
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Base, Listing, Review
from service.store.tables.retention_tables import LegalHold

OWN_TABLES: Final = frozenset(
    {
        "listing_version",
        "listing_picture",
        "capture",
        "assessment",
        "review",
        "appeal",
        "legal_hold",
        "seller_data_request",
        "campaign_member",
        "contact",
        "bulk_review",
        "complaint",
        "sighting",
    }
)
"""Tables whose rows belong to a listing and are deleted with it, besides those with ON DELETE CASCADE. A row
of any other table that refers to a listing protects it. A complaint is detached from its listing and stays
until its own retention rule applies (``complaint_ties``)."""


class Protection(StrEnum):
    """Why a listing is protected."""

    HELD = "legal hold"
    BINDING = "a decision that binds"
    OPEN = "an open case"
    REFERRED = "another record that rests on it"


def conditions(metadata: MetaData = Base.metadata) -> dict[Protection, ColumnElement[bool]]:
    """One condition on ``Listing`` for each protection.

    A decision binds when the listing ever had an adverse decision or a referral: the platform or agency may
    have been notified, even if a later decision withdrew it. A case is open when a person has begun it and
    not finished: the newest decision is "unsure", was withdrawn, or was made on an earlier text or before the
    listing showed new pictures; or a platform has not answered a request for the seller's data.
    """
    later = aliased(Review)
    of_listing = select(func.max(later.id)).where(later.listing_id == Listing.id).correlate(Listing)
    # As in the queue: an "unsure" that was withdrawn leaves the review before it, if there is one.
    newest = func.coalesce(of_listing.where(~is_slip(later)).scalar_subquery(), of_listing.scalar_subquery())
    # As in the queue: nobody looked at a listing that a standing order decided.
    spread = and_(
        Review.decision != Verdict.PROHIBITED.value,
        exists(select(BulkReview.review_id).where(BulkReview.review_id == Review.id, BulkReview.spread)),
    )
    first_pictures = shows_new_pictures(Review.listing_id, AssessmentRow.created_at, True)
    graver = and_(
        Listing.verdict == Verdict.PROHIBITED.value, AssessmentRow.verdict != Verdict.PROHIBITED.value
    )
    unfinished = exists(
        select(Review.id)
        .join(AssessmentRow, AssessmentRow.id == Review.assessment_id)
        .where(
            Review.id == newest,
            or_(
                Review.decision.in_((UNSURE, WITHDRAWN)),
                AssessmentRow.listing_text_sha256 != Listing.text_sha256,
                shows_new_pictures(Review.listing_id, AssessmentRow.created_at),
                and_(spread, or_(first_pictures, graver)),
            ),
        )
        .correlate(Listing)
    )
    unanswered = exists(
        select(SellerDataRequest.id)
        .where(SellerDataRequest.listing_id == Listing.id, SellerDataRequest.answered_at.is_(None))
        .correlate(Listing)
    )
    return {
        Protection.HELD: exists(
            select(LegalHold.id)
            .where(LegalHold.listing_id == Listing.id, LegalHold.lifted_at.is_(None))
            .correlate(Listing)
        ),
        Protection.BINDING: exists(
            select(Review.id)
            .where(
                Review.listing_id == Listing.id,
                or_(Review.decision.in_(TAKES_DOWN), cast(Review.referrals, Text) != "[]"),
            )
            .correlate(Listing)
        ),
        Protection.OPEN: or_(unfinished, unanswered),
        Protection.REFERRED: or_(False, *_referred(metadata)),
    }


def free(metadata: MetaData = Base.metadata) -> ColumnElement[bool]:
    """Whether nothing protects a listing."""
    return and_(*(~condition for condition in conditions(metadata).values()))


def newest_rows() -> ColumnElement[bool]:
    """Whether a listing has the highest number of its table, or owns the newest assessment or review.

    SQLite reuses the number of a deleted newest row, and the audit trail and the decision feed need unique
    numbers: such a listing is deleted only once there is a newer one.
    """
    newest = aliased(Listing)
    owners = [
        select(table.listing_id)
        .where(table.id == select(func.max(table.id)).scalar_subquery())
        .scalar_subquery()
        for table in (AssessmentRow, Review)
    ]
    highest = select(func.max(newest.id)).scalar_subquery()
    return or_(Listing.id == highest, *(func.coalesce(owner, 0) == Listing.id for owner in owners))


def protections(session: Session, listing_ids: Iterable[int]) -> dict[int, tuple[Protection, ...]]:
    """The protections of each of these listings; unprotected ones are left out."""
    reasons = conditions()
    query = select(Listing.id, *reasons.values()).where(Listing.id.in_(list(listing_ids)))
    found = {}
    for number, *holding in session.execute(query):
        kept = tuple(reason for reason, holds in zip(reasons, holding, strict=True) if holds)
        if kept:
            found[number] = kept
    return found


def _referred(metadata: MetaData) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    owned = {name: metadata.tables[name] for name in OWN_TABLES if name in metadata.tables}
    for table in metadata.sorted_tables:
        if table.name in OWN_TABLES:
            continue
        for key in table.foreign_keys:
            if key.ondelete == "CASCADE":
                continue
            target = key.column.table
            if target.name == Listing.__tablename__:
                found.append(exists(select(key.parent).where(key.parent == Listing.id).correlate(_listing())))
            elif target.name in owned:
                found.append(
                    exists(
                        select(key.parent)
                        .join(target, key.parent == key.column)
                        .where(target.c.listing_id == Listing.id)
                        .correlate(_listing())
                    )
                )
    return found


def _listing() -> Table:
    table = Listing.__table__
    assert isinstance(table, Table)
    return table
