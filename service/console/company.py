"""What stands beside a case: similar cases with their differences, and other listings of the same seller."""

from dataclasses import dataclass

from service.console.differences import Piece, differences, is_cut
from service.console.sight import Sight
from service.store import audit_names
from service.store.audit_actions import AuditAction
from service.store.bulks import BulkMark
from service.store.campaign_tables import Campaign
from service.store.campaigns import Member
from service.store.contacts import LinkedListing, SellerCounts, SharedContact
from service.store.models import Listing, Review
from service.store.reviews import PastReview

SIMILAR = 5
LINKED = 50


@dataclass(frozen=True)
class SellerPanel:
    """Where else a listing's contacts stand."""

    contacts: list[SharedContact]
    linked: list[LinkedListing]
    counts: SellerCounts


@dataclass(frozen=True)
class Company:
    """A case's company.

    ``seller`` is ``None`` while the panel is shut; ``named`` is how many contacts it would show.
    """

    campaign: Campaign | None
    similar: list[tuple[Member, list[Piece], bool]]
    marks: dict[int, BulkMark]
    named: int
    seller: SellerPanel | None


def company_of(sight: Sight, listing: Listing, history: list[PastReview], open_seller: bool) -> Company:
    """The company of a case.

    Other listings hold contacts too: that they were shown is an entry in the audit trail, one of its own
    where the seller's panel is opened.
    """
    store = sight.store
    similar = sight.neighbours(store.campaigns.similar(listing.id, SIMILAR, sight.unread))
    actor, subject = audit_names.reviewer(sight.reviewer.name), audit_names.listing(listing.id)
    if similar:
        shown = [member.listing.id for member in similar]
        store.audit.record(actor, AuditAction.SIMILAR_VIEW, subject, {"listings": shown})
    contacts = store.contacts.of(listing.id)
    seller = None
    if open_seller:
        linked = store.contacts.linked(listing.id, LINKED)
        seen = {"contacts": len(contacts), "listings": [other.listing.id for other in linked]}
        store.audit.record(actor, AuditAction.SELLER_VIEW, subject, seen)
        counts = sight.seller_counts(store.contacts.counts(listing.id), linked)
        seller = SellerPanel(contacts, sight.neighbours(linked), counts)
    reviews: list[tuple[int, Review | None]] = [(listing.id, past.review) for past in history]
    reviews += [(member.listing.id, member.review) for member in similar]
    if seller is not None:
        reviews += [(other.listing.id, other.review) for other in seller.linked]
    return Company(
        store.campaigns.of(listing.id),
        [
            (
                member,
                differences(listing.text, member.listing.text),
                is_cut(listing.text, member.listing.text),
            )
            for member in similar
        ],
        sight.marks(reviews),
        len(contacts),
        seller,
    )
