"""Serves the folded parts of a long text on request."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.console.cases.case import listing_of
from service.console.cases.form import CaseForm
from service.console.cases.marking import marks_of, rows_of_form
from service.console.cases.text_blocks import opened
from service.console.core.fields import number_in
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/cases/{listing_id}/text")
def text_part(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int) -> Response:
    """Show the text between ``from`` and ``to``, at most as much as fits a page.

    The script inserts it into the case page; without scripts it is a separate page.
    """
    listing = listing_of(part, listing_id)
    part.store.audit.record_view(
        audit_names.reviewer(reviewer.name),
        AuditAction.CASE_VIEW,
        audit_names.listing(listing.id),
        {"contacts": 0, "seller": False},
    )
    row = part.store.assessments.get(listing.assessment_id) if listing.assessment_id else None
    assessment = row.shape() if row else None
    marks = marks_of(listing.text, assessment, rows_of_form(assessment, CaseForm()), ())
    start, end = (number_in(request.query_params.get(name, "")) or 0 for name in ("from", "to"))
    blocks = opened(listing.text, marks, start, end or len(listing.text))
    template = "case_text.html" if "fragment" in request.query_params else "case_text_page.html"
    return part.page(request, template, reviewer=reviewer, listing=listing, blocks=blocks)
