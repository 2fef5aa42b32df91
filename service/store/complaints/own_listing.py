"""Masks a complainant in the listing that was made of their complaint.

The complainant's data goes even where a decision or a legal hold protects the listing from erasure: masks
keep the length of each text, so that the case, its offsets and what it says of the seller stay.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.store.complaints.ties import blacked, blacked_field, forget_addresses, seller_without
from service.store.index.entries import refresh
from service.store.listings.masking import MASK, changed_words, masked_claims, masked_findings, parts_of
from service.store.referrals.covered import about
from service.store.tables.blind_tables import BlindReading
from service.store.tables.campaign_tables import SellerContact
from service.store.tables.complaint_tables import LISTING_SOURCE, Complaint
from service.store.tables.core_tables import AssessmentRow, Listing, ListingVersion, Review
from service.store.tables.referral_tables import ReferralRow, SentLetter
from service.store.teamwork.tables import CaseMessage
from service.text.referral_texts import PASSAGES

_OF_LETTER: Final = frozenset({"to", "subject", "facts", "request", "closing", "rows", "lines"})
_OF_LISTING: Final = frozenset(
    {
        "text",
        "reading",
        "thai",
        "english",
        "explanation_thai",
        "explanation_english",
        "illegal_content_explanation",
    }
)
"""The parts of a sent letter, and of what it says of a listing, that are prose; a name may match an id."""


def texts_of_own_listing(session: Session, complaint: Complaint) -> list[tuple[str, str]]:
    """The texts of the listing that was made of a complaint, each with the name of its field."""
    listing = _own_listing(session, complaint)
    if listing is None:
        return []
    texts = [("", row.text) for row in _states(session, listing)]
    urls = [listing.url, *(_address_in(sent, listing.id) for sent in _sent_about(session, listing.id))]
    return [*texts, ("seller", listing.seller or ""), *(("url", url) for url in urls if url)]


def mask_own_listing(session: Session, complaint: Complaint, words: Sequence[str]) -> int | None:
    """Mask the complainant in the listing that was made of a complaint; returns its id if that changed it.

    ``words`` are the complainant's name and contacts. Covers the texts, the contacts and quoted words of
    assessments and decisions, notes, messages, and the letters about the listing.
    """
    listing = _own_listing(session, complaint)
    if listing is None:
        return None
    masking = _Masking(session, listing, words)
    masking.listing_and_decisions()
    masking.messages_and_letters()
    if not masking.changed:
        return None
    forget_addresses(session, [listing.id])
    refresh(session, listing)
    return listing.id


def _own_listing(session: Session, complaint: Complaint) -> Listing | None:
    """Whichever listing the complaint is linked to now."""
    number = complaint.number
    query = select(Listing).where(Listing.source == LISTING_SOURCE, Listing.external_id == number)
    return session.scalar(query)


def _states(session: Session, listing: Listing) -> list[Listing | ListingVersion]:
    """The listing and its earlier texts."""
    versions = session.scalars(select(ListingVersion).where(ListingVersion.listing_id == listing.id))
    return [listing, *versions]


def _sent_about(session: Session, listing_id: int) -> list[SentLetter]:
    """The stored words of letters about a listing."""
    return list(session.scalars(select(SentLetter).where(SentLetter.referral_id.in_(about([listing_id])))))


def _address_in(sent: SentLetter, listing_id: int) -> str | None:
    """The address of a listing in the words of a letter."""
    url: str | None = sent.listings.get(str(listing_id), {}).get("notice", {}).get("url")
    return url


class _Masking:
    """Masks words in all that belongs to one listing, and notes whether anything changed."""

    def __init__(self, session: Session, listing: Listing, words: Sequence[str]) -> None:
        self.session, self.listing, self.words = session, listing, words
        self.changed = False

    def listing_and_decisions(self) -> None:
        """Mask the texts of the listing, and what assessments and decisions quote of them."""
        listing, texts = self.listing, {}
        for row in _states(self.session, listing):
            text = texts[row.text_sha256] = self._masked(row.text)
            title, description = parts_of(row, text)
            self._put(row, title=title, description=description)
        self._put(listing, url=self._address(listing.url))
        if listing.seller is not None:
            self._put(listing, seller=seller_without(listing.seller, self.words) or None)
        by_number = {}
        for made in self.session.scalars(select(AssessmentRow).where(AssessmentRow.listing_id == listing.id)):
            text_read = by_number[made.id] = texts.get(made.listing_text_sha256)
            if text_read is not None:
                self._put(made, content=self._assessment(made.content, text_read))
        for answer in (
            *self.session.scalars(select(Review).where(Review.listing_id == listing.id)),
            *self.session.scalars(select(BlindReading).where(BlindReading.listing_id == listing.id)),
        ):
            known = by_number.get(answer.assessment_id)
            for name in ("confirmed_claims", "rejected_claims", "added_claims"):
                self._put(answer, **{name: masked_claims(getattr(answer, name), known, self._masked)})
            self._put(answer, note=self._masked(answer.note))

    def messages_and_letters(self) -> None:
        """Mask the thread of the case, edited passages of letters, and the words of sent letters."""
        session, number = self.session, self.listing.id
        for message in session.scalars(select(CaseMessage).where(CaseMessage.listing_id == number)):
            self._put(message, text=self._masked(message.text))
        letters = about([number])
        for letter in session.scalars(select(ReferralRow).where(ReferralRow.id.in_(letters))):
            self._put(letter, **{name: self._masked(getattr(letter, name)) for name in PASSAGES})
        for sent in _sent_about(session, number):
            said = dict(sent.listings)
            if item := said.get(str(number)):
                said[str(number)] = item = self._prose(item, _OF_LISTING)
                if url := _address_in(sent, number):
                    item["notice"]["url"] = self._address(url)
            self._put(sent, letter=self._prose(sent.letter, _OF_LETTER), listings=said)

    def _put(self, row: Any, **values: Any) -> None:
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                self.changed = True

    def _masked(self, text: str) -> str:
        return blacked(text, self.words)

    def _address(self, url: str | None) -> str | None:
        """Drop an address that names the complainant: masked in part, it would be that of another page."""
        return None if url is None or blacked_field("url", url, self.words) != url else url

    def _assessment(self, content: dict[str, Any], text: str) -> dict[str, Any]:
        old = content.get("claims", [])
        claims = masked_claims(old, text, self._masked)
        contacts = []
        for contact in content.get("contacts", []):
            if contact["value"] and MASK in text[contact["start"] : contact["end"]]:
                self._forget(contact)
                contacts.append(contact | {"value": ""})
            else:
                contacts.append(contact)
        findings = masked_findings(content.get("findings", []), changed_words(old, claims))
        return content | {"contacts": contacts, "claims": claims, "findings": findings}

    def _forget(self, contact: dict[str, Any]) -> None:
        """Remove a contact from what links listings of one seller."""
        of_listing = SellerContact.listing_id == self.listing.id
        same = SellerContact.kind == contact["kind"], SellerContact.value == contact["value"]
        self.session.execute(delete(SellerContact).where(of_listing, *same))

    def _prose(self, content: Any, names: frozenset[str], is_prose: bool = False) -> Any:
        """Return plain data with the texts under these names masked."""
        if isinstance(content, str):
            return self._masked(content) if is_prose else content
        if isinstance(content, dict):
            return {
                name: self._prose(value, names, is_prose or name in names) for name, value in content.items()
            }
        if isinstance(content, list):
            return [self._prose(value, names, is_prose) for value in content]
        return content
