"""Protected listings: neither the retention rules nor an erasure may touch them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, MetaData, Table, Text, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.store.cases.decisions import TAKES_DOWN
from service.store.tables.core_tables import UNSURE, WITHDRAWN, AssessmentRow, Base, Listing, Review
from service.store.tables.retention_tables import LegalHold

OWN_TABLES: Final = frozenset(
    {
        "listing_version",
        "capture",
        "assessment",
        "review",
        "legal_hold",
        "campaign_member",
        "contact",
        "bulk_review",
        "complaint",
        "sighting",
    }
)
"""Tables whose rows belong to a listing and go with it, beside those that the database deletes with it (ON
DELETE CASCADE).  Rows of any other table that point to a listing are a case of their own: they keep it.  A
complaint is cut off from its listing and stays until a rule of its own (``complaint_ties``)."""


class Protection(StrEnum):
    """Why a listing is kept as it is."""

    HELD = "legal hold"
    BINDING = "a decision that binds"
    OPEN = "an open case"
    REFERRED = "another record that rests on it"


def conditions(metadata: MetaData = Base.metadata) -> dict[Protection, ColumnElement[bool]]:
    """One condition on ``Listing`` for each protection.

    A decision binds when the listing was ever decided against, or referred to an agency: the platform or the
    agency may have been told, also where a later decision took it back.  A case is open when a person has
    begun and not ended it: the newest decision is "unsure", was withdrawn, or was made on another text than
    the present one.
    """
    later = aliased(Review)
    newest = (
        select(func.max(later.id)).where(later.listing_id == Listing.id).correlate(Listing).scalar_subquery()
    )
    unfinished = exists(
        select(Review.id)
        .join(AssessmentRow, AssessmentRow.id == Review.assessment_id)
        .where(
            Review.id == newest,
            or_(
                Review.decision.in_((UNSURE, WITHDRAWN)),
                AssessmentRow.listing_text_sha256 != Listing.text_sha256,
            ),
        )
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
        Protection.OPEN: unfinished,
        Protection.REFERRED: or_(False, *_referred(metadata)),
    }


def free(metadata: MetaData = Base.metadata) -> ColumnElement[bool]:
    """Whether nothing protects a listing."""
    return and_(*(~condition for condition in conditions(metadata).values()))


def newest_rows() -> ColumnElement[bool]:
    """Whether a listing has the highest number of its table, or owns the newest assessment or review.

    SQLite gives the number of a deleted newest row out again, and the audit trail and the feed of decisions
    rely on numbers that mean one thing: such a listing is deleted once there is a newer one.
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
    """What protects each of these listings; those that nothing protects are left out."""
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
