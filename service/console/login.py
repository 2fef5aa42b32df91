"""Logging in and out."""

import time

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console import hashing, links
from service.console.account import UNREADABLE, WRONG_CODE
from service.console.address_brake import AddressBrake
from service.console.permissions import home_of
from service.console.web import (
    ConsolePart,
    Form,
    HalfVisitor,
    PageRoute,
    Visitor,
    client_address,
    field,
)
from service.store.finding import QueueFilter
from service.store.models import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# One message for every refusal: it does not tell a stranger which names exist or are locked.
_REFUSED = (
    "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง หรือบัญชีถูกระงับชั่วคราวเพราะใส่ผิดหลายครั้ง โปรดตรวจสอบแล้วรอสักครู่ก่อนลองใหม่"
    " หากลืมรหัสผ่านให้ติดต่อหัวหน้างาน",
    "Wrong name or password, or the account is locked for a time after several failures: check both, wait and"
    " try again. If the password is lost, ask your lead.",
)
_WAIT = (
    "มีการเข้าสู่ระบบไม่สำเร็จหลายครั้งจากเครือข่ายนี้ โปรดรอ 5 นาทีแล้วลองใหม่",
    "Too many failed logins from this network: wait five minutes and try again.",
)


@router.get("/login")
def login_page(request: Request, part: ConsolePart, visitor: Visitor) -> Response:
    """The form."""
    if visitor is not None:
        return RedirectResponse(_target(visitor, request.query_params.get("next")), 303)
    target = links.own_page(request.query_params.get("next"))
    return part.page(request, "login.html", target=target, name="", problem=None)


@router.post("/login")
def log_in(request: Request, part: ConsolePart, form: Form) -> Response:
    """Check the password; then on to the second factor, or with a fresh session to the page wanted."""
    name, password, wanted = field(form, "name").strip(), field(form, "password"), field(form, "next")
    address = client_address(request)
    brake: AddressBrake = request.app.state.console_brake
    context = {"target": links.own_page(wanted), "name": name}
    if brake.too_many(address, time.monotonic()):
        return part.page(request, "login.html", 429, problem=_WAIT, **context)
    with hashing.turns:
        step = part.store.logins.password(name, password, part.lockout, address)
    if step.reviewer is None:
        brake.add(address, time.monotonic())
        return part.page(request, "login.html", 401, problem=_REFUSED, **context)
    if step.needs_code:
        response = RedirectResponse("/login/code" + links.query_of(QueueFilter(), next=wanted), 303)
        part.sessions.write(response, part.sessions.half(step.reviewer))
        return response
    return _enter(part, step.reviewer, wanted)


@router.get("/login/code")
def code_page(request: Request, part: ConsolePart, half: HalfVisitor) -> Response:
    """The form of the second factor."""
    if half is None:
        return RedirectResponse("/login", 303)
    target = links.own_page(request.query_params.get("next"))
    return part.page(request, "code.html", target=target, problem=None)


@router.post("/login/code")
def check_code(request: Request, part: ConsolePart, half: HalfVisitor, form: Form) -> Response:
    """Check the code; on success a fresh session, and on to the page that was wanted."""
    if half is None:
        return RedirectResponse("/login", 303)
    wanted, address = field(form, "next"), client_address(request)
    step = part.store.logins.code(half.id, field(form, "code"), part.totp_seal, part.lockout, address)
    if step.reviewer is None:
        problem = UNREADABLE if step.unreadable else WRONG_CODE
        return part.page(request, "code.html", 401, target=links.own_page(wanted), problem=problem)
    return _enter(part, step.reviewer, wanted)


@router.post("/logout")
def log_out(part: ConsolePart, visitor: Visitor, form: Form) -> Response:
    """End the session in this browser."""
    if visitor is not None:
        part.store.audit.record(f"reviewer:{visitor.name}", "logout")
    response = RedirectResponse("/login", 303)
    part.sessions.clear(response)
    return response


def _enter(part: ConsolePart, reviewer: Reviewer, wanted: str) -> Response:
    # Logging in may have renewed the password's hash, and the session is tied to the hash.
    fresh = part.store.users.get(reviewer.id) or reviewer
    response = RedirectResponse(_target(fresh, wanted), 303)
    part.sessions.write(response, part.sessions.of(fresh))
    return response


def _target(reviewer: Reviewer, wanted: str | None) -> str:
    """The page wanted; the queue, which the form asks for by itself, gives way to where this role begins."""
    target = links.own_page(wanted)
    return home_of(reviewer.role) if target == links.QUEUE else target
