"""Reads and writes of a store that only tests need."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from labels.schema import Span
from labels.taxonomy import ProductClass
from service.store import Store
from service.store.cases.reviews import TOLD, Consequences, Decision
from service.store.pictures.repository import NewPicture, add_in
from service.store.pictures.tables import Picture
from service.store.tables.core_tables import AssessmentRow, Listing, Review
from service.store.tables.referral_tables import ReferralListing, ReferralRow


def record_review(
    store: Store,
    assessment_id: int,
    reviewer_id: int,
    decision: str,
    *,
    confirmed: Iterable[int] = (),
    rejected: Iterable[int] = (),
    added: Sequence[Span] = (),
    product_class: ProductClass | None = None,
    consequences: Consequences = TOLD,
    note: str = "",
    last_seen_review: int | None = None,
) -> Review:
    """Record a decision from plain values with ``ReviewRepository.record``."""
    made = Decision(
        decision, tuple(confirmed), tuple(rejected), tuple(added), product_class, consequences, note
    )
    return store.reviews.record(assessment_id, reviewer_id, made, last_seen_review)


def find_listing(store: Store, external_id: str, source: str = "") -> Listing | None:
    """The listing with this id at its source, or ``None``."""
    with store.database.reading() as session:
        return session.scalar(
            select(Listing).where(Listing.external_id == external_id, Listing.source == source)
        )


def assessments_of(store: Store, listing_id: int) -> list[AssessmentRow]:
    """Every assessment of a listing, including those of earlier texts, newest first."""
    query = select(AssessmentRow).where(AssessmentRow.listing_id == listing_id)
    with store.database.reading() as session:
        return list(session.scalars(query.order_by(AssessmentRow.id.desc())))


def reviews_behind(store: Store, referral: ReferralRow) -> list[Review]:
    """The decisions that a referral rests on, in its order."""
    query = (
        select(Review)
        .join(ReferralListing, ReferralListing.review_id == Review.id)
        .where(ReferralListing.referral_id == referral.id, ReferralListing.removed_at.is_(None))
    )
    with store.database.reading() as session:
        return list(session.scalars(query.order_by(ReferralListing.id)))


def add_pictures(
    store: Store, listing_id: int, pictures: Sequence[NewPicture], complete: bool = True
) -> bool:
    """Record which pictures a listing now shows; returns whether that changed."""
    with store.database.writing() as session:
        return add_in(session, listing_id, pictures, complete)


def known_pictures(store: Store, hashes: Iterable[str]) -> list[Picture]:
    """The pictures with these hashes."""
    with store.database.reading() as session:
        return list(session.scalars(select(Picture).where(Picture.sha256.in_(list(hashes)))))
