"""The public page where complainants follow their complaint by number and code."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.complaints.intake import BOUNDS
from service.complaints.photos import TYPES, PhotoUnusable, checked
from service.console.complaints.office import office_of
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in
from service.console.web import (
    Console,
    ConsolePart,
    PageRoute,
    SentForm,
    SentPhotos,
    client_address,
    token_fits,
)
from service.running.rate_limits import RateLimits
from service.store.complaints.handling import NotPossible, public
from service.store.complaints.photos import MAX_BYTES, MOST, NewPhoto, TooManyPhotos
from service.store.database.running_numbers import read
from service.store.tables.complaint_tables import Complaint, Progress
from service.text.store_texts import PHOTOS_ONLY

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_UNKNOWN = (
    "ไม่พบเรื่องที่มีเลขที่และรหัสนี้ โปรดตรวจเลขที่และรหัสที่ได้รับเมื่อแจ้งเรื่อง",
    "No complaint has this number and code: check what you were given when you submitted it.",
)
_EXPIRED = (
    "หน้านี้เปิดไว้นานเกินไป หรือเบราว์เซอร์ไม่รับคุกกี้ โปรดกดปุ่มอีกครั้ง",
    "This page was open for too long, or the browser does not accept cookies: press the button again.",
)
_STILL_HERE = (
    " สิ่งที่พิมพ์ไว้ยังอยู่ และยังไม่ได้ส่ง หากเลือกภาพไว้ โปรดเลือกใหม่",
    " What you typed is still here and was not sent. Choose your photos again, if you had chosen any.",
)
_NOT_YET = (
    "ยังไม่ได้ส่งข้อมูลเพิ่มเติม สิ่งที่พิมพ์ไว้อยู่ในช่องด้านล่าง โปรดตรวจแล้วส่ง",
    "Your further information was not sent yet: it is in the field below. Check it and send it.",
)
_TOO_MANY = (
    "มีการค้นหาจากเครือข่ายนี้หลายครั้ง โปรดรอ {minutes} นาทีแล้วลองอีกครั้ง",
    "Too many look-ups came from this network: wait {minutes} minutes and try again.",
)
_NOTHING = (
    "ยังไม่ได้ส่ง โปรดพิมพ์ข้อมูลเพิ่มเติมไม่เกิน {limit:,} ตัวอักษร",
    "Not sent: write at most {limit:,} characters.",
)
_TOO_MANY_PHOTOS = (
    "ยังไม่ได้ส่ง เรื่องนี้แนบภาพเพิ่มได้อีก {room} ภาพ โปรดเลือกภาพใหม่ สิ่งที่พิมพ์ไว้ยังอยู่",
    "Not sent: {room} more photos can be added to this complaint. Choose again; your words are still here.",
)
_CLOSED = (
    "ยังไม่ได้ส่ง เรื่องนี้ปิดแล้ว หากมีข้อมูลใหม่ โปรดแจ้งเรื่องใหม่และอ้างเลขที่เรื่องเดิม",
    "Not sent: this complaint is closed. Submit a new one and name the old number.",
)


@router.api_route("/complain/status", methods=["GET", "HEAD"])
def look_up_page(request: Request, part: ConsolePart) -> Response:
    """Show the empty form."""
    return _show(request, part)


@router.post("/complain/status")
def look_up(request: Request, part: ConsolePart, photos: SentPhotos, form: SentForm) -> Response:
    """Show the complaint with this number and code, after adding what the complainant wrote, if anything."""
    number, code = field(form, "number").strip()[:100], field(form, "code").strip()[:100]
    # What was typed for a complaint waits in the look-up form, which adds nothing by itself.
    more = (field(form, "more") or field(form, "kept")).replace("\r\n", "\n")
    if not token_fits(request, form):
        return _unseen(request, part, 403, number, code, more, _EXPIRED)
    limits: RateLimits = request.app.state.complaint_limits
    wait = limits.look_up(client_address(request)).retry_after
    if wait is not None:
        problem = (_TOO_MANY[0].format(minutes=-(-wait // 60)), _TOO_MANY[1].format(minutes=-(-wait // 60)))
        response = _unseen(request, part, 429, number, code, more, problem)
        response.headers["Retry-After"] = str(wait)
        return response
    parsed = read(number)
    row = part.store.complaint_handling.look_up(*parsed, code) if parsed is not None else None
    if row is None:
        return _unseen(request, part, 404, number, code, more, _UNKNOWN)
    if "more" in form:
        try:
            kept = checked(photos)
        except PhotoUnusable as error:
            problem = f"ยังไม่ได้ส่ง {error.thai}", f"Not sent: {error.english}."
            return _show(request, part, 422, number=number, code=code, row=row, problem=problem, more=more)
        last_event = number_in(field(form, "last_event"))
        return _add(request, part, row, number, code, more, kept, last_event)
    waiting = _CLOSED if row.progress == Progress.CLOSED else _NOT_YET
    told = waiting if more.strip() else None
    return _show(request, part, number=number, code=code, row=row, problem=told, more=more)


def _unseen(
    request: Request,
    part: Console,
    status: int,
    number: str,
    code: str,
    more: str,
    problem: tuple[str, str],
) -> Response:
    """Show the look-up form again, with what was typed for the complaint."""
    if more.strip():
        problem = (problem[0] + _STILL_HERE[0], problem[1] + _STILL_HERE[1])
    return _show(request, part, status, number=number, code=code, problem=problem, more=more)


def _add(
    request: Request,
    part: Console,
    row: Complaint,
    number: str,
    code: str,
    more: str,
    photos: list[NewPhoto],
    last_event: int | None,
) -> Response:
    text = more.strip()
    if not (text or photos) or len(text) > BOUNDS["detail"]:
        problem = (_NOTHING[0].format(limit=BOUNDS["detail"]), _NOTHING[1].format(limit=BOUNDS["detail"]))
        return _show(request, part, 422, number=number, code=code, row=row, problem=problem, more=more)
    try:
        part.store.complaint_handling.add(row.id, text or PHOTOS_ONLY, photos, last_event)
    except NotPossible:
        return _show(request, part, 409, number=number, code=code, row=row, problem=_CLOSED, more=more)
    except TooManyPhotos as error:
        thai, english = (text.format(room=error.room) for text in _TOO_MANY_PHOTOS)
        return _show(
            request, part, 422, number=number, code=code, row=row, problem=(thai, english), more=more
        )
    found = part.store.complaints.get(row.id)
    if found is None:
        raise PageError(404, *_UNKNOWN)
    return _show(request, part, number=number, code=code, row=found, added=True)


def _show(
    request: Request,
    part: Console,
    status: int = 200,
    *,
    number: str = "",
    code: str = "",
    row: Complaint | None = None,
    problem: tuple[str, str] | None = None,
    more: str = "",
    added: bool = False,
) -> Response:
    events = public(part.store.complaint_handling.events(row.id)) if row is not None else []
    return part.page(
        request,
        "complain_status.html",
        status,
        number=number,
        code=code,
        complaint=row,
        events=events,
        last_event=events[-1].id if events else 0,
        problem=problem,
        more=more,
        added=added,
        bounds=BOUNDS,
        office=office_of(request),
        photos=len(part.store.complaint_photos.of_complaint(row.id)) if row is not None else 0,
        most_photos=MOST,
        photo_megabytes=MAX_BYTES // 2**20,
        photo_types=",".join(TYPES),
    )
