"""The quick search, as a page of its own and as the results in the dialog that Ctrl-K opens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from labels.taxonomy import platform_term, verdict_term
from service.alerts.feeds import path_of
from service.complaints.words import CATEGORIES, PROGRESS
from service.console.cases.visibility import CaseVisibility
from service.console.core import links, terms
from service.console.core.permissions import COMPLAINT, FIND, may_open
from service.console.finding.asked import Asked, asked
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.store.accounts.policy import PUBLISHING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.tables.complaint_tables import ComplaintCategory, Progress
from service.store.tables.core_tables import Listing

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MOST: Final = 6
"""Results of each kind; the queue lists the rest."""
_TITLE: Final = 90


@dataclass(frozen=True)
class Found:
    """A result: its kind, the page it leads to, its name and a line about it.

    ``listing_id`` is the listing whose data it shows, ``None`` if it shows none.
    """

    kind: str
    address: str
    name: str
    about: str = ""
    listing_id: int | None = None


@router.get(FIND)
def find_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Search for ``q``; with ``part`` in the query, answer only the list of results."""
    wanted = asked(request.query_params.get("q", ""))
    with part.store.database.one_reading():
        visibility = CaseVisibility.of(part.store, reviewer)
        results = list(dict.fromkeys(results_of(visibility, wanted))) if wanted.text else []
    if shown := [found.listing_id for found in results if found.listing_id is not None]:
        # What was typed is not recorded, since it may be a person's contact.
        part.store.audit.record_view(
            audit_names.reviewer(reviewer.name),
            AuditAction.FIND_VIEW,
            "",
            {"listings": sorted(set(shown))},
        )
    template = "found.html" if "part" in request.query_params else "find.html"
    more = links.QUEUE + "?" + urlencode({"q": wanted.text, "view": links.ALL_VIEW})
    return part.page(request, template, reviewer=reviewer, asked=wanted, results=results, more=more)


def results_of(visibility: CaseVisibility, wanted: Asked) -> Iterator[Found]:
    """Yield the results in the order in which they are shown; only what the person may see."""
    store = visibility.store
    if wanted.case is not None and (row := store.listing(wanted.case)) is not None:
        yield _case(row)
    yield from _numbered(visibility, wanted)
    if wanted.is_short:
        return
    for row in store.look_up.at_address(wanted.text, MOST):
        yield _case(row)
    for contact in store.look_up.contacts(wanted.contacts, MOST):
        about = f"{terms.CONTACT_KINDS[contact.kind]} · {contact.listings:,} โฆษณา"
        yield Found("ผู้ขาย", f"/cases/{contact.newest}/seller", contact.value, about, contact.newest)
    for seller in store.look_up.sellers(wanted.text, wanted.words[0], MOST):
        about = f"ชื่อร้าน · {seller.listings:,} โฆษณา"
        # One name may be that of several shops: the queue tells them apart.
        address = links.QUEUE + "?" + urlencode({"seller": seller.name, "view": links.ALL_VIEW})
        yield Found("ผู้ขาย", address, seller.name[:_TITLE], about, seller.newest)
    # Numbers in another spelling come first: they name one product, words name many.
    queries = (*wanted.words[1:], wanted.words[0])
    for row in store.look_up.listings(queries, MOST):
        yield _case(row)


def _numbered(visibility: CaseVisibility, wanted: Asked) -> Iterator[Found]:
    if wanted.number is None:
        return
    store, reviewer = visibility.store, visibility.reviewer
    letter = store.referrals.find(*wanted.number)
    if letter is not None and not visibility.hides_referral(letter.id):
        about = f"{terms.RECIPIENTS[letter.recipient]} · {terms.REFERRAL_STATUSES[letter.status]}"  # type: ignore[index]
        yield Found("หนังสือ", f"/referrals/{letter.id}", letter.number, about)
    complaint = store.complaints.find(*wanted.number)
    if complaint is not None and may_open(reviewer.role, COMPLAINT):
        about = (
            f"{CATEGORIES[ComplaintCategory(complaint.category)]} · {PROGRESS[Progress(complaint.progress)]}"
        )
        yield Found("เรื่องร้องเรียน", f"/complaints/{complaint.id}", complaint.number, about)
    alert = store.alerts.find(*wanted.number)
    hidden = alert is not None and visibility.hides(alert.listing_id)
    if alert is not None and (not hidden or alert.id in visibility.kept_alerts()):
        address = f"/alert-desk/{alert.id}" if reviewer.role in PUBLISHING else path_of(alert)
        yield Found("ประกาศเตือน", address, alert.number, alert.title[:_TITLE])


def _case(row: Listing) -> Found:
    title = " ".join((row.title or row.description or "(ไม่มีข้อความ)").split())
    about = [f"เคส {row.id}", (row.seller or "ไม่ระบุร้าน")[:60]]
    about += [platform_term(row.platform).thai] if row.platform else []
    about += [f"ระบบประเมิน {verdict_term(row.verdict).thai}"] if row.verdict else []
    return Found("เคส", f"/cases/{row.id}", title[:_TITLE], " · ".join(about), row.id)
