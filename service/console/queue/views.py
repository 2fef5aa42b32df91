"""Saved views of the queue: save, delete, share, set as default."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.console.core import links
from service.console.core.errors import PageError
from service.console.core.fields import field
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.store.cases.views import ViewRefused
from service.store.database.row_ids import row_id

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/queue/views")
def save_view(part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Save the filter in the form's fields as ``name`` and show it."""
    wanted = links.filter_of({name: field(form, name) for name in links.FILTER_FIELDS})
    query = links.query_of(wanted).removeprefix("?")
    try:
        part.store.views.save(
            reviewer,
            field(form, "name"),
            query,
            shared=bool(field(form, "shared")),
            default=bool(field(form, "default")),
        )
    except ViewRefused as error:
        raise PageError(
            422, f"บันทึกมุมมองไม่ได้: {error.thai}", f"The view was not saved: {error}.", reviewer
        ) from error
    return RedirectResponse(f"{links.QUEUE}?{query or f'view={links.ALL_VIEW}'}", 303)


@router.post("/queue/views/{view_id}")
def change_view(part: ConsolePart, reviewer: LoggedIn, view_id: int, form: Form) -> Response:
    """Delete, share, unshare or set as default, depending on ``action``; then redirect to the queue."""
    views = part.store.views
    number = row_id(view_id)
    done = {
        "delete": lambda: views.delete(reviewer, number),
        "share": lambda: views.share(reviewer, number, True),
        "unshare": lambda: views.share(reviewer, number, False),
        "default": lambda: views.set_default(reviewer.id, number),
        "no-default": lambda: views.set_default(reviewer.id, None),
    }.get(field(form, "action"), lambda: False)()
    if not done:
        raise PageError(
            404,
            "ไม่พบมุมมองนี้ หรือบัญชีนี้แก้ไขมุมมองนี้ไม่ได้ โปรดกลับไปที่คิวงาน",
            "This view does not exist, or this account may not change it: go back to the queue.",
            reviewer,
        )
    return RedirectResponse(f"{links.QUEUE}?view={links.ALL_VIEW}", 303)
