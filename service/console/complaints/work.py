"""Handles the work on a complaint: taking it, notes, the answer, closing, linking duplicates, a new code."""

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from service.complaints.answers import templates
from service.console.complaints.pages import TYPED, chosen_of, find_complaint, query_of, show_complaint
from service.console.core.fields import field, number_in, one_of
from service.console.core.permissions import ANSWER_TEMPLATES, COMPLAINTS, WORK_ON_COMPLAINT
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute
from service.store.audit import names as audit_names
from service.store.complaints.handling import NotPossible
from service.store.database.running_numbers import read
from service.store.tables.complaint_tables import ClosingReason, Complaint, Harm
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MAX_TEXT = 5_000
"""Maximum length of an answer or a note, in characters."""

_OWN_TEXT = {"answer": "answer", "note": "note", "tie": "main_number"}
"""The text that a step uses up, by step."""

_NO_TEXT = (
    f"ยังไม่ได้บันทึก โปรดพิมพ์ข้อความไม่เกิน {MAX_TEXT:,} ตัวอักษร",
    f"Nothing was saved: write a text of at most {MAX_TEXT:,} characters.",
)
_NO_CHOICE = ("ยังไม่ได้บันทึก โปรดเลือกจากรายการ", "Nothing was saved: choose an entry of the list.")
_NO_NUMBER = (
    "ยังไม่ได้บันทึก ไม่พบเรื่องร้องเรียนเลขที่นี้ โปรดพิมพ์เลขที่ เช่น 12/2569",
    "Nothing was saved: no complaint has this number. Write it as 12/2569.",
)
_NOT_NOW = (
    "ยังไม่ได้บันทึก ขั้นตอนนี้ทำไม่ได้ในสถานะปัจจุบันของเรื่อง โปรดตรวจสถานะ คำตอบล่าสุดในประวัติ และเรื่องที่ตอบรวมกัน",
    "Nothing was saved: {error}.",
)


class _Refused(Exception):
    """The form cannot be carried out; the texts say what to do."""

    def __init__(self, texts: tuple[str, str]) -> None:
        super().__init__(texts[1])
        self.texts = texts


@router.post(WORK_ON_COMPLAINT)
def work(request: Request, part: ConsolePart, reviewer: LoggedIn, complaint_id: int, form: Form) -> Response:
    """Carry out the pressed button and show the complaint again, with what was typed and not saved."""
    row = find_complaint(part, complaint_id, reviewer)
    step, _, main = field(form, "step").partition("-")
    carried = _typed_beside(step, form)
    try:
        code = _carry_out(part, row, reviewer, step, main, form)
    except _Refused as refused:
        return show_complaint(request, part, row, reviewer, 422, problem=refused.texts, typed=form)
    except NotPossible as error:
        problem = (_NOT_NOW[0], _NOT_NOW[1].format(error=error))
        return show_complaint(request, part, row, reviewer, 409, problem=problem, typed=form)
    if code is not None or carried:
        # A new code is shown once only: it is neither put into a URL nor stored.  Nor are the texts.
        row = find_complaint(part, row.id, reviewer)
        return show_complaint(
            request, part, row, reviewer, typed=carried, is_carried=bool(carried), code=code or ""
        )
    listed = query_of(chosen_of(dict(request.query_params)))
    return RedirectResponse(f"{COMPLAINTS}/{row.id}{listed}#work", 303)


def _typed_beside(step: str, form: Form) -> FormData | None:
    """Return the texts that a step leaves unsent and unsaved; ``None`` if nothing was typed."""
    own = _OWN_TEXT.get(step)
    texts = {name: field(form, name).replace("\r\n", "\n") for name in TYPED if name != own}
    # Nobody typed the main complaint's answer: it must not stay once the two are parted or it is replaced.
    if texts.get("answer", "").strip() == field(form, "filled_in").replace("\r\n", "\n").strip():
        texts.pop("answer", None)
    kept = {name: text for name, text in texts.items() if text.strip()}
    return FormData(kept) if kept else None


def _carry_out(
    part: Console, row: Complaint, reviewer: Reviewer, step: str, main: str, form: Form
) -> str | None:
    """Carry out one step, with the complaint ``main`` that its button names; returns a requested code."""
    handling, actor = part.store.complaint_handling, audit_names.reviewer(reviewer.name)
    match step:
        case "take":
            handling.take(row.id, reviewer.name, actor)
        case "answer":
            # A second press of the button, or another officer, must not send a second answer unseen.
            seen = number_in(field(form, "last_event"))
            handling.answer(row.id, _text(form, "answer"), actor, seen or 0)
        case "note":
            # Beside another text the answer is no redirect: reloaded, it must not note the same again.
            handling.note(row.id, _text(form, "note"), actor, number_in(field(form, "last_event")))
        case "close":
            reason = one_of(ClosingReason, field(form, "reason"))
            if reason is None:
                raise _Refused(_NO_CHOICE)
            handling.close(row.id, reason, actor)
        case "reopen":
            handling.reopen(row.id, actor)
        case "harm":
            harm = one_of(Harm, field(form, "harm"))
            if harm is None:
                raise _Refused(_NO_CHOICE)
            handling.set_harm(row.id, harm, actor)
        case "tie":
            handling.link(row.id, _main(part, main, "" if main else field(form, "main_number")), actor)
        case "untie":
            handling.link(row.id, None, actor)
        case "code":
            return handling.renew_code(row.id, actor)
        case _:
            raise _Refused(_NO_CHOICE)
    return None


@router.get(ANSWER_TEMPLATES)
def templates_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """List the answer templates."""
    return _templates(request, part, reviewer)


@router.post(ANSWER_TEMPLATES)
def write_template(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Save a template; an empty text removes it from the list."""
    name, text = field(form, "name").strip(), field(form, "text").replace("\r\n", "\n").strip()
    if not name or len(name) > 100 or len(text) > MAX_TEXT:
        problem = (
            f"ยังไม่ได้บันทึก โปรดตั้งชื่อไม่เกิน 100 ตัวอักษร และข้อความไม่เกิน {MAX_TEXT:,} ตัวอักษร",
            f"Nothing was saved: a name of at most 100 and a text of at most {MAX_TEXT:,} characters.",
        )
        return _templates(request, part, reviewer, 422, problem, (name, text))
    part.store.answer_templates.write(name, text, audit_names.reviewer(reviewer.name))
    return RedirectResponse(ANSWER_TEMPLATES, 303)


def _templates(
    request: Request,
    part: Console,
    reviewer: Reviewer,
    status: int = 200,
    problem: tuple[str, str] | None = None,
    typed: tuple[str, str] = ("", ""),
) -> Response:
    return part.page(
        request,
        "answer_templates.html",
        status,
        reviewer=reviewer,
        offered=templates(part.store.answer_templates.edited()),
        problem=problem,
        typed=typed,
        max_text=MAX_TEXT,
    )


def _text(form: Form, name: str) -> str:
    text = field(form, name).replace("\r\n", "\n").strip()
    if not text or len(text) > MAX_TEXT:
        raise _Refused(_NO_TEXT)
    return text


def _main(part: Console, button: str, typed: str) -> int:
    """Return the complaint whose id a button has, or whose number was typed."""
    known, number = number_in(button), read(typed.strip())
    found = None
    if known is not None:
        found = part.store.complaints.get(known)
    elif number is not None:
        found = part.store.complaints.find(*number)
    if found is None:
        raise _Refused(_NO_NUMBER)
    return found.id
