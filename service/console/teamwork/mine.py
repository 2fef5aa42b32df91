"""A person's own page: questions, notices, assigned cases, and today's decisions."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.core.fields import number_in
from service.console.core.permissions import MINE, NOTICES
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.console.widgets.figure_table import midnight
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.columns import now
from service.text.thai_calendar import local_day

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MOST = 50
"""Maximum number of notices on the page."""


@router.get(MINE)
def mine_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Show questions to and from this person, notices, their cases, and today's decisions."""
    notices = part.store.notices.of(reviewer, MOST)
    asked_of, asked_by = part.store.threads.asked_of(reviewer), part.store.threads.asked_by(reviewer)
    # A reason or a question may quote what the listing says.
    told = {notice.listing_id for notice in notices}
    if named := sorted(told | {question.entry.listing_id for question in (*asked_of, *asked_by)}):
        part.store.audit.record_view(
            audit_names.reviewer(reviewer.name), AuditAction.MINE_VIEW, "", {"listings": named}
        )
    return part.page(
        request,
        "mine.html",
        reviewer=reviewer,
        asked_of=asked_of,
        asked_by=asked_by,
        notices=notices,
        held=part.store.own_work.held(reviewer),
        decided=part.store.own_work.decided(reviewer, midnight(local_day(now()))),
        fresh=[notice.id for notice in notices if notice.read_by_name is None],
        unread=part.store.notices.unread(reviewer),
    )


@router.post(NOTICES)
def mark_read(part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Mark the notices in the form as read, then show the page again."""
    numbers = [number_in(value) for value in form.getlist("notice") if isinstance(value, str)]
    part.store.notices.mark_read([number for number in numbers if number is not None][:MOST], reviewer)
    return RedirectResponse(MINE, 303)
