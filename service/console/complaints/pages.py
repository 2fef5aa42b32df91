"""Pages of complaints: the list, a single complaint, and exports for other agencies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from service.complaints.agency_files import MEDIA_TYPES, FileFormat, file_name, written
from service.complaints.answers import filled, templates
from service.complaints.readers import text_for
from service.complaints.words import AGENCIES
from service.console.cases.visibility import CaseVisibility
from service.console.complaints.office import office_of, status_address
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.core.kept_forms import RESTORED
from service.console.core.links import day_of, not_days
from service.console.core.paging import Paging
from service.console.core.people import display_name
from service.console.core.permissions import (
    COMPLAINT,
    COMPLAINT_PHOTO,
    COMPLAINTS,
    ERASE_COMPLAINANT,
    EXPORT_COMPLAINTS,
)
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.store.accounts.policy import sees_complainants
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.complaints.harmed_duplicates import due_with
from service.store.complaints.repository import ComplaintFilter
from service.store.database.columns import now
from service.store.database.row_ids import is_row_id
from service.store.tables.complaint_tables import (
    HEALTH,
    OPEN,
    Agency,
    Complaint,
    ComplaintCategory,
    ComplaintEvent,
    ComplaintEventKind,
    ComplaintExport,
    Progress,
)
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50
TYPED = ("answer", "note", "main_number")
"""Text fields of the work form, which are shown again until the button of their own has been carried out."""
_STATES = ("open", "late", "mine")
_KINDS = {"all": None, "health": True, "other": False}


@dataclass(frozen=True)
class Chosen:
    """The list's filter as given in the address."""

    kind: str = "all"
    category: str = ""
    agency: str = ""
    exported: str = ""
    since: str = ""
    state: str = ""
    """A value of :class:`~service.store.tables.complaint_tables.Progress`, ``open``, ``late`` or ``mine``."""
    me: str = ""
    """Login name of the reader."""
    page: int | None = None
    """Number of the list's page, from 1."""

    @property
    def wanted(self) -> ComplaintFilter:
        """Return the store's filter."""
        return ComplaintFilter(
            category=ComplaintCategory(self.category) if self.category else None,
            agency=Agency(self.agency) if self.agency else None,
            health=_KINDS[self.kind],
            exported={"yes": True, "no": False}.get(self.exported),
            since=day_of(self.since),
            progress=_progress_of(self.state),
            owner=self.me if self.state == "mine" else None,
            late_at=now() if self.state == "late" else None,
        )


def _progress_of(state: str) -> tuple[Progress, ...] | None:
    if state in ("open", "mine"):
        return OPEN
    return (Progress(state),) if state in list(Progress) else None


def chosen_of(query: dict[str, str], me: str = "") -> Chosen:
    """Parse the filter from a query string; unknown values are ignored."""
    kind = query.get("kind", "")
    kind = kind if kind in _KINDS else "all"
    category = query.get("category", "")
    fits = category in list(ComplaintCategory) and _KINDS[kind] in (None, category in HEALTH)
    agency, exported, since, state = (
        query.get(name, "") for name in ("agency", "exported", "since", "state")
    )
    return Chosen(
        kind=kind,
        category=category if fits else "",
        agency=agency if agency in list(Agency) and kind != "health" else "",
        exported=exported if exported in ("yes", "no") and kind != "health" else "",
        since=since if day_of(since) is not None else "",
        state=state if state in (*_STATES, *Progress) else "",
        me=me,
        page=number_in(query.get("page", "")),
    )


def query_of(chosen: Chosen, **changed: object) -> str:
    """Return the query of the list with this filter, with its ``?``; ``changed`` adds or replaces values."""
    own: dict[str, object] = {
        "kind": chosen.kind if chosen.kind != "all" else "",
        "category": chosen.category,
        "agency": chosen.agency,
        "exported": chosen.exported,
        "since": chosen.since,
        "state": chosen.state,
        "page": chosen.page,
    }
    kept = {name: value for name, value in (own | changed).items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


@router.get(COMPLAINTS)
def list_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List complaints that match the filter in the query; ``page`` counts from 1."""
    return _list(request, part, reviewer)


# Before the page of one complaint, whose route would match this address too.
@router.post(EXPORT_COMPLAINTS)
def export(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Download the complaints not yet exported to an agency, or an earlier export."""
    agency, kind = field(form, "agency"), field(form, "form")
    known = number_in(field(form, "again"))
    if kind not in list(FileFormat) or (agency not in list(Agency) and known is None):
        raise PageError(422, "โปรดเลือกหน่วยงานและรูปแบบไฟล์", "Choose an agency and a format.", reviewer)
    actor = audit_names.reviewer(reviewer.name)
    exports = part.store.complaint_exports
    made, rows = exports.again(known, actor) if known is not None else exports.make(Agency(agency), actor)
    if made is None and known is not None:
        raise PageError(
            404,
            "ไม่พบการส่งออกครั้งนี้ โปรดกลับไปที่รายการเรื่องร้องเรียนและเลือกจากรายการส่งออก",
            "This export does not exist: go back to the list of complaints and choose one.",
            reviewer,
        )
    if made is None:
        return _list(request, part, reviewer, nothing_new=agency)
    name = file_name(made, FileFormat(kind))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    media = MEDIA_TYPES[FileFormat(kind)]
    return Response(written(rows, FileFormat(kind)), media_type=media, headers=headers)


@router.get(COMPLAINT)
def complaint_page(request: Request, part: ConsolePart, reviewer: LoggedIn, complaint_id: int) -> Response:
    """Show one complaint, after recording the view in the audit trail."""
    return show_complaint(request, part, find_complaint(part, complaint_id, reviewer), reviewer)


def show_complaint(
    request: Request,
    part: Console,
    row: Complaint,
    reviewer: Reviewer,
    status: int = 200,
    *,
    problem: tuple[str, str] | None = None,
    typed: FormData | None = None,
    is_carried: bool = False,
    code: str = "",
) -> Response:
    """Show a complaint with its work form; ``typed`` are the texts of a form that was refused.

    ``is_carried``: they are what was typed beside a button that was carried out.
    """
    named = bool(row.contact_name or row.contact) and sees_complainants(reviewer.role)
    seen = {"complainant": named}
    store = part.store
    store.audit.record_view(
        audit_names.reviewer(reviewer.name), AuditAction.COMPLAINT_VIEW, audit_names.complaint(row.id), seen
    )
    for path in ("erase", "work"):
        kept = part.kept_forms.take(request, reviewer.id, f"{COMPLAINTS}/{row.id}/{path}")
        if kept is not None:
            typed, problem = kept, RESTORED
    visibility = CaseVisibility.of(store, reviewer)
    blind = row.listing_id is not None and visibility.hides(row.listing_id)
    earlier = store.complaint_handling.answer_to_adapt(row.id)
    if earlier is not None and (
        blind or (earlier.main.listing_id is not None and visibility.hides(earlier.main.listing_id))
    ):
        earlier = replace(earlier, text="")
    if earlier is not None:
        earlier = replace(earlier, text=text_for(reviewer.role, earlier.main, earlier.text))
    events = store.complaint_handling.events(row.id)
    last_event = events[-1].id if events else 0
    if blind:
        events = [event for event in events if not _tells_a_decision(event, reviewer)]
    harmed = store.complaint_handling.harmed_duplicates([row.id]).get(row.id, []) if row.is_open else []
    exports = store.complaint_exports.of_complaint(row.id)
    chosen = chosen_of(dict(request.query_params), reviewer.name)
    actors = {event.by for event in events} | ({row.owner} if row.owner else set())
    return part.page(
        request,
        "complaint.html",
        status,
        reviewer=reviewer,
        complaint=row,
        listed=query_of(chosen),
        following=store.complaints.next_waiting(chosen.wanted, row.id, reviewer.name),
        problem=problem,
        asked=field(typed, "request") if typed is not None else "",
        typed={name: "" if typed is None else field(typed, name).replace("\r\n", "\n") for name in TYPED},
        carried=is_carried,
        exports=exports,
        waits=store.complaint_exports.waits(row.id),
        erased="erased" in request.query_params,
        blind=blind,
        earlier=earlier,
        events=events,
        last_event=last_event,
        messages={message.event_id: message for message in store.complaint_handling.messages(row.id)},
        names={actor: display_name(store, actor) for actor in actors},
        alike=store.complaint_handling.related(row.id),
        harmed=harmed,
        due=due_with(row, harmed),
        templates=_answers(request, part, row, exports),
        code=code,
        moment=now(),
        photos=store.complaint_photos.of_complaint(row.id),
    )


def _answers(
    request: Request, part: Console, row: Complaint, exports: Sequence[ComplaintExport]
) -> dict[str, str]:
    """Return the answer templates by name, filled in for a complaint."""
    known = {
        "office": office_of(request).name,
        "status_page": status_address(part),
        "agency": AGENCIES[row.agency] if row.agency else "",
        "sent_to": AGENCIES[Agency(exports[-1].agency)] if exports else "",
    }
    offered = templates(part.store.answer_templates.edited())
    return {name: filled(text, row.number, **known) for name, text in offered.items()}


def _tells_a_decision(event: ComplaintEvent, reviewer: Reviewer) -> bool:
    """Whether an entry may tell a reader of the case what others decided: what they answered and noted."""
    written = event.kind in (ComplaintEventKind.ANSWER, ComplaintEventKind.NOTE)
    return written and event.by != audit_names.reviewer(reviewer.name)


@router.get(COMPLAINT_PHOTO)
def photo(part: ConsolePart, reviewer: LoggedIn, complaint_id: int, photo_id: int) -> Response:
    """Send one photo of a complaint as the complainant sent it."""
    row = find_complaint(part, complaint_id, reviewer)
    found = part.store.complaint_photos.get(row.id, photo_id) if is_row_id(photo_id) else None
    if found is None:
        raise PageError(
            404,
            "ไม่พบภาพนี้ โปรดกลับไปที่เรื่องร้องเรียน",
            "This photo does not exist: go back to the complaint.",
            reviewer,
        )
    # An untrusted picture: opened by itself, it may load and run nothing.
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "no-store"}
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.post(ERASE_COMPLAINANT)
def erase(request: Request, part: ConsolePart, reviewer: LoggedIn, complaint_id: int, form: Form) -> Response:
    """Erase the complainant's name and contact."""
    row = find_complaint(part, complaint_id, reviewer)
    asked = field(form, "request").strip()
    if not asked or len(asked) > 200:
        raise PageError(
            422,
            "ยังไม่ได้ลบ โปรดระบุเลขที่คำขอของเจ้าของข้อมูล ไม่เกิน 200 ตัวอักษร",
            "Nothing was erased: give the file number of the request, in at most 200 characters.",
            reviewer,
        )
    part.store.complaints.remove_contact(row.id, audit_names.reviewer(reviewer.name), asked)
    chosen = chosen_of(dict(request.query_params))
    return RedirectResponse(f"{COMPLAINTS}/{row.id}{query_of(chosen, erased=1)}", 303)


def _list(request: Request, part: ConsolePart, reviewer: Reviewer, nothing_new: str = "") -> Response:
    chosen = chosen_of(dict(request.query_params), reviewer.name)
    wanted, store = chosen.wanted, part.store
    every = store.complaints.counts(ComplaintFilter())
    of_health = sum(every[category] for category in HEALTH)
    counts = store.complaints.counts(replace(wanted, category=None))
    total = counts[wanted.category] if wanted.category else sum(counts.values())
    paging = Paging.of(total, PAGE_SIZE, request.query_params.get("page"))
    rows = store.complaints.page(wanted, paging.offset, PAGE_SIZE)
    if named := [row.id for row in rows if row.seller]:
        store.audit.record_view(
            audit_names.reviewer(reviewer.name), AuditAction.COMPLAINT_LIST, "", {"complaints": named}
        )
    harmed = store.complaint_handling.harmed_duplicates(row.id for row in rows if row.is_open)
    exports = store.complaint_exports.newest()
    return part.page(
        request,
        "complaints.html",
        reviewer=reviewer,
        chosen=chosen,
        not_days=not_days(request.query_params, ("since",)),
        rows=rows,
        harmed=harmed,
        due={row.id: due_with(row, harmed.get(row.id, [])) for row in rows if row.is_open},
        counts=counts,
        categories=[c for c in ComplaintCategory if _KINDS[chosen.kind] in (None, c in HEALTH)],
        totals={"all": sum(every.values()), "health": of_health, "other": sum(every.values()) - of_health},
        total=total,
        page=paging.page,
        pages=paging.pages,
        first=paging.offset + 1,
        waiting=store.complaint_exports.waiting(),
        exports=exports,
        names={actor: display_name(store, actor) for actor in {export.by for export in exports}},
        nothing_new=nothing_new,
        query_of=query_of,
        moment=now(),
    )


def find_complaint(part: Console, complaint_id: int, reviewer: Reviewer) -> Complaint:
    """Return the complaint, or raise a 404 :class:`PageError`."""
    found = part.store.complaints.get(complaint_id) if is_row_id(complaint_id) else None
    if found is None:
        raise PageError(
            404,
            "ไม่พบเรื่องร้องเรียนนี้ โปรดกลับไปที่รายการเรื่องร้องเรียน",
            "This complaint does not exist: go back to the list of complaints.",
            reviewer,
        )
    return found
