"""Links between complaints and listings."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.schema import Listing as ListingShape
from labels.taxonomy import Platform
from service.store.campaigns.placements import Fingerprint
from service.store.database.columns import now
from service.store.listings.addresses import address_key
from service.store.listings.repository import Arrival, deposit_in
from service.store.tables.campaign_tables import Campaign, CampaignBand, CampaignMember
from service.store.tables.complaint_tables import (
    LISTING_SOURCE,
    Channel,
    Complaint,
    ComplaintCategory,
    ComplaintEvent,
    ComplaintEventKind,
    Harm,
)
from service.store.tables.core_tables import Listing
from service.text.spellings import spellings

_RECENT = timedelta(days=30)
"""How far back complaints are compared with each other while their listings have no campaign yet."""
_MOST = 500


class ListingLink(StrEnum):
    """How a complaint was linked to its listing."""

    ADDRESS = "address"
    TEXT = "text"
    INGESTED = "ingested"
    """A new listing was created from the complaint."""


@dataclass(frozen=True)
class Filing:
    """A complaint to be stored, with all fields validated (``service.complaints.intake``)."""

    category: ComplaintCategory
    detail: str
    advertised: str = ""
    title: str = ""
    url: str = ""
    platform: Platform | None = None
    seller: str = ""
    complained_on: date | None = None
    external_id: str | None = None
    contact_name: str = ""
    contact: str = ""
    sketch: str = ""
    """The name of the sketching method."""
    fingerprint: Fingerprint | None = None
    """Fingerprint of the advertisement's text; ``None`` if it is too short to be compared."""
    harm: Harm = Harm.NONE
    channel: Channel = Channel.NONE
    """How the complainant wants to be informed of the outcome."""


def tie(session: Session, filing: Filing, number: str) -> tuple[int, ListingLink]:
    """Link a complaint about a health product to its listing, which is created if there is none.

    A given address decides: the same text at another address is another listing, and grouping by
    near-duplicates links the two.
    """
    key = address_key(filing.url)
    if key is not None:
        known = select(Listing.id).where(Listing.address_key == key).order_by(Listing.id.desc()).limit(1)
        if (found := session.scalar(known)) is not None:
            return found, ListingLink.ADDRESS
    elif filing.fingerprint is not None:
        found = _in_a_campaign(session, filing) or _of_another_complaint(session, filing)
        if found is not None:
            return found, ListingLink.TEXT
    # A listing has more readers than a complaint and is retained longer than the complainant's data.
    words = (filing.contact_name, filing.contact)
    shape = ListingShape(
        id=number,
        title=blacked(filing.title, words) or None,
        description=blacked(filing.advertised or filing.detail, words),
        platform=filing.platform,
        url=filing.url or None,
        seller=filing.seller or None,
    )
    return deposit_in(session, Arrival(shape, source=LISTING_SOURCE)).listing_id, ListingLink.INGESTED


def cut_off(session: Session, listing_ids: Sequence[int], masked: Callable[[str], str]) -> None:
    """Detach complaints from listings about to be deleted, and remove what names the seller.

    ``masked`` masks contacts in a text.
    """
    for row in session.scalars(select(Complaint).where(Complaint.listing_id.in_(listing_ids))):
        row.listing_id = None
        without_seller(session, row, masked)
    session.flush()


def without_seller(session: Session, row: Complaint, masked: Callable[[str], str]) -> None:
    """Remove the seller and the contacts from a complaint and its history."""
    row.title, row.advertised, row.detail = masked(row.title), masked(row.advertised), masked(row.detail)
    row.seller = row.url = row.digest = ""
    for event in words_of_history(session, [row.id]):
        event.text = masked(event.text)


def words_of_history(session: Session, complaint_ids: Sequence[int]) -> list[ComplaintEvent]:
    """The entries of complaints' histories that somebody wrote: what was added, answers and notes."""
    query = select(ComplaintEvent).where(
        ComplaintEvent.complaint_id.in_(complaint_ids), ComplaintEvent.kind != ComplaintEventKind.PROGRESS
    )
    return list(session.scalars(query.order_by(ComplaintEvent.id)))


def blacked(text: str, words: Iterable[str]) -> str:
    """A complaint's text with the complainant's name and contacts masked, character by character.

    ``words`` are the fields that hold them; other spellings are masked too. What is shorter than three
    characters is too common to mask.
    """
    for word in words:
        for pattern in spellings(word):
            text = pattern.sub(lambda match: re.sub(r"[^\n]", "█", match[0]), text)
    return text


def _in_a_campaign(session: Session, filing: Filing) -> int | None:
    """The listing that represents the campaign whose first text is most similar."""
    if filing.fingerprint is None:
        return None
    near = select(CampaignBand.campaign_id).where(CampaignBand.band.in_(list(filing.fingerprint.bands)))
    candidates = session.execute(
        select(Campaign.id, Campaign.minima)
        .where(Campaign.id.in_(near), Campaign.sketch == filing.sketch)
        .order_by(Campaign.id)
    )
    found = filing.fingerprint.nearest((number, minima) for number, minima in candidates)
    if found is None:
        return None
    return session.scalar(
        select(CampaignMember.listing_id)
        .where(CampaignMember.campaign_id == found[0])
        .order_by(CampaignMember.similarity.desc(), CampaignMember.listing_id)
        .limit(1)
    )


def _of_another_complaint(session: Session, filing: Filing) -> int | None:
    """The listing of an earlier complaint about a similar text, which may not have been placed yet."""
    if filing.fingerprint is None:
        return None
    earlier = session.execute(
        select(Complaint.listing_id, Complaint.minima)
        .where(
            Complaint.listing_id.is_not(None),
            Complaint.minima.is_not(None),
            Complaint.sketch == filing.sketch,
            Complaint.received_at > now() - _RECENT,
        )
        .order_by(Complaint.id.desc())
        .limit(_MOST)
    )
    found = filing.fingerprint.nearest((listing or 0, minima or b"") for listing, minima in earlier)
    return None if found is None else found[0]
