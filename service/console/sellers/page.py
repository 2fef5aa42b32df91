"""The page of a seller: contacts, what waits, and one timeline of all that happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from labels.marketplaces.designated import designated
from service.campaigns.seller_planning import reference_of
from service.complaints.words import HARMS, PROGRESS
from service.console.cases.case import listing_of
from service.console.cases.visibility import CaseVisibility
from service.console.core.fields import field, number_in
from service.console.core.kept_forms import RESTORED
from service.console.core.paging import Paging
from service.console.core.permissions import SELLER
from service.console.sellers.data_requests import FORMS, OUTCOMES
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.store import Store
from service.store.accounts.policy import PUBLISHING, SENDING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.campaigns.bulks import MAX_BULK
from service.store.database.columns import now
from service.store.sellers.timeline import MAX_LISTINGS, SellerEventKind, SellerSummary, Unseen
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50


@dataclass(frozen=True)
class Tab:
    """Some kinds of entries, shown together."""

    thai: str
    kinds: tuple[SellerEventKind, ...]


_KIND = SellerEventKind
TABS: Final[dict[str, Tab]] = {
    "": Tab("ทั้งหมด", tuple(_KIND)),
    "listings": Tab("โฆษณาและภาพ", (_KIND.LISTING, _KIND.PICTURE)),
    "contacts": Tab("ช่องทางติดต่อ", (_KIND.CONTACT,)),
    "decisions": Tab("ผลการตัดสิน", (_KIND.DECISION,)),
    "letters": Tab("หนังสือ", (_KIND.LETTER, _KIND.STEP)),
    "complaints": Tab("เรื่องร้องเรียน", (_KIND.COMPLAINT,)),
    "alerts": Tab("ประกาศเตือน", (_KIND.ALERT, _KIND.WITHDRAWAL)),
}
"""The tabs of the timeline, by their value in the address."""


@router.get(SELLER)
def seller_page(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int) -> Response:
    """Show the seller of a case; ``show`` in the query names a tab, ``page`` a page of it."""
    listing = listing_of(part, listing_id)
    store, query = part.store, request.query_params
    visibility = CaseVisibility.of(store, reviewer)
    seller = store.sellers.summary(listing.id, visibility.unread)
    unseen = unseen_by(visibility, seller)
    counts = store.sellers.counts(seller.listings, unseen)
    chosen = query.get("show", "")
    chosen = chosen if chosen in TABS else ""
    totals = {name: sum(counts.get(kind, 0) for kind in tab.kinds) for name, tab in TABS.items()}
    paging = Paging.of(totals[chosen], PAGE_SIZE, query.get("page"))
    events = store.sellers.timeline(seller.listings, unseen, TABS[chosen].kinds, paging.offset, PAGE_SIZE)
    shown = sorted({event.listing.id for event in events if event.listing is not None})
    seen = {"contacts": len(seller.contacts), "listings": shown}
    store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.SELLER_VIEW, audit_names.listing(listing.id), seen
    )
    asked, answered = (
        part.kept_forms.take(request, reviewer.id, f"{request.url.path}/{form}") for form in FORMS
    )
    bulks = _own_bulks(store, seller, reviewer, unseen)
    undone = store.bulks.undone(_numbers(query, "undone"), reviewer.id)
    pictured = [event.listing.id for event in events if event.kind is _KIND.PICTURE and event.listing]

    def address(name: str, page: int = 1) -> str:
        fields = {"show": name} if name else {}
        fields |= {"page": str(page)} if page > 1 else {}
        return f"/cases/{listing.id}/seller" + (f"?{urlencode(fields)}" if fields else "")

    return part.page(
        request,
        "seller.html",
        reviewer=reviewer,
        listing=listing,
        seller=seller,
        events=events,
        pictures=store.pictures.of_listings(pictured, gone=True),
        hidden=bool(unseen.hidden),
        tabs=[(name, tab.thai, totals[name]) for name, tab in TABS.items() if not name or totals[name]],
        chosen=chosen,
        address=address,
        page=paging.page,
        pages=paging.pages,
        most=MAX_LISTINGS,
        progress=PROGRESS,
        harms=HARMS,
        reference=reference_of(store, seller.listings, unseen.hidden, unseen.before),
        bulks=bulks,
        # An address may be a colleague's, or from before an undo, so the store is asked.
        decided=any(number in numbers for _, numbers, _ in bulks for number in _numbers(query, "decided")),
        undone=sum(undone.values()),
        problem=RESTORED if asked or answered else None,
        asked={name: field(asked, name) if asked else "" for name in ("reference", "day")},
        answered={name: field(answered, name) if answered else "" for name in ("request", "day")},
        requests=store.seller_data.of_listings(seller.listings),
        outcomes=OUTCOMES,
        marketplaces=designated().marketplaces,
        moment=now(),
        sends=reviewer.role in SENDING,
        publishes=reviewer.role in PUBLISHING,
    )


def _numbers(query: Mapping[str, str], name: str) -> list[int]:
    """Return the numbers of bulk decisions in the address, ``1,2,3``."""
    found = (number_in(value) for value in query.get(name, "").split(",")[:MAX_BULK])
    return [number for number in found if number is not None]


def _own_bulks(
    store: Store, seller: SellerSummary, reviewer: Reviewer, unseen: Unseen
) -> list[tuple[int, list[int], int]]:
    """Return the person's bulk decisions in force, by the case that they follow: case, numbers, decisions."""
    open_ones = [number for number in seller.listings if number not in unseen.hidden]
    found: dict[int, tuple[list[int], int]] = {}
    for item in store.bulks.own_from(open_ones, reviewer.id):
        if item.origin_listing is not None and item.decided:
            numbers, count = found.get(item.origin_listing, ([], 0))
            found[item.origin_listing] = [*numbers, item.bulk.id], count + item.decided + item.spread
    return [(origin, numbers, count) for origin, (numbers, count) in found.items()]


def unseen_by(visibility: CaseVisibility, seller: SellerSummary) -> Unseen:
    """Return what must stay hidden from somebody who reads some of the seller's cases blind.

    A decision on a like listing would tell the answer, so those from the hidden one on are hidden too.
    """
    blinds = [blind for number, blind in visibility.blinds.items() if number in seller.listings]
    if not blinds:
        return Unseen()
    return Unseen(
        frozenset(blind.listing_id for blind in blinds),
        min(blind.review_id for blind in blinds),
        visibility.kept_referrals(),
        visibility.kept_alerts(),
    )
