"""The public complaint form: no login, no JavaScript, throttled by browser, by words and by address."""

import logging
import re
import secrets

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.complaints.intake import BOUNDS, ComplaintUnusable, Fault, filing_of
from service.complaints.photos import TYPES, PhotoUnusable, checked
from service.console.complaints.office import office_of
from service.console.core.errors import PageError
from service.console.core.fields import field
from service.console.web import (
    Console,
    ConsolePart,
    PageRoute,
    SentForm,
    SentPhotos,
    client_address,
    current_session,
    token_fits,
)
from service.running.rate_limits import RateLimits
from service.store.audit import names as audit_names
from service.store.complaints.photos import MAX_BYTES, MOST, TooManyPhotos
from service.store.complaints.repository import SENT_AGAIN_FOR
from service.store.complaints.ties import Filing
from service.store.database.running_numbers import read
from service.store.tables.complaint_tables import ComplaintCategory, number_of

log = logging.getLogger(__name__)
router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/complain"
SOURCE = "form"
CODE_COOKIE = "ruthan_complaint"
CODE_SECONDS = int(SENT_AGAIN_FOR.total_seconds())
"""How long the complainant's own browser can show the code again, in seconds."""
_CODE = re.compile(r"(\d{4})-(\d{1,7})-([0-9A-Z]{5}-[0-9A-Z]{5})", re.ASCII)
_ALERT = re.compile(r"(\d{1,7})-(\d{4})", re.ASCII)
_LIKE_ALERT = "พบโฆษณาลักษณะเดียวกับประกาศเตือน"
_MOST_OF_NUMBER = 100
"""How many characters are searched for the number of a warning."""
TRAP = "website"
"""Honeypot: a hidden field that only programs fill in."""
OPENED = "opened"
"""A hidden field with a random token: the same if a form is sent again, another in a newly opened form."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
LABELS = {
    "category": "ประเภทเรื่อง",
    "harm": "มีผู้เจ็บป่วยหรือบาดเจ็บจากผลิตภัณฑ์หรือไม่",
    "detail": "เล่าเหตุการณ์หรือสิ่งที่พบ",
    "title": "ชื่อสินค้า",
    "url": "ลิงก์ของโฆษณาหรือเพจ",
    "seller": "ชื่อร้าน เพจ หรือผู้ขาย",
    "advertised": "ข้อความโฆษณา",
    "contact_name": "ชื่อ",
    "contact": "โทรศัพท์หรืออีเมล",
    "channel": "ต้องการทราบผลทางใด",
}

_TRAPPED = (
    "ยังไม่ได้ส่ง เพราะมีช่องที่ต้องเว้นว่างถูกกรอกโดยอัตโนมัติ ระบบล้างช่องนั้นให้แล้ว โปรดกดส่งอีกครั้ง",
    "Not sent yet: a field that must stay empty was filled in, perhaps by your browser. It has been cleared:"
    " send the form again.",
)
_EXPIRED = (
    "ยังไม่ได้ส่ง เพราะหน้านี้เปิดไว้นานเกินไป หรือเบราว์เซอร์ไม่รับคุกกี้ สิ่งที่พิมพ์ไว้ยังอยู่ โปรดกดส่งอีกครั้ง",
    "Not sent yet: this page was open for too long, or the browser does not accept cookies. What you typed is"
    " still here: send it again.",
)
_TOO_MANY = (
    "ยังไม่ได้ส่ง เพราะมีการส่งเรื่องหลายครั้งติดต่อกัน โปรดรอ {minutes} นาทีแล้วกดส่งอีกครั้ง สิ่งที่พิมพ์ไว้ยังอยู่",
    "Not sent yet: too many complaints were sent one after another. Wait {minutes} minutes and send it again;"
    " what you typed is still here.",
)


@router.api_route(PATH, methods=["GET", "HEAD"])
def form_page(request: Request, part: ConsolePart) -> Response:
    """Show the form, empty or, with ``alert`` in the query, begun for a public warning."""
    return _show(request, part, _begun(part, request.query_params.get("alert", "")))


@router.post(PATH)
def file_complaint(request: Request, part: ConsolePart, photos: SentPhotos, form: SentForm) -> Response:
    """Save the complaint and redirect to its number, or show the form again with what was typed."""
    texts = {name: field(form, name).replace("\r\n", "\n") for name in LABELS}
    fits, given = token_fits(request, form), field(form, OPENED)
    # Another site must not know the token, from which the code is made.
    opened = given if fits and _TOKEN.fullmatch(given) else _new_token()
    typed = texts | {OPENED: opened}
    if not fits:
        return _show(request, part, typed, 403, problem=_EXPIRED)
    if field(form, TRAP):
        log.info("a complaint form was refused: its hidden field was filled in")
        return _show(request, part, typed, 422, problem=_TRAPPED)
    try:
        filing, kept = filing_of(texts), checked(photos)
    except (ComplaintUnusable, PhotoUnusable) as error:
        return _show(request, part, typed, 422, faults=_faults(error))
    wait = None
    # What was saved already and is sent again gets its number again; its photos are few.
    if not part.store.complaints.was_sent(filing, SOURCE, opened):
        limits: RateLimits = request.app.state.complaint_limits
        browser = current_session(request).secret
        wait = limits.complaint(browser, _own_words(part, filing), client_address(request)).retry_after
    if wait is not None:
        thai, english = (text.format(minutes=-(-wait // 60)) for text in _TOO_MANY)
        response = _show(request, part, typed, 429, problem=(thai, english))
        response.headers["Retry-After"] = str(wait)
        return response
    try:
        receipt = part.store.complaints.file(filing, SOURCE, audit_names.PUBLIC, photos=kept, opened=opened)
    except TooManyPhotos as error:
        return _show(request, part, typed, 422, faults=_faults(error))
    serial, _, year = receipt.number.rpartition(" ")[2].partition("/")
    response = RedirectResponse(f"/complain/thanks/{int(year)}/{int(serial)}", 303)
    if receipt.code is not None:
        # Not in the URL, which ends up in histories and logs.
        part.sessions.write_note(
            response, CODE_COOKIE, f"{int(year)}-{int(serial)}-{receipt.code}", "/complain", CODE_SECONDS
        )
    return response


@router.get("/complain/thanks/{year}/{serial}")
def thanks_page(request: Request, part: ConsolePart, year: int, serial: int) -> Response:
    """Show the number of a complaint, without a lookup that would reveal which numbers exist."""
    if not (2500 <= year < 2700 and 0 < serial < 10**7):
        raise PageError(
            404,
            "ไม่พบหน้านี้ หากต้องการแจ้งเรื่อง โปรดเปิด /complain",
            "This page does not exist: to submit a complaint, open /complain.",
        )
    found = _CODE.fullmatch(request.cookies.get(CODE_COOKIE, ""))
    code = found[3] if found and (int(found[1]), int(found[2])) == (year, serial) else None
    return part.page(
        request,
        "complain_thanks.html",
        number=number_of(year, serial),
        code=code,
        office=office_of(request),
    )


def _faults(error: ComplaintUnusable | PhotoUnusable | TooManyPhotos) -> list[Fault]:
    if isinstance(error, ComplaintUnusable):
        return error.faults
    if isinstance(error, PhotoUnusable):
        return [Fault("photos", error.thai, error.english)]
    thai = f"เรื่องนี้ส่งมาแล้วพร้อมภาพ แนบเพิ่มได้อีก {error.room} ภาพ"
    english = f"this complaint was sent before with photos: {error.room} more can be added"
    return [Fault("photos", thai, english)]


def _begun(part: Console, number: str) -> dict[str, str]:
    """Return the fields that the page of a warning fills in; none for an unknown or withdrawn one."""
    found = _ALERT.fullmatch(number)
    line = _line_for(part, int(found[2]), int(found[1])) if found else ""
    return {"category": ComplaintCategory.HEALTH_AD.value, "detail": f"{line}\n"} if line else {}


def _line_for(part: Console, year: int, serial: int) -> str:
    """Return the line with which the form begins for a warning; empty for an unknown or withdrawn one."""
    alert = part.store.alerts.find(year, serial)
    return "" if alert is None or alert.withdrawn else f"{_LIKE_ALERT} {alert.number} “{alert.title}”"


def _own_words(part: Console, filing: Filing) -> str:
    """Return what the sender wrote, and of whom; empty if all words come from a warning's page.

    The address is left out: whoever floods the office can invent one for each complaint.
    """
    told = filing.detail
    if told.startswith(_LIKE_ALERT):
        number = read(told[len(_LIKE_ALERT) :][:_MOST_OF_NUMBER].partition(" “")[0])
        told = told.removeprefix(_line_for(part, *number)) if number else told
    own = " ".join(f"{filing.title} {told} {filing.advertised}".split())
    return " ".join(f"{own} {filing.seller}".split()) if own else ""


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _show(
    request: Request,
    part: Console,
    typed: dict[str, str],
    status: int = 200,
    *,
    problem: tuple[str, str] | None = None,
    faults: list[Fault] | None = None,
) -> Response:
    return part.page(
        request,
        "complain.html",
        status,
        typed=dict.fromkeys(LABELS, "") | {OPENED: _new_token()} | typed,
        problem=problem,
        faults=faults or [],
        wrong={fault.field for fault in faults or ()},
        labels=LABELS | {"photos": "ภาพถ่าย"},
        most_photos=MOST,
        photo_megabytes=MAX_BYTES // 2**20,
        photo_types=",".join(TYPES),
        bounds=BOUNDS,
        trap=TRAP,
        channels=request.app.state.complaint_channels,
        office=office_of(request),
    )
