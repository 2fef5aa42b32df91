"""Login and logout with a password."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.accounts import hashing
from service.console.accounts.account import UNREADABLE, WRONG_CODE
from service.console.accounts.login_throttle import LoginThrottle
from service.console.accounts.provider_logout import provider_logout_address
from service.console.core import links
from service.console.core.fields import field
from service.console.core.permissions import home_of
from service.console.core.session import LoginIdentity
from service.console.web import (
    Console,
    ConsolePart,
    Form,
    HalfVisitor,
    PageRoute,
    Visitor,
    client_address,
    current_session,
    current_via,
)
from service.store.accounts.sessions import AccountChanged
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import Reviewer, Role

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_PROVIDER = "บัญชีหน่วยงาน (SSO)"
"""Default display name of the provider."""

# One message for every refusal, so that it does not reveal which names exist or are locked.
_REFUSED = (
    "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง หรือบัญชีถูกระงับชั่วคราวเพราะใส่ผิดหลายครั้ง โปรดตรวจสอบแล้วรอสักครู่ก่อนลองใหม่"
    " หากลืมรหัสผ่าน ให้ขอลิงก์ตั้งรหัสผ่านใหม่จากผู้ดูแลระบบ (admin)",
    "Wrong name or password, or the account is locked for a time after several failures: check both, wait and"
    " try again. If you forgot the password, ask an admin for a link to set a new one.",
)
_PASSWORD_SET = (
    "ตั้งรหัสผ่านแล้ว โปรดเข้าสู่ระบบด้วยรหัสผ่านใหม่",
    "The password was set: log in with it.",
)
CHANGED = (
    "บัญชีนี้ถูกเปลี่ยนแปลงระหว่างเข้าสู่ระบบ โปรดเข้าสู่ระบบอีกครั้ง",
    "The account was changed while you logged in: log in again.",
)
WAIT = (
    "มีการเข้าสู่ระบบไม่สำเร็จหลายครั้งจากเครือข่ายนี้ โปรดรอ 5 นาทีแล้วลองใหม่",
    "Too many failed logins from this network: wait five minutes and try again.",
)


@router.get("/login")
def login_page(request: Request, part: ConsolePart, visitor: Visitor) -> Response:
    """Show the login form."""
    if visitor is not None:
        return RedirectResponse(target_of(visitor, request.query_params.get("next")), 303)
    done = _PASSWORD_SET if "set" in request.query_params else None
    return login_form(request, part, request.query_params.get("next"), done=done)


@router.post("/login")
def log_in(request: Request, part: ConsolePart, form: Form) -> Response:
    """Check the password, then redirect to the second factor or, with a new session, to the page wanted."""
    name, password, wanted = field(form, "name").strip(), field(form, "password"), field(form, "next")
    address = client_address(request)
    throttle: LoginThrottle = request.app.state.login_throttle
    if throttle.too_many(address):
        return login_form(request, part, wanted, 429, problem=WAIT, name=name)
    with hashing.turns:
        step = part.store.logins.password(name, password, part.lockout, address, part.password_roles)
    if step.reviewer is None:
        throttle.add(address)
        return login_form(request, part, wanted, 401, problem=_REFUSED, name=name)
    if step.needs_code:
        response = RedirectResponse("/login/code" + links.query_of(QueueFilter(), next=wanted), 303)
        try:
            half = part.sessions.start_half(step.reviewer, current_session(request))
        except AccountChanged:
            return login_form(request, part, wanted, 401, problem=CHANGED, name=name)
        part.sessions.write(response, half)
        return response
    return enter(request, part, step.reviewer, wanted)


@router.get("/login/code")
def code_page(request: Request, part: ConsolePart, half: HalfVisitor) -> Response:
    """Show the form for the second factor."""
    if half is None:
        return RedirectResponse("/login", 303)
    target = links.own_page(request.query_params.get("next"))
    return part.page(request, "code.html", target=target, problem=None)


@router.post("/login/code")
def check_code(request: Request, part: ConsolePart, half: HalfVisitor, form: Form) -> Response:
    """Check the code; on success, start a new session and redirect to the page wanted."""
    if half is None:
        return RedirectResponse("/login", 303)
    wanted, address = field(form, "next"), client_address(request)
    step = part.store.logins.code(half.id, field(form, "code"), part.totp_cipher, part.lockout, address)
    if step.reviewer is None:
        problem = UNREADABLE if step.unreadable else WRONG_CODE
        return part.page(request, "code.html", 401, target=links.own_page(wanted), problem=problem)
    return enter(request, part, step.reviewer, wanted, current_via(request))


@router.post("/logout")
def log_out(request: Request, part: ConsolePart, visitor: Visitor, form: Form) -> Response:
    """End the session, which also invalidates copies of its cookie, and the provider's session, if any."""
    if visitor is not None:
        part.store.audit.record(audit_names.reviewer(visitor.name), AuditAction.LOGOUT)
    onward = provider_logout_address(request, part) if visitor is not None else None
    part.sessions.end(current_session(request))
    if onward is None:
        response: Response = RedirectResponse("/login", 303)
    else:
        # Browsers apply the policy's form-action, which allows only our own origin, to redirects after a
        # form; a page with a refresh avoids that.
        request.state.session = part.sessions.anonymous()
        response = part.page(request, "logged_out.html", onward=onward)
        response.headers["Refresh"] = f"0; url={onward}"
    part.sessions.clear(response)
    if part.provider_cookies is not None:
        part.provider_cookies.clear_hint(response)
    return response


def login_form(
    request: Request,
    part: Console,
    wanted: str | None,
    status: int = 200,
    *,
    problem: tuple[str, str] | None = None,
    done: tuple[str, str] | None = None,
    name: str = "",
) -> Response:
    """Render the login page."""
    return part.page(
        request,
        "login.html",
        status,
        target=links.own_page(wanted),
        name=name,
        problem=problem,
        unsaved=part.kept_forms.at_login(request),
        done=done,
        provider=None if part.provider is None else part.provider.options.name or _PROVIDER,
        admins_only=part.password_roles == {Role.ADMIN},
    )


def enter(
    request: Request, part: Console, reviewer: Reviewer, wanted: str, via: LoginIdentity | None = None
) -> Response:
    """Start a session and redirect to the page wanted, or to the login page if the account has changed."""
    response = RedirectResponse(target_of(reviewer, wanted), 303)
    try:
        fresh = part.sessions.start(reviewer, current_session(request), via)
    except AccountChanged:
        return login_form(request, part, wanted, 401, problem=CHANGED)
    part.sessions.write(response, fresh)
    return response


def target_of(reviewer: Reviewer, wanted: str | None) -> str:
    """Return the page wanted; the queue, the form's default, is replaced by the role's home page."""
    target = links.own_page(wanted)
    return home_of(reviewer.role) if target == links.QUEUE else target
