"""The queue page: filtered listings by risk, and counts for looser filters."""

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from labels.pictured import all_claims
from labels.schema import Claim, RegistryStatus
from labels.taxonomy import (
    ClaimLabel,
    Platform,
    ProductClass,
    Rule,
    Verdict,
    class_term,
    label_term,
    platform_term,
)
from service.console.alerts.desk import shaken_alerts
from service.console.cases.case import own_review
from service.console.cases.visibility import CaseVisibility
from service.console.core import links, terms
from service.console.core.permissions import DECIDE_ROWS, home_of
from service.console.queue.chips import chips_of
from service.console.queue.chosen import PLACES, newest_shown, row_value
from service.console.queue.restored import Restored, query_of, restored_from
from service.console.queue.told import told_by
from service.console.web import Console, ConsolePart, LoggedIn, PageRoute, Visitor
from service.store.accounts.policy import leads
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.campaigns.bulks import BULK_DECISIONS
from service.store.cases.queue import QueuePage
from service.store.cases.reviews import DECISIONS, MAX_NOTE
from service.store.cases.views import View
from service.store.index.entries import CaseState
from service.store.index.finding import Assigned, NoLicence, QueueFilter, Sort
from service.store.index.queue_counts import Counted
from service.store.tables.core_tables import Reviewer
from service.text.search_words import VERSION

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
NOT_RESTORED = frozenset({"decided", "left", "undone", "kept", "campaign"})
"""Queries of pages that restore no form: its filter would replace theirs, and hide what was saved."""
WORST = 3
"""Number of claims whose words a row shows."""


@dataclass(frozen=True)
class LooserFilter:
    """A filter whose removal gives results, with their number."""

    thai: str
    query: str
    count: Counted


def worst_claims(claims: list[Claim]) -> list[Claim]:
    """Sort the worst first, prohibited before permit-bound, then by probability; each wording once."""
    ordered = sorted(
        claims, key=lambda claim: (label_term(claim.label).rule is not Rule.PROHIBITED, -claim.probability)
    )
    once: dict[str, Claim] = {}
    for claim in ordered:
        once.setdefault(claim.text, claim)
    return list(once.values())


@router.get("/")
def home(visitor: Visitor) -> Response:
    """Redirect to the queue, or to the home page of a role without a queue."""
    return RedirectResponse(home_of(visitor.role) if visitor else links.QUEUE, 303)


@router.get(links.QUEUE)
def queue_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List the listings that match the filter in the query, or else the person's default view.

    ``after`` and ``before`` carry the cursor of a neighbouring page.
    """
    kept = None
    if NOT_RESTORED.isdisjoint(request.query_params):
        kept = part.kept_forms.take(request, reviewer.id, DECIDE_ROWS)
    query = dict(request.query_params) if kept is None else query_of(kept)
    with part.store.database.one_reading():
        views = part.store.views.of(reviewer.id)
        default = next((view.query for view in views if view.is_default), None)
        if not query and kept is None and default:
            return RedirectResponse(f"{links.QUEUE}?{default}", 303)
        found, answer = _shown(request, part, reviewer, query, kept, views)
    # The rows name sellers.  The search is not recorded, since it may be a person's contact.
    if named := [row.listing.id for row in found.rows if row.listing.seller]:
        part.store.audit.record_view(
            audit_names.reviewer(reviewer.name), AuditAction.QUEUE_VIEW, "", {"listings": named}
        )
    return answer


def _shown(
    request: Request,
    part: Console,
    reviewer: Reviewer,
    query: dict[str, str],
    kept: FormData | None,
    views: list[View],
) -> tuple[QueuePage, Response]:
    """Read and render a page of the queue; ``kept`` is a form that was sent too late."""
    wanted = links.filter_of(query)
    not_days = links.not_days(query, links.DAY_FIELDS)
    backwards = bool(query.get("before"))
    cursor = query.get("before" if backwards else "after")
    found = _page(part, wanted, reviewer, cursor, backwards=backwards)
    if cursor and not found.rows:
        # All rows of the page were decided and nothing is beyond it: show the last page, or the first one.
        found = _page(part, wanted, reviewer, None, backwards=not backwards)
    counts = part.store.reviews.counts(wanted, reviewer.id)
    people = {person.id: person.display_name for person in part.store.users.all()}
    visibility = CaseVisibility.of(part.store, reviewer)
    newest = newest_shown(part, visibility, found.rows)
    restored = Restored() if kept is None else restored_from(kept)
    shown = [row_value(row.listing, newest) for row in found.rows if row.waiting == 1]
    folded = [str(row.campaign_id) for row in found.rows if row.waiting > 1]
    # The address may be a colleague's, or one from before a withdrawal: then nothing of it is said.
    saved = own_review(part.store, reviewer, query.get("saved", ""))
    questions = part.store.threads.questions([row.listing.id for row in found.rows], reviewer)
    answer = part.page(
        request,
        "queue.html",
        reviewer=reviewer,
        wanted=wanted,
        fields=links.fields_of(wanted),
        not_days=not_days,
        # The tabs and pages of this list keep a day that does not exist, and so its message.
        query_with=partial(links.query_of, wanted, **not_days),
        rows=[(row, worst_claims([c for _, c in all_claims(row.assessment)])) for row in found.rows],
        pictures=part.store.pictures.of_listings([row.listing.id for row in found.rows]),
        marks=visibility.marks((row.listing.id, row.review) for row in found.rows),
        questions=questions,
        row_value=lambda listing: row_value(listing, newest),
        restored=restored,
        problem=None if kept is None else restored.problem(shown, folded),
        listings=sum(row.waiting for row in found.rows),
        fields_and_place=links.fields_of(wanted) | {name: query[name] for name in PLACES if query.get(name)},
        bulk_decisions=[terms.decision_term(value) for value in BULK_DECISIONS],
        max_note=MAX_NOTE,
        told=told_by(part.store, reviewer, query),
        holders=visibility.holders([row.listing.id for row in found.rows]),
        class_words=lambda value: class_term(value).thai,
        label_words=lambda value: label_term(value).thai,
        platform_words=lambda value: platform_term(value).thai,
        worst=WORST,
        counts=counts,
        values=counts.by_value(wanted.verdict, wanted.state),
        total=counts.of(wanted.verdict, wanted.state),
        previous=found.previous,
        next=found.next,
        states=tuple(CaseState),
        verdicts=tuple(Verdict),
        classes=tuple(ProductClass),
        labels=tuple(ClaimLabel),
        licences=(NoLicence.NO_NUMBER, *RegistryStatus),
        platforms=tuple(Platform),
        assignments=tuple(Assigned),
        sorts=[sort for sort in Sort if sort is not Sort.REACH or part.store.reviews.has_reach()],
        narrowed=_narrowed(wanted),
        looser_filters=[] if found.rows else looser_filters(part, wanted, reviewer),
        chips=chips_of(wanted, people),
        deciders=[reviewer.id, *(number for number in people if number != reviewer.id)],
        people=people,
        decisions=[terms.decision_term(value) for value in DECISIONS],
        empty_store=not found.rows and part.store.reviews.how_many(QueueFilter()).number == 0,
        unindexed=bool(wanted.search) and part.store.search.waiting(VERSION, 1) > 0,
        views=views,
        shaken_alerts=shaken_alerts(visibility) if leads(reviewer.role) else 0,
        finished="finished" in query and (saved is not None or "saved" not in query),
        nothing_waits=bool(found.rows)
        and not wanted.state
        and not wanted.about_decisions
        and counts.of(wanted.verdict, CaseState.WAITING) == Counted(),
        saved=saved,
    )
    return found, answer


def _page(
    part: Console, wanted: QueueFilter, reviewer: Reviewer, cursor: str | None, *, backwards: bool
) -> QueuePage:
    """Return a page in which a campaign is one row, unless the filter is for one campaign."""
    folded = wanted.campaign is None
    return part.store.reviews.queue(wanted, reviewer.id, cursor, PAGE_SIZE, backwards, folded=folded)


def looser_filters(part: Console, wanted: QueueFilter, reviewer: Reviewer) -> list[LooserFilter]:
    """Return the filters whose removal, one at a time, would give results; most results first."""
    found = []
    for name in _narrowed(wanted):
        wider = links.without(wanted, name)
        count = part.store.reviews.how_many(wider, reviewer.id)
        if count.number:
            query = links.query_of(wider) or f"?view={links.ALL_VIEW}"
            found.append(LooserFilter(terms.FILTERS[name], query, count))
    return sorted(found, key=lambda loosening: -loosening.count.number)


def _narrowed(wanted: QueueFilter) -> list[str]:
    return [name for name in links.fields_of(wanted) if name != "sort"]
