"""Posting to the thread of a case."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.cases.case import listing_of, show_case
from service.console.cases.form import read_message
from service.console.core import links
from service.console.core.fields import field
from service.console.core.permissions import THREAD
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.store.teamwork.questions import AskRefused

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post(THREAD)
def write(request: Request, part: ConsolePart, reviewer: LoggedIn, listing_id: int, form: Form) -> Response:
    """Save a question or an answer and show the case again; if refused, the text stays in the form."""
    listing, message = listing_of(part, listing_id), read_message(form)
    try:
        part.store.threads.write(listing.id, reviewer, message.text, message.asked)
    except AskRefused as error:
        problem = error.thai, f"Not saved: {error}."
        return show_case(request, part, reviewer, listing_id, status=422, problem=problem, message=message)
    wanted = links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS})
    return RedirectResponse(f"/cases/{listing.id}{links.query_of(wanted)}#thread", 303)
