"""Placement of each text into the campaign whose first text is most similar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import ColumnElement, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from labels.pictured import assessment_of
from labels.schema import Assessment
from service.store.audit.trail import take_turn
from service.store.cases.standing_orders import Follow, follow_orders, has_orders
from service.store.database.repository import Repository
from service.store.listings.contacts import add_contacts
from service.store.tables.campaign_tables import (
    BulkDecision,
    BulkReview,
    Campaign,
    CampaignBand,
    CampaignMember,
    SellerContact,
)
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import AssessmentRow, Listing, Review

_POSTGRES_LOCK = 5_128_212
"""Arbitrary key of the advisory lock that serializes placements and decisions on campaigns."""


class Fingerprint(Protocol):
    """The fingerprint of a text; ``inference.text.sketch`` makes it."""

    @property
    def minima(self) -> bytes:
        """The serialized form that is stored."""

    @property
    def bands(self) -> Sequence[int]:
        """The keys under which it is looked up."""

    def nearest(self, others: Iterable[tuple[int, bytes]]) -> tuple[int, float] | None:
        """The number and similarity of the most similar one, ``None`` if none is similar enough."""


@dataclass(frozen=True)
class Placing:
    """The features of a listing's current text: fingerprint and contacts.

    Attributes:
        sketch: the name of the sketching method.
        fingerprint: ``None`` for a text too short to be compared.
        contacts: kind and normalized value of each.
    """

    listing_id: int
    text_sha256: str
    sketch: str
    fingerprint: Fingerprint | None
    contacts: frozenset[tuple[str, str]] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Placed:
    """The campaign of a listing after placement; ``spread`` is the review made by a standing order."""

    campaign_id: int | None
    joined: bool
    spread: int | None = None


class PlacementRepository(Repository):
    """Places listings, and finds those that are not placed yet."""

    def place(self, placing: Placing, follow: Follow | None = None) -> Placed | None:
        """Put a listing into the campaign of its current text, or create one for it.

        Idempotent for an unchanged text. A listing that joins, or was assessed again before anybody reviewed
        it, gets the decision of the campaign's standing order, if ``follow`` finds what the order asks for
        and no person has decided on the listing before. ``None`` if the text or its assessment changed in
        the meantime.
        """
        with self.database.writing() as session:
            take_place(session)
            listing = session.get(Listing, placing.listing_id)
            if listing is None or listing.text_sha256 != placing.text_sha256 or listing.assessment_id is None:
                return None
            orders = follow if follow is not None and has_orders(session) else None
            if orders is not None:
                # Before any row is locked: deciders acquire this lock first and then wait for the row.
                take_turn(session)
            before = session.scalars(
                select(CampaignMember).where(CampaignMember.listing_id == listing.id)
            ).first()
            if before is not None:
                if (before.text_sha256, before.sketch) == (placing.text_sha256, placing.sketch):
                    # Its pictures may have been read since it joined.
                    is_open = session.get_one(QueueEntry, listing.id).review_id is None
                    again = follow_orders(session, before, listing, orders) if orders and is_open else None
                    return Placed(before.campaign_id, joined=False, spread=again)
                _leave(session, before)
            # Skipped for a text that was placed before: an erased contact must not come back.
            add_contacts(session, listing.id, placing.contacts)
            campaign_id, similarity = _campaign_for(session, placing)
            member = CampaignMember(
                listing_id=listing.id,
                campaign_id=campaign_id,
                text_sha256=placing.text_sha256,
                sketch=placing.sketch,
                similarity=similarity,
            )
            session.add(member)
            session.get_one(QueueEntry, listing.id).campaign_id = campaign_id
            session.flush()
            spread = follow_orders(session, member, listing, orders) if orders is not None else None
            return Placed(campaign_id, joined=True, spread=spread)

    def ungrouped(self, sketch: str, after: int = 0, limit: int = 100) -> list[tuple[Listing, Assessment]]:
        """Assessed listings whose current text is not placed with this sketch, by number, after ``after``."""
        query = (
            select(Listing, AssessmentRow.content)
            .join(AssessmentRow, AssessmentRow.id == Listing.assessment_id)
            .where(Listing.id > after, ~_placed(sketch))
            .order_by(Listing.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [(listing, assessment_of(found)) for listing, found in session.execute(query)]

    def waiting(self, sketch: str) -> int:
        """How many listings :meth:`ungrouped` would find without a limit."""
        query = (
            select(func.count())
            .select_from(Listing)
            .where(Listing.assessment_id.is_not(None), ~_placed(sketch))
        )
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def dissolve(self) -> int:
        """Delete every campaign without a bulk decision and unplace its listings.

        Returns the number of deleted campaigns.
        """
        decided = select(BulkDecision.campaign_id)
        with self.database.writing() as session:
            take_place(session)
            going = select(Campaign.id).where(Campaign.id.not_in(decided))
            session.execute(
                update(QueueEntry).where(QueueEntry.campaign_id.in_(going)).values(campaign_id=None)
            )
            session.execute(
                delete(CampaignMember).where(
                    or_(CampaignMember.campaign_id.is_(None), CampaignMember.campaign_id.in_(going))
                )
            )
            session.execute(delete(CampaignBand).where(CampaignBand.campaign_id.in_(going)))
            gone = session.execute(delete(Campaign).where(Campaign.id.not_in(decided)))
            return int(getattr(gone, "rowcount", 0))


def take_place(session: Session) -> None:
    """Lock placements and decisions on campaigns against others until the caller's transaction ends.

    Acquire it before ``audit.take_turn``, never after. On SQLite every writing transaction is serialized from
    its start.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})


def forget(session: Session, listing_ids: Sequence[int]) -> None:
    """Delete the campaign data and contacts of listings that are about to be deleted."""
    members = session.scalars(select(CampaignMember).where(CampaignMember.listing_id.in_(listing_ids)))
    for member in list(members):
        _leave(session, member)
    session.execute(delete(SellerContact).where(SellerContact.listing_id.in_(listing_ids)))
    reviews = select(Review.id).where(Review.listing_id.in_(listing_ids))
    session.execute(delete(BulkReview).where(BulkReview.review_id.in_(reviews)))


def _leave(session: Session, member: CampaignMember) -> None:
    if member.campaign_id is not None:
        session.get_one(Campaign, member.campaign_id).size -= 1
    session.get_one(QueueEntry, member.listing_id).campaign_id = None
    session.delete(member)
    session.flush()


def _campaign_for(session: Session, placing: Placing) -> tuple[int | None, float | None]:
    if placing.fingerprint is None:
        return None, None
    bands = list(placing.fingerprint.bands)
    near = select(CampaignBand.campaign_id).where(CampaignBand.band.in_(bands)).distinct()
    candidates = session.execute(
        select(Campaign.id, Campaign.minima)
        .where(Campaign.id.in_(near), Campaign.sketch == placing.sketch)
        .order_by(Campaign.id)
    )
    found = placing.fingerprint.nearest((number, minima) for number, minima in candidates)
    if found is not None:
        session.get_one(Campaign, found[0]).size += 1
        return found
    campaign = Campaign(sketch=placing.sketch, minima=placing.fingerprint.minima, size=1)
    session.add(campaign)
    session.flush()
    session.add_all([CampaignBand(band=band, campaign_id=campaign.id) for band in dict.fromkeys(bands)])
    return campaign.id, 1.0


def _placed(sketch: str) -> ColumnElement[bool]:
    return (
        select(CampaignMember.id)
        .where(
            CampaignMember.listing_id == Listing.id,
            CampaignMember.text_sha256 == Listing.text_sha256,
            CampaignMember.sketch == sketch,
        )
        .exists()
    )
