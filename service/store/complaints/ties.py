"""Links between complaints and listings."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from labels.schema import Listing as ListingShape
from labels.taxonomy import Platform
from service.store.campaigns.placements import Fingerprint
from service.store.database.columns import now
from service.store.index.entries import entry_of, seller_key
from service.store.listings.addresses import address_key
from service.store.listings.masking import MASK
from service.store.listings.repository import Arrival, deposit_in
from service.store.tables.campaign_tables import Campaign, CampaignBand, CampaignMember
from service.store.tables.case_tables import QueueEntry
from service.store.tables.complaint_tables import (
    LISTING_SOURCE,
    TOLD,
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
_WORD = re.compile(r"\w")
_HOST = re.compile(r"(?:https?://)?(?=[^\s/?#@:.]+\.)[^\s/?#@:]++(?::\d++)?(?=[/?#]|\Z)", re.IGNORECASE)
_BETWEEN_PARTS = "/?#&=@~"
_NUMBER = re.compile(r"(?=(?:\D*\d){8})[\W\d_]+")


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
    near-duplicates links the two. So is the same text of another seller. A redacted listing is never assessed
    again, so that a complaint about it makes a new one.
    """
    # A listing has more readers than a complaint and is retained longer than the complainant's data.
    words = (filing.contact_name, filing.contact)
    seller = seller_without(filing.seller, words)
    key = address_key(filing.url)
    if key is not None:
        known = select(Listing.id).where(Listing.address_key == key, Listing.redacted_at.is_(None))
        if (found := session.scalar(known.order_by(Listing.id.desc()).limit(1))) is not None:
            return found, ListingLink.ADDRESS
    elif filing.fingerprint is not None:
        found = _in_a_campaign(session, filing, seller) or _of_another_complaint(session, filing, seller)
        if found is not None:
            return found, ListingLink.TEXT
    shape = ListingShape(
        id=number,
        title=blacked(filing.title, words) or None,
        description=blacked(filing.advertised or filing.detail, words),
        platform=filing.platform,
        # Blacked out in part, it would be the address of another page.
        url=filing.url if filing.url and filing.url == blacked_address(filing.url, words) else None,
        seller=seller or None,
        extra={} if filing.advertised else {TOLD: True},
    )
    made = deposit_in(session, Arrival(shape, source=LISTING_SOURCE)).listing_id
    session.get_one(Listing, made).address_key = key  # also of an address that is left out
    return made, ListingLink.INGESTED


def forget_addresses(session: Session, listing_ids: Sequence[int]) -> None:
    """Remove the keys of addresses that were left out of listings made of complaints.

    A telephone number in an address could be recovered by brute force.
    """
    session.execute(
        update(Listing)
        .where(Listing.id.in_(listing_ids), Listing.source == LISTING_SOURCE, Listing.url.is_(None))
        .values(address_key=None)
    )


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
            text = pattern.sub(lambda match: re.sub(r"[^\n]", MASK, match[0]), text)
    return text


def blacked_address(url: str, words: Iterable[str]) -> str:
    """A complaint's address with the complainant masked where a whole part of it, or a number, is theirs.

    The host stays. A name within another word, such as "ann" in "channel", is a coincidence.
    """
    host = _HOST.match(url)
    if host is None:
        return blacked(url, words)  # an e-mail address, or words
    for word in words:
        for pattern in spellings(word):
            url = pattern.sub(lambda match: _blacked_part(match, host.end()), url)
    return url


def blacked_field(name: str, text: str, words: Iterable[str]) -> str:
    """A field of a complaint with the complainant masked."""
    return blacked_address(text, words) if name == "url" else blacked(text, words)


def _blacked_part(found: re.Match[str], start: int) -> str:
    """Mask what was found after the host, which ends at ``start``."""
    said, after = found[0], found.string[found.end() : found.end() + 1]
    begins = found.start() <= start or found.string[found.start() - 1] in _BETWEEN_PARTS
    whole = begins and (not after or after in _BETWEEN_PARTS)
    if found.end() <= start or not (whole or _NUMBER.fullmatch(said)):
        return said
    kept = max(0, start - found.start())
    return said[:kept] + MASK * (len(said) - kept)


def seller_without(name: str, words: Iterable[str]) -> str:
    """A seller's name without the complainant; empty if nothing is left, as it would stand for many."""
    left = blacked(name, words)
    return left if _WORD.search(left) else ""


def _may_be_about(seller: str) -> list[ColumnElement[bool]]:
    """Whether a complaint about ``seller`` may be about a listing that is joined with its queue entry.

    Not about a redacted one, or one of another seller.
    """
    about: list[ColumnElement[bool]] = [Listing.redacted_at.is_(None)]
    if key := seller_key(seller):
        about.append(QueueEntry.seller.in_((key, "")))
    return about


def _is_of_another(session: Session, listing_id: int, seller: str) -> bool:
    """Whether a listing without a seller has a complaint about another seller than this one."""
    key = seller_key(seller)
    entry = entry_of(session, listing_id)
    if not key or (entry is not None and entry.seller == key):
        return False
    named = session.execute(
        select(Complaint.seller, Complaint.contact_name, Complaint.contact)
        .where(Complaint.listing_id == listing_id, Complaint.seller != "")
        .distinct()
    )
    return any(seller_key(seller_without(name, words)) not in ("", key) for name, *words in named)


def _in_a_campaign(session: Session, filing: Filing, seller: str) -> int | None:
    """The listing that represents the campaign whose first text is most similar; none of another seller."""
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
    members = session.scalars(
        select(CampaignMember.listing_id)
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .join(QueueEntry, QueueEntry.listing_id == Listing.id)
        .where(CampaignMember.campaign_id == found[0], *_may_be_about(seller))
        .order_by(CampaignMember.similarity.desc(), CampaignMember.listing_id)
        .limit(_MOST)
    ).all()
    return next((number for number in members if not _is_of_another(session, number, seller)), None)


def _of_another_complaint(session: Session, filing: Filing, seller: str) -> int | None:
    """The listing of an earlier complaint about a similar text, which may not have been placed yet."""
    if filing.fingerprint is None:
        return None
    query = (
        select(Complaint.listing_id, Complaint.minima)
        .join(Listing, Listing.id == Complaint.listing_id)
        .join(QueueEntry, QueueEntry.listing_id == Listing.id)
        .where(
            *_may_be_about(seller),
            Complaint.minima.is_not(None),
            Complaint.sketch == filing.sketch,
            Complaint.received_at > now() - _RECENT,
        )
        .order_by(Complaint.id.desc())
        .limit(_MOST)
    )
    earlier = [(listing or 0, minima or b"") for listing, minima in session.execute(query)]
    while (found := filing.fingerprint.nearest(earlier)) is not None:
        if not _is_of_another(session, found[0], seller):
            return found[0]
        earlier = [each for each in earlier if each[0] != found[0]]
    return None
