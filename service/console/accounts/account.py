"""The account page: password, sessions, second factor and its recovery codes."""

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from service.console.accounts import hashing
from service.console.accounts.new_password import Refused, chosen_password
from service.console.core.fields import field
from service.console.core.permissions import ACCOUNT
from service.console.web import (
    ConsolePart,
    Form,
    LoggedIn,
    PageRoute,
    client_address,
    current_session,
    current_via,
)
from service.store.accounts.second_factor import WrongCode, address_of, new_secret
from service.store.accounts.sessions import AccountChanged
from service.store.accounts.users import MAX_PASSWORD, MIN_PASSWORD
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.database.encryption import DecryptionFailed
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SETUP_SECONDS = 30 * 60
"""How long a displayed secret can be activated."""

WRONG_CODE = (
    "รหัสไม่ถูกต้อง ใช้ไปแล้ว หรือบัญชีถูกระงับชั่วคราว โปรดตรวจเวลาในโทรศัพท์แล้วใช้รหัสใหม่",
    "The code is wrong or was used before, or the account is locked for a time: check the clock of the phone"
    " and type the next code.",
)
WRONG_PASSWORD = (
    "รหัสผ่านไม่ถูกต้อง หรือบัญชีถูกระงับชั่วคราวเพราะใส่ผิดหลายครั้ง ยังไม่มีการเปลี่ยนแปลง โปรดใส่รหัสผ่านปัจจุบันอีกครั้ง",
    "The password is wrong, or the account is locked for a time after several failures. Nothing was changed:"
    " type your current password again.",
)
UNREADABLE = (
    "อ่านข้อมูลยืนยันตัวตนสองขั้นไม่ได้เพราะกุญแจลับของระบบเปลี่ยนไป โปรดใช้รหัสกู้คืน หรือให้ผู้ดูแลระบบตั้งใหม่",
    "The second factor cannot be read, because the secret key of the service changed: use a recovery code, or"
    " ask the operator to run: ruthan user totp NAME",
)
_SAME = (
    "รหัสผ่านใหม่ต้องไม่ซ้ำกับรหัสผ่านปัจจุบัน ยังไม่มีการเปลี่ยนแปลง",
    "The new password is the present one. Nothing was changed.",
)
_CHANGED = (
    "เปลี่ยนรหัสผ่านแล้ว และออกจากระบบในเครื่องอื่นทั้งหมดแล้ว",
    "The password was changed, and you are logged out everywhere else.",
)
_EXPIRED = (
    "หน้านี้เปิดไว้นานเกินไป โปรดสแกนรหัสใหม่ด้านล่าง",
    "This page was open for too long: scan the new code below.",
)


@router.get(ACCOUNT)
def account_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Show whether there is a second factor; if not, a new secret to set it up."""
    return _show(request, part, reviewer)


@router.post("/account/password")
def change_password(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Change the password; requires the old one, throttled like a login, and ends every other session."""
    try:
        chosen = chosen_password(form)
    except Refused as error:
        return _show(request, part, reviewer, 422, problem=error.problem)
    if chosen == field(form, "password"):
        return _show(request, part, reviewer, 422, problem=_SAME)
    if not _password_is_right(request, part, reviewer, form):
        return _show(request, part, reviewer, 422, problem=WRONG_PASSWORD)
    with hashing.turns:
        part.store.users.set_password(reviewer.id, chosen, audit_names.reviewer(reviewer.name))
    return _renewed(request, part, reviewer, [], done=_CHANGED)


@router.post("/account/end-sessions")
def end_sessions(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Log out everywhere, including this browser."""
    part.store.sessions.end_all(reviewer.id, audit_names.reviewer(reviewer.name))
    response = RedirectResponse("/login", 303)
    part.sessions.clear(response)
    return response


@router.post("/account/totp")
def set_up(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Activate the displayed secret once a code proves that the app has it.

    Requires the password, so that nobody can bind an unattended session's account to their own phone.
    """
    if reviewer.totp_secret is not None:
        return RedirectResponse(ACCOUNT, 303)  # the old one must be removed first, which takes a code
    try:
        owner, _, secret = part.setup_cipher.decrypt(field(form, "sealed"), SETUP_SECONDS).partition(":")
    except DecryptionFailed:
        return _show(request, part, reviewer, 422, problem=_EXPIRED)
    if owner != str(reviewer.id):
        return _show(request, part, reviewer, 422, problem=_EXPIRED)
    if not _password_is_right(request, part, reviewer, form):
        return _show(request, part, reviewer, 422, problem=WRONG_PASSWORD, secret=secret)
    try:
        codes = part.store.second_factors.enable(
            reviewer.id, secret, field(form, "code"), part.totp_cipher, audit_names.reviewer(reviewer.name)
        )
    except WrongCode:
        return _show(request, part, reviewer, 422, problem=WRONG_CODE, secret=secret)
    return _renewed(request, part, reviewer, codes)


@router.post("/account/totp/remove")
def remove(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Remove the second factor; requires password and code, since an unattended session is not enough."""
    problem = _check(request, part, reviewer, form, AuditAction.USER_TOTP_CHECK)
    if problem is not None:
        return _show(request, part, reviewer, 422, problem=problem)
    part.store.second_factors.disable(reviewer.id, audit_names.reviewer(reviewer.name))
    return _renewed(request, part, reviewer, [])


@router.post("/account/recovery-codes")
def renew_codes(request: Request, part: ConsolePart, reviewer: LoggedIn, form: Form) -> Response:
    """Replace the recovery codes; requires password and code."""
    problem = _check(request, part, reviewer, form, AuditAction.USER_TOTP_CHECK)
    if problem is not None:
        return _show(request, part, reviewer, 422, problem=problem)
    codes = part.store.second_factors.renew_codes(reviewer.id, audit_names.reviewer(reviewer.name))
    return _show(request, part, reviewer, codes=codes)


def _password_is_right(request: Request, part: ConsolePart, reviewer: Reviewer, form: Form) -> bool:
    with hashing.turns:
        return part.store.logins.password_again(
            reviewer.id, field(form, "password"), part.lockout, client_address(request)
        )


def _check(
    request: Request, part: ConsolePart, reviewer: Reviewer, form: Form, action: AuditAction
) -> tuple[str, str] | None:
    # The password first, so that a wrong one does not use up a code.
    if not _password_is_right(request, part, reviewer, form):
        return WRONG_PASSWORD
    step = part.store.logins.code(
        reviewer.id, field(form, "code"), part.totp_cipher, part.lockout, client_address(request), action
    )
    if step.unreadable:
        return UNREADABLE
    return WRONG_CODE if step.reviewer is None else None


def _renewed(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    codes: list[str],
    done: tuple[str, str] | None = None,
) -> Response:
    """Render the page with a new session: changing password or second factor ended all earlier ones."""
    fresh = part.store.users.get(reviewer.id) or reviewer
    try:
        request.state.session = part.sessions.start(fresh, current_session(request), current_via(request))
    except AccountChanged:
        return RedirectResponse("/login", 303)
    return _show(request, part, fresh, codes=codes, done=done)


def _show(
    request: Request,
    part: ConsolePart,
    reviewer: Reviewer,
    status: int = 200,
    *,
    problem: tuple[str, str] | None = None,
    done: tuple[str, str] | None = None,
    codes: list[str] | None = None,
    secret: str | None = None,
) -> Response:
    setup = None
    if reviewer.totp_secret is None:
        secret = secret or new_secret()
        uri = address_of(secret, reviewer.name)
        setup = {
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "uri": uri,
            # Our own SVG, without style attributes, which the policy would block.
            "qr": Markup(segno.make(uri, micro=False).svg_inline(scale=4, svgclass="qr")),  # noqa: S704
            "sealed": part.setup_cipher.encrypt(f"{reviewer.id}:{secret}"),
        }
    return part.page(
        request,
        "account.html",
        status,
        reviewer=reviewer,
        setup=setup,
        must=part.needs_second_factor(reviewer, current_via(request)),
        problem=problem,
        done=done,
        shortest=MIN_PASSWORD,
        longest=MAX_PASSWORD,
        open_sessions=part.store.sessions.counts().get(reviewer.id, 0),
        codes=codes or [],
        codes_left=part.store.second_factors.codes_left(reviewer.id),
    )
