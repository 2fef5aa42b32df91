"""Rows chosen in the queue, and a preview of the listings that the rows of campaigns stand for."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from service.console.campaigns.pages import COMPARED
from service.console.cases.visibility import CaseVisibility
from service.console.core import links, terms
from service.console.core.fields import field, number_in
from service.console.web import Console
from service.console.widgets.differences import differences
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.queue import QueueRow
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import Listing, Reviewer

MAX_ROWS = 100
"""Maximum number of listings in one form; each is decided by itself, so that more would take too long."""

PLACES = ("after", "before")
"""Names of the queue's cursors in addresses and forms."""

SHOWN_CAMPAIGN = "campaign-shown"
"""Field of a preview: a campaign whose listings it shows."""

SHOWN_SINGLE = "single-shown"
"""Field of a preview: a listing that was chosen by itself."""

_ROW = re.compile(r"([0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})")


@dataclass(frozen=True)
class ChosenRow:
    """A chosen listing as the page showed it; ``last_review`` is its newest review then, 0 for none."""

    listing_id: int
    assessment_id: int
    last_review: int


def rows_in(form: FormData) -> list[ChosenRow]:
    """Return the listings of a form, each once; invalid ones are ignored."""
    matches = (_ROW.fullmatch(value) for value in form.getlist("row") if isinstance(value, str))
    rows = [ChosenRow(*map(int, match.groups())) for match in matches if match is not None]
    return list({row.listing_id: row for row in rows}.values())


def campaigns_in(form: FormData) -> list[int]:
    """Return the numbers of the campaigns of a form, each once; invalid ones are ignored."""
    found = (number_in(value) for value in form.getlist("campaign-row") if isinstance(value, str))
    return list(dict.fromkeys(number for number in found if number is not None))


def row_value(listing: Listing, newest: Mapping[int, int]) -> str:
    """Return a listing as the value of a row's field; ``newest`` is from :func:`newest_shown`."""
    return f"{listing.id}:{listing.assessment_id}:{newest.get(listing.id, 0)}"


def newest_shown(part: Console, visibility: CaseVisibility, rows: Collection[QueueRow]) -> dict[int, int]:
    """Return the newest review of each row's listing; of a case that is read blind, the reader's own."""
    newest = part.store.reviews.newest_reviews([row.listing.id for row in rows])
    return newest | {
        row.listing.id: blind.newest
        for row in rows
        if (blind := visibility.blinds.get(row.listing.id)) is not None
    }


def preview(
    request: Request,
    part: Console,
    reviewer: Reviewer,
    form: FormData,
    rows: Sequence[ChosenRow],
    campaigns: Sequence[int],
) -> Response:
    """Show every listing that the chosen rows stand for, each with a choice to leave it out."""
    wanted = links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS})
    waiting: list[QueueRow] = []
    for number in campaigns:
        if len(waiting) > MAX_ROWS:
            break
        waiting += _waiting(part, reviewer, wanted, number)
    apart = {row.listing.id for row in waiting}
    single = [row for row in rows if row.listing_id not in apart]
    shown = waiting[: MAX_ROWS - len(single)]
    visibility = CaseVisibility.of(part.store, reviewer)
    newest = newest_shown(part, visibility, shown)
    needed = [row.listing_id for row in single] + [row.listing.id for row in shown[:COMPARED]]
    listings = {listing.id: listing for listing in part.store.past_cases.listings(needed)}
    single = [row for row in single if row.listing_id in listings]
    part.store.audit.record(
        audit_names.reviewer(reviewer.name),
        AuditAction.QUEUE_VIEW,
        "",
        {
            "listings": [*(row.listing_id for row in single), *(row.listing.id for row in shown)],
            "preview": True,
        },
    )
    firsts: dict[int | None, str] = {}
    differing = {}
    for row in shown[:COMPARED]:
        listing = listings.get(row.listing.id)
        if listing is None:
            continue
        first = firsts.setdefault(row.campaign_id, listing.text)
        if first != listing.text:
            differing[row.listing.id] = differences(first, listing.text)
    return part.page(
        request,
        "queue_preview.html",
        reviewer=reviewer,
        wanted=wanted,
        fields=links.fields_of(wanted),
        place={name: field(form, name) for name in PLACES if field(form, name)},
        decision=terms.decision_term(field(form, "decision")),
        note=field(form, "note"),
        insists=bool(field(form, "insist")),
        single=[(row, listings[row.listing_id]) for row in single],
        shown=shown,
        row_value=lambda listing: row_value(listing, newest),
        shown_campaign=SHOWN_CAMPAIGN,
        shown_single=SHOWN_SINGLE,
        beyond=len(waiting) > len(shown),
        most=MAX_ROWS,
        differences=differing,
    )


def _waiting(part: Console, reviewer: Reviewer, wanted: QueueFilter, campaign: int) -> list[QueueRow]:
    """Return the listings of a campaign that wait under the filter, at most one more than one form takes."""
    alike = replace(wanted, campaign=campaign, state=CaseState.WAITING)
    return part.store.reviews.queue(alike, reviewer.id, limit=MAX_ROWS + 1).rows
