"""Related cases and listings: similar texts with their differences, and the seller's other listings."""

from dataclasses import dataclass

from service.console.cases.visibility import CaseVisibility
from service.console.widgets.differences import Piece, differences, is_cut
from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.campaigns.bulks import BulkMark
from service.store.campaigns.repository import Member
from service.store.cases.reviews import PastReview
from service.store.figures.relisting_figures import Relisting
from service.store.listings.contacts import LinkedListing, SellerCounts, SharedContact
from service.store.tables.campaign_tables import Campaign
from service.store.tables.core_tables import Listing, Review, Reviewer

SIMILAR = 5
LINKED = 50


@dataclass(frozen=True)
class SellerPanel:
    """Other listings with the same contacts."""

    contacts: list[SharedContact]
    linked: list[LinkedListing]
    counts: SellerCounts


@dataclass(frozen=True)
class RelatedCases:
    """Related cases and listings.

    ``seller`` is ``None`` while the panel is closed; ``named`` is the number of contacts it would show.
    """

    campaign: Campaign | None
    similar: list[tuple[Member, list[Piece], bool]]
    marks: dict[int, BulkMark]
    named: int
    seller: SellerPanel | None
    relistings: list[tuple[Relisting, Listing]]
    """What appeared after the decision against this listing."""
    decided_before: list[tuple[Relisting, Listing]]
    """Listings decided against that this one may be a re-listing of."""


def related_cases(
    visibility: CaseVisibility, listing: Listing, history: list[PastReview], open_seller: bool
) -> RelatedCases:
    """Return the related cases and listings of a case; record their view before they are shown."""
    store = visibility.store
    similar = visibility.neighbours(store.campaigns.similar(listing.id, SIMILAR, visibility.unread))
    # On a blind case, neither its own decision nor one that would reveal it is shown.
    after = [] if visibility.hides(listing.id) else store.relistings.of(listing.id, SIMILAR)
    before = [] if visibility.hides(listing.id) else store.relistings.decided_before(listing.id, SIMILAR)
    before = [pair for pair in before if pair[0].listing_id not in visibility.hidden]
    contacts = store.contacts.of(listing.id)
    seller = None
    if open_seller:
        linked = store.contacts.linked(listing.id, LINKED)
        counts = visibility.seller_counts(store.contacts.counts(listing.id), linked)
        seller = SellerPanel(contacts, visibility.neighbours(linked), counts)
    reviews: list[tuple[int, Review | None]] = [(listing.id, past.review) for past in history]
    reviews += [(member.listing.id, member.review) for member in similar]
    if seller is not None:
        reviews += [(other.listing.id, other.review) for other in seller.linked]
    return RelatedCases(
        store.campaigns.of(listing.id),
        [
            (
                member,
                differences(listing.text, member.listing.text),
                is_cut(listing.text, member.listing.text),
            )
            for member in similar
        ],
        visibility.marks(reviews),
        len(contacts),
        seller,
        after,
        before,
    )


def record_related(store: Store, reviewer: Reviewer, listing: Listing, related: RelatedCases) -> None:
    """Record the view of related cases, with a separate entry for the seller's panel.

    Other listings contain contacts too.
    """
    actor, subject = audit_names.reviewer(reviewer.name), audit_names.listing(listing.id)
    shown = [member.listing.id for member, *_ in related.similar]
    shown += [other.id for _, other in (*related.relistings, *related.decided_before)]
    if shown:
        store.audit.record(actor, AuditAction.SIMILAR_VIEW, subject, {"listings": shown})
    if related.seller is not None:
        linked = [other.listing.id for other in related.seller.linked]
        seen = {"contacts": len(related.seller.contacts), "listings": linked}
        store.audit.record(actor, AuditAction.SELLER_VIEW, subject, seen)
