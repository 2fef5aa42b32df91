"""Login through the provider: redirect and callback."""

import logging
from contextlib import nullcontext

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.accounts import hashing
from service.console.accounts.login import CHANGED, WAIT, enter, login_form, target_of
from service.console.accounts.login_throttle import LoginThrottle
from service.console.accounts.provider_logout import public_address
from service.console.core import links
from service.console.core.errors import PageError
from service.console.core.session import LoginIdentity
from service.console.web import Console, ConsolePart, PageRoute, Visitor, client_address, current_session
from service.oidc.errors import LoginRefused, ProviderUnavailable
from service.store.accounts.provider_logins import Newcomer, Refusal
from service.store.accounts.sessions import AccountChanged
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.index.finding import QueueFilter

log = logging.getLogger(__name__)

router = APIRouter(route_class=PageRoute, include_in_schema=False)

CALLBACK = "/login/oidc/callback"

_DOWN = (
    "ขณะนี้ติดต่อระบบยืนยันตัวตนของหน่วยงานไม่ได้ โปรดรอสักครู่แล้วลองใหม่ หรือเข้าสู่ระบบด้วยรหัสผ่านหากบัญชีมีรหัสผ่าน",
    "The login provider cannot be reached: wait a moment and try again, or log in with a password"
    " if the account has one.",
)
_REFUSED = (
    "เข้าสู่ระบบไม่สำเร็จ การยืนยันตัวตนถูกยกเลิก หมดเวลา หรือตรวจสอบไม่ผ่าน โปรดเริ่มเข้าสู่ระบบใหม่ หากยังไม่ได้ให้แจ้งผู้ดูแลระบบ",
    "The login failed: it was cancelled, took too long, or did not pass the checks. Try again; if it fails"
    " once more, tell the operator.",
)
_REFUSALS = {
    Refusal.NO_ACCOUNT: (
        "ยืนยันตัวตนสำเร็จ แต่ยังไม่มีบัญชีในระบบรู้ทัน โปรดแจ้งข้อมูลด้านล่างให้ผู้ดูแลระบบเพื่อเชื่อมบัญชี",
        "The provider knows you, but you have no account here. Send the operator the lines below to have your"
        " account linked.",
    ),
    Refusal.DISABLED: (
        "บัญชีนี้ถูกปิดการใช้งานแล้ว หากเห็นว่าไม่ถูกต้อง โปรดติดต่อผู้ดูแลระบบ",
        "This account is disabled: ask the operator if that is a mistake.",
    ),
    Refusal.NO_ROLE: (
        "ยืนยันตัวตนสำเร็จ แต่บัญชีของหน่วยงานยังไม่ได้รับสิทธิ์ใช้ระบบรู้ทัน โปรดขอสิทธิ์จากผู้ดูแลบัญชีของหน่วยงาน",
        "The provider knows you, but gives you no role here: ask those who manage its accounts.",
    ),
}


@router.get("/login/oidc")
def begin(request: Request, part: ConsolePart, visitor: Visitor) -> Response:
    """Send the browser to the provider.

    A link, not a form, since browsers would apply the policy's form-action to the redirect.  Tricking
    somebody's browser into following it gains nothing: it starts that person's own login.
    """
    wanted = request.query_params.get("next")
    if visitor is not None:
        return RedirectResponse(target_of(visitor, wanted), 303)
    if part.provider is None or part.provider_cookies is None:
        raise _no_such_page()
    if _throttle(request).too_many(client_address(request)):
        return login_form(request, part, wanted, 429, problem=WAIT)
    try:
        address, attempt = part.provider.begin(public_address(request, part, CALLBACK))
    except ProviderUnavailable as error:
        log.error("the login provider: %s", error)
        return login_form(request, part, wanted, 503, problem=_DOWN)
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    part.provider_cookies.write_attempt(response, attempt, links.own_page(wanted))
    return response


@router.get(CALLBACK)
def finish(request: Request, part: ConsolePart) -> Response:
    """Handle the provider's callback; redirect to the page wanted, or to the second factor."""
    if part.provider is None or part.provider_cookies is None:
        raise _no_such_page()
    response = _finish(request, part)
    part.provider_cookies.clear_attempt(response)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _finish(request: Request, part: Console) -> Response:
    assert part.provider is not None
    assert part.provider_cookies is not None
    throttle, address = _throttle(request), client_address(request)
    if throttle.too_many(address):
        return login_form(request, part, None, 429, problem=WAIT)
    begun = part.provider_cookies.read_attempt(request)
    wanted = begun[1] if begun else None
    try:
        if begun is None:
            raise LoginRefused("state: no login was started in this browser, or it took too long")
        found = part.provider.finish(begun[0], request.query_params)
    except ProviderUnavailable as error:
        log.error("the login provider: %s", error)
        _record(request, part, "provider unavailable")
        return login_form(request, part, wanted, 503, problem=_DOWN)
    except LoginRefused as error:
        log.warning("a login through the provider was refused: %s", error)
        _record(request, part, str(error)[:300])
        return login_form(request, part, wanted, 401, problem=_REFUSED)
    person, options = found.person, part.provider.options
    newcomer = Newcomer(person.name, person.display_name) if options.create else None
    with hashing.turns if newcomer else nullcontext():
        step = part.store.provider_logins.enter(
            person.issuer,
            person.subject,
            address=address,
            second_factor=person.second_factor,
            newcomer=newcomer,
            roles_rule=bool(options.role_claim),
            role=person.role,
        )
    if step.reviewer is None:
        throttle.add(address)
        refusal = step.refusal or Refusal.NO_ACCOUNT
        thai, english = _REFUSALS[refusal]
        who = person if refusal is Refusal.NO_ACCOUNT else None
        return part.page(request, "provider_refused.html", 403, thai=thai, english=english, who=who)
    via = LoginIdentity(step.identity_id, person.second_factor)
    if step.needs_code:
        onward = "/login/code" + links.query_of(QueueFilter(), next=wanted)
        response: Response = RedirectResponse(onward, 303)
        try:
            half = part.sessions.start_half(step.reviewer, current_session(request), via)
        except AccountChanged:
            return login_form(request, part, wanted, 401, problem=CHANGED)
        part.sessions.write(response, half)
    else:
        response = enter(request, part, step.reviewer, wanted or links.QUEUE, via)
    part.provider_cookies.write_hint(response, found.id_token, part.sessions.seconds)
    return response


def _record(request: Request, part: Console, reason: str) -> None:
    address = client_address(request)
    _throttle(request).add(address)
    detail = {"address": address, "factor": "provider", "reason": reason}
    part.store.audit.record(audit_names.PROVIDER, AuditAction.LOGIN_REFUSED, "", detail)


def _throttle(request: Request) -> LoginThrottle:
    """Return a separate throttle: a failing provider must not block logins with a password."""
    throttle: LoginThrottle = request.app.state.provider_throttle
    return throttle


def _no_such_page() -> PageError:
    return PageError(404, "ไม่พบหน้านี้ โปรดกลับไปที่คิวงาน", "This page does not exist: go back to the queue.")
