"""The queue page."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from labels.schema import Claim
from labels.taxonomy import Platform, ProductClass, Rule, Verdict, label_term
from service.console import links
from service.console.case import own_review
from service.console.permissions import home_of
from service.console.web import ConsolePart, LoggedIn, PageRoute, Visitor
from service.store.queue import CaseState

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
WORST = 3
"""Claims whose words a row shows."""


def worst_claims(claims: list[Claim]) -> list[Claim]:
    """The worst first: prohibited before permit-bound, then by probability; each wording once."""
    ordered = sorted(
        claims, key=lambda claim: (label_term(claim.label).rule is not Rule.PROHIBITED, -claim.probability)
    )
    once: dict[str, Claim] = {}
    for claim in ordered:
        once.setdefault(claim.text, claim)
    return list(once.values())


def page_number(asked: str | None, pages: int) -> int:
    """The page asked for, kept within 1 to ``pages``; 1 for what is no number."""
    if not asked or not asked.isascii() or not asked.isdigit() or len(asked) > 9:
        return 1
    return min(pages, max(1, int(asked)))


@router.get("/")
def home(visitor: Visitor) -> Response:
    """The console begins at the queue, or where a role begins that has none."""
    return RedirectResponse(home_of(visitor.role) if visitor else links.QUEUE, 303)


@router.get(links.QUEUE)
def queue_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Listings by risk under the filters of the query string; ``page`` counts from 1."""
    query = dict(request.query_params)
    wanted = links.filter_of(query)
    counts = part.store.reviews.counts(wanted)
    total = counts.of(wanted.verdict, wanted.state)
    pages = max(1, -(-total // PAGE_SIZE))
    page = page_number(query.get("page"), pages)
    rows = part.store.reviews.queue(wanted, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return part.page(
        request,
        "queue.html",
        reviewer=reviewer,
        wanted=wanted,
        rows=[(row, worst_claims(row.assessment.claims)) for row in rows],
        marks=part.store.bulks.marks([row.review.id for row in rows if row.review is not None]),
        worst=WORST,
        counts=counts,
        total=total,
        page=page,
        pages=pages,
        first=(page - 1) * PAGE_SIZE + 1,
        states=tuple(CaseState),
        verdicts=tuple(Verdict),
        classes=tuple(ProductClass),
        platforms=tuple(Platform),
        finished="finished" in query,
        saved=own_review(part.store, reviewer, query.get("saved", "")),
    )
