"""The lead's page to correct a published warning, and the earlier versions of a warning."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from service.alerts.draft import Draft
from service.alerts.feeds import path_of
from service.alerts.paragraphs import Paragraph, paragraphs, readable
from service.alerts.personal_data import Found, digest
from service.console.alerts.checks import alert_for, found_in, personal_problem
from service.console.core.fields import field
from service.console.core.kept_forms import RESTORED
from service.console.core.permissions import ALERT_DESK, CORRECT_ALERT
from service.console.web import ConsolePart, Form, LoggedIn, PageRoute
from service.console.widgets.differences import Piece, differences, is_cut
from service.store import Store
from service.store.alerts.repository import MAX_TEXT, MAX_TITLE, MAX_WHAT, AlertRefused
from service.store.tables.alert_tables import AlertRow
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True)
class EarlierVersion:
    """The text of a warning from ``since`` until ``until``, and what was corrected then and by whom.

    ``pieces`` are the differences between title and text of this version and the next; ``cut`` tells
    whether they were too long for a full comparison.
    """

    title: str
    lines: Sequence[Paragraph]
    since: datetime
    until: datetime
    what: str
    corrector: str
    pieces: Sequence[Piece]
    cut: bool


def earlier_versions(store: Store, alert: AlertRow) -> list[EarlierVersion]:
    """Return the replaced versions of a warning, latest first."""
    rows = store.alert_corrections.of([alert.id]).get(alert.id, [])
    after = [*((row.title, row.text) for row in rows[1:]), (alert.title, alert.text)]
    begun = [alert.published_at, *(row.corrected_at for row in rows)]
    found = []
    for row, (title, text), since in zip(rows, after, begun, strict=False):
        person = store.users.get(row.corrected_by)
        before, then = f"{row.title}\n{row.text}", f"{title}\n{text}"
        found.append(
            EarlierVersion(
                row.title,
                paragraphs(row.text),
                since,
                row.corrected_at,
                row.what,
                person.display_name if person is not None else "",
                differences(before, then) if before != then else [],
                is_cut(before, then),
            )
        )
    return found[::-1]


@router.get(CORRECT_ALERT)
def correct_page(request: Request, part: ConsolePart, reviewer: LoggedIn, alert_id: int) -> Response:
    """Show the form, filled in with the published text."""
    alert = alert_for(part, alert_id, reviewer)
    decided = part.store.decisions.of_review(alert.review_id)
    draft, what, seen, problem = Draft(alert.title, alert.text), "", None, None
    taken_back = frozenset[str]()
    kept = part.kept_forms.take(request, reviewer.id, request.url.path)
    if kept is not None:
        draft = Draft(readable(field(kept, "title")), readable(field(kept, "text")))
        what, seen, problem = readable(field(kept, "what")), field(kept, "seen"), RESTORED
        taken_back = _taken_back(kept)
    found = found_in(decided, draft.title, draft.text, what)
    return _show(
        request,
        part,
        reviewer,
        alert,
        draft,
        found,
        taken_back=taken_back,
        what=what,
        seen=seen,
        problem=problem,
    )


@router.post(CORRECT_ALERT)
def correct(request: Request, part: ConsolePart, reviewer: LoggedIn, alert_id: int, form: Form) -> Response:
    """Preview the correction or publish it, depending on ``deed``."""
    alert = alert_for(part, alert_id, reviewer)
    draft = Draft(readable(field(form, "title")), readable(field(form, "text")))
    what, looked, seen = readable(field(form, "what")), field(form, "looked"), field(form, "seen")
    decided = part.store.decisions.of_review(alert.review_id)
    found = found_in(decided, draft.title, draft.text, what)
    problem = personal_problem(found, looked)
    publishes = field(form, "deed") == "publish"
    taken_back = _taken_back(form)
    if publishes and problem is None:
        try:
            part.store.alert_corrections.correct(
                alert.id,
                reviewer.id,
                draft.title,
                draft.text,
                what,
                int(seen) if seen.isdecimal() else -1,
                taken_back,
            )
            return RedirectResponse(f"{ALERT_DESK}/{alert.id}?done=corrected", 303)
        except AlertRefused as error:
            problem = (f"ยังไม่ได้แก้ไข: {error.thai}", f"Not corrected: {error}.")
    return _show(
        request,
        part,
        reviewer,
        alert,
        draft,
        found,
        taken_back=taken_back,
        status=422 if publishes else 200,
        what=what,
        seen=seen,
        looked=looked,
        problem=problem if publishes else None,
        checked=problem is None,
    )


def _taken_back(form: FormData) -> frozenset[str]:
    """The published hashes of the pictures that the lead ticked."""
    return frozenset(value for value in form.getlist("taken_back") if isinstance(value, str))


def _show(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    alert: AlertRow,
    draft: Draft,
    found: Sequence[Found],
    *,
    taken_back: Collection[str],
    status: int = 200,
    what: str = "",
    seen: str | None = None,
    looked: str = "",
    problem: tuple[str, str] | None = None,
    checked: bool = False,
) -> Response:
    if seen is None:
        seen = str(len(part.store.alert_corrections.of([alert.id]).get(alert.id, ())))
    now_said, to_say = f"{alert.title}\n{alert.text}", f"{draft.title}\n{draft.text}"
    return part.page(
        request,
        "alert_correct.html",
        status,
        reviewer=reviewer,
        alert=alert,
        draft=draft,
        preview=paragraphs(draft.text),
        changed=differences(now_said, to_say) if now_said != to_say else [],
        cut=is_cut(now_said, to_say),
        what=what,
        seen=seen,
        pictures=part.store.alert_pictures.of(alert.id),
        public=path_of(alert),
        taken_back=taken_back,
        found=found,
        digest=digest(found),
        looked=looked,
        problem=problem,
        checked=checked,
        max_title=MAX_TITLE,
        max_text=MAX_TEXT,
        max_what=MAX_WHAT,
    )
