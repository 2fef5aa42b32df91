"""Redacts contacts of a listing in place: offsets, the text's digest and the assessment stay."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inference.contacts import find_contacts
from labels.schema import ContactKind
from service.store.appeals.tables import Appeal
from service.store.complaints.ties import without_seller
from service.store.index.entries import refresh
from service.store.listings.masking import MASK, changed_words, masked_claims, masked_findings, parts_of
from service.store.pictures.tables import ListingPicture
from service.store.referrals.sent import forget_listing
from service.store.tables.blind_tables import BlindReading
from service.store.tables.campaign_tables import SellerContact
from service.store.tables.complaint_tables import TOLD, Complaint
from service.store.tables.core_tables import AssessmentRow, Capture, Listing, ListingVersion, Review
from service.store.tables.referral_tables import ReferralListing, ReferralRow
from service.store.tables.sighting_tables import Sighting
from service.store.teamwork.tables import CaseMessage
from service.text.referral_texts import PASSAGES

Spans = list[tuple[int, int]]
Finder = Callable[[str], Spans]


def contact_spans(text: str) -> Spans:
    """Return the spans of contacts in a text."""
    return [(contact.start, contact.end) for contact in find_contacts(text)]


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Mask each character of the spans except line feeds; the length stays."""
    letters = list(text)
    for start, end in spans:
        for at in range(max(0, start), min(end, len(letters))):
            if letters[at] != "\n":
                letters[at] = MASK
    return "".join(letters)


def without_account(url: str, also: Finder = lambda _: []) -> str:
    """Drop path and query of a URL with an account or a match of ``also``; all of it if its host matches."""
    named = any(contact.kind is not ContactKind.URL for contact in find_contacts(url))
    if not named and not also(url):
        return url
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.hostname or ''}/" if parts.scheme else ""
    return "" if also(host) else host


class Redactor:
    """Redacts listings; ``also`` finds spans to mask besides contacts."""

    def __init__(self, also: Finder = lambda _: []) -> None:
        self._also = also

    def redact(self, session: Session, listing: Listing, moment: datetime) -> None:
        """Remove contacts, seller, pictures and extra fields from a listing, its versions and visits.

        Assessments and reviews keep their offsets and answers; quoted contacts in them are masked, as are
        contacts in edited passages of letters about the listing; the words of sent letters are removed.
        """
        assessments = list(
            session.scalars(select(AssessmentRow).where(AssessmentRow.listing_id == listing.id))
        )
        versions = session.scalars(select(ListingVersion).where(ListingVersion.listing_id == listing.id))
        texts: dict[str, str] = {}
        for row in (*versions, listing):
            spans = self._spans(row.text) + _known_spans(assessments, row.text_sha256)
            text = texts[row.text_sha256] = masked(row.text, spans)
            row.title, row.description = parts_of(row, text)
            row.price = None if row.price is None else masked(row.price, self._spans(row.price))
            row.images, row.extra = [], {TOLD: True} if row.extra.get(TOLD) else {}
        if listing.url is not None:
            listing.url = without_account(listing.url, self._also) or None
        listing.seller = listing.seller_url = None
        listing.redacted_at = moment
        # Text in a picture cannot be masked, so the listing loses its pictures.
        session.execute(delete(ListingPicture).where(ListingPicture.listing_id == listing.id))
        listing.pictures_key = ""
        for capture in session.scalars(select(Capture).where(Capture.listing_id == listing.id)):
            capture.url = without_account(capture.url, self._also)
        for visit in session.scalars(select(Sighting).where(Sighting.listing_id == listing.id)):
            visit.changes = self._without_seller(visit.changes)
        by_number = {row.id: texts.get(row.listing_text_sha256) for row in assessments}
        for row in assessments:
            row.content = _masked_assessment(row.content, by_number[row.id])
        for review in (
            *session.scalars(select(Review).where(Review.listing_id == listing.id)),
            *session.scalars(select(BlindReading).where(BlindReading.listing_id == listing.id)),
        ):
            known = by_number.get(review.assessment_id)
            review.confirmed_claims = masked_claims(review.confirmed_claims, known, _without_contacts)
            review.rejected_claims = masked_claims(review.rejected_claims, known, _without_contacts)
            review.added_claims = masked_claims(review.added_claims, known, _without_contacts)
            review.note = masked(review.note, self._spans(review.note))
        for message in session.scalars(select(CaseMessage).where(CaseMessage.listing_id == listing.id)):
            message.text = masked(message.text, self._spans(message.text))
        letters = select(ReferralListing.referral_id).where(ReferralListing.listing_id == listing.id)
        for letter in session.scalars(select(ReferralRow).where(ReferralRow.id.in_(letters))):
            for name in PASSAGES:
                text = getattr(letter, name)
                setattr(letter, name, masked(text, self._spans(text)))
        forget_listing(session, listing.id)
        for complaint in session.scalars(select(Complaint).where(Complaint.listing_id == listing.id)):
            without_seller(session, complaint, lambda text: masked(text, self._spans(text)))
        for appeal in session.scalars(select(Appeal).where(Appeal.listing_id == listing.id)):
            appeal.reason = masked(appeal.reason, self._spans(appeal.reason))
            appeal.evidence = masked(appeal.evidence, self._spans(appeal.evidence))
        # The links between sellers contain their contacts too.
        session.execute(delete(SellerContact).where(SellerContact.listing_id == listing.id))
        # The queue's row has a copy of the seller.
        refresh(session, listing)

    def _without_seller(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Return what a visit found changed, of the seller and the pictures only that they did."""
        prices = [price and masked(price, self._spans(price)) for price in changes.get("price") or ()]
        return changes | {
            name: prices if name == "price" else None
            for name in ("price", "seller", "seller_url", "images")
            if name in changes
        }

    def _spans(self, text: str) -> Spans:
        return contact_spans(text) + self._also(text)


def _known_spans(assessments: Iterable[AssessmentRow], text_sha256: str) -> Spans:
    """Return the contacts that earlier versions of the program found in this text."""
    return [
        (contact["start"], contact["end"])
        for row in assessments
        if row.listing_text_sha256 == text_sha256
        for contact in row.content.get("contacts", [])
    ]


def _masked_assessment(content: dict[str, Any], text: str | None) -> dict[str, Any]:
    old_claims: list[dict[str, Any]] = content.get("claims", [])
    claims = masked_claims(old_claims, text, _without_contacts)
    changed = changed_words(old_claims, claims)
    if "pictures" in content:
        content = content | {"pictures": [_masked_picture(one, changed) for one in content["pictures"]]}
    return content | {
        "contacts": [contact | {"value": ""} for contact in content.get("contacts", [])],
        "claims": claims,
        "findings": masked_findings(content.get("findings", []), changed),
    }


def _masked_picture(picture: dict[str, Any], changed: list[tuple[str, str]]) -> dict[str, Any]:
    """Remove the lines of a picture; adds its claims' words, which findings may quote, to ``changed``."""
    old = picture.get("claims", [])
    claims = [claim | {"text": _without_contacts(claim["text"])} for claim in old]
    changed += changed_words(old, claims)
    return picture | {"file": "", "lines": [], "contacts": [], "claims": claims}


def _without_contacts(text: str) -> str:
    return masked(text, contact_spans(text))
