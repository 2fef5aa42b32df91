"""The page where an admin manages accounts: list, invitations, password reset links, roles."""

from collections.abc import Callable
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.accounts import hashing
from service.console.core.errors import PageError
from service.console.core.fields import field, number_in, one_of
from service.console.core.permissions import INVITE, USER, USERS
from service.console.web import Console, ConsolePart, Form, LoggedIn, PageRoute, current_session
from service.store import NameTaken
from service.store.accounts.password_links import NewLink
from service.store.accounts.users import MAX_NAME
from service.store.audit import names as audit_names
from service.store.database.columns import now
from service.store.database.errors import LastAdmin
from service.store.database.row_ids import is_row_id
from service.store.tables.core_tables import Reviewer, Role

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MAX_DISPLAY_NAME = 200

_BAD_NAME = (
    f"ชื่อผู้ใช้ต้องมี 1 ถึง {MAX_NAME} ตัวอักษร ชื่อที่แสดงไม่เกิน {MAX_DISPLAY_NAME} ตัวอักษร"
    " และต้องเลือกบทบาท ยังไม่มีการสร้างบัญชี",
    f"A login name has 1 to {MAX_NAME} characters, a display name at most {MAX_DISPLAY_NAME}, and a role must"
    " be chosen. No account was created.",
)
_RESTORED_INVITATION = (
    "หมดเวลาเข้าสู่ระบบก่อนส่งคำเชิญ จึงยังไม่มีการสร้างบัญชี สิ่งที่พิมพ์ไว้กลับมาแล้ว โปรดตรวจแล้วกด “เชิญ” อีกครั้ง",
    "Your session had ended before the invitation was sent: no account was created. What you typed has been"
    " restored: check it, then invite again.",
)
_TAKEN = (
    "มีบัญชีที่ใช้ชื่อผู้ใช้นี้แล้ว โปรดใช้ชื่ออื่น ยังไม่มีการสร้างบัญชี",
    "There is an account of this name already: choose another. No account was created.",
)
_LAST_ADMIN = (
    "บัญชีนี้เป็นผู้ดูแลระบบ (admin) คนสุดท้ายที่เข้าสู่ระบบได้ โปรดตั้งผู้ดูแลระบบคนอื่นก่อน ยังไม่มีการเปลี่ยนแปลง",
    "This is the last admin who can log in: create another one first. Nothing was changed.",
)
_DISABLED = (
    "บัญชีนี้ปิดใช้งานอยู่ โปรดเปิดใช้งานก่อนสร้างลิงก์",
    "This account is disabled: enable it before you create a link.",
)
_NO_ROLE = ("โปรดเลือกบทบาท ยังไม่มีการเปลี่ยนแปลง", "Choose a role. Nothing was changed.")
_SAME_ROLE = (
    "บัญชีนี้มีบทบาทนี้อยู่แล้ว ยังไม่มีการเปลี่ยนแปลง",
    "The account already has this role. Nothing was changed.",
)
_OWN_FACTOR = (
    "โปรดตั้งค่าการยืนยันตัวตนสองขั้นของท่านที่หน้าบัญชีก่อน จึงกำหนดให้บัญชีของตนเองได้",
    "Set up your own second factor on the account page before you require it of yourself.",
)

_OWN_FACTOR_STAYS = (
    "โปรดเลิกใช้การยืนยันตัวตนสองขั้นของตนเองที่หน้าบัญชี ซึ่งถามรหัสผ่านและรหัสยืนยัน ยังไม่มีการเปลี่ยนแปลง",
    "Remove your own second factor on the account page, which requires password and code. Nothing was"
    " changed.",
)

_DONE = {
    "role": "เปลี่ยนบทบาทแล้ว และออกจากระบบให้ทุกเครื่องแล้ว",
    "disable": "ปิดใช้งานบัญชีแล้ว และออกจากระบบให้ทุกเครื่องแล้ว",
    "enable": "เปิดใช้งานบัญชีแล้ว",
    "end-sessions": "ออกจากระบบให้ทุกเครื่องแล้ว",
    "second-factor": "บันทึกข้อกำหนดการยืนยันตัวตนสองขั้นแล้ว",
    "remove-factor": "ลบการยืนยันตัวตนสองขั้นและรหัสกู้คืนแล้ว และออกจากระบบให้ทุกเครื่องแล้ว",
    "unlock": "ปลดการระงับแล้ว",
}
"""Messages after a change, by the last part of the form's address."""


@router.get(USERS)
def users_page(request: Request, part: ConsolePart, admin: LoggedIn) -> Response:
    """List every account with its role, state, second factor and last login."""
    changed = _changed(request, part)
    kept = part.kept_forms.take(request, admin.id, INVITE)
    if kept is None:
        return _show(request, part, admin, changed=changed)
    typed = {name: field(kept, name) for name in ("name", "display_name", "role")}
    return _show(request, part, admin, problem=_RESTORED_INVITATION, changed=changed, typed=typed)


@router.post(INVITE)
def invite(request: Request, part: ConsolePart, admin: LoggedIn, form: Form) -> Response:
    """Create an account and show, only once, the link for its holder to set the password."""
    name, display_name = field(form, "name").strip(), field(form, "display_name").strip()
    role = one_of(Role, field(form, "role"))
    typed = {"name": name, "display_name": display_name, "role": field(form, "role")}
    if role is None or len(display_name) > MAX_DISPLAY_NAME or not display_name.isprintable():
        return _show(request, part, admin, 422, problem=_BAD_NAME, typed=typed)
    try:
        with hashing.turns:
            made = part.store.users.invite(name, display_name, role, _actor(admin))
    except NameTaken:
        return _show(request, part, admin, 422, problem=_TAKEN, typed=typed)
    except ValueError:
        return _show(request, part, admin, 422, problem=_BAD_NAME, typed=typed)
    return _show(request, part, admin, link=part.store.password_links.make(made.id, _actor(admin)))


@router.post(f"{USER}/reset-link")
def reset_link(
    request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int
) -> Response:
    """Show, only once, a link for the account's holder to set a new password."""
    row = _account(part, reviewer_id, admin)
    try:
        link = part.store.password_links.make(row.id, _actor(admin))
    except ValueError:
        return _show(request, part, admin, 409, problem=_DISABLED)
    return _show(request, part, admin, link=link)


@router.post(f"{USER}/role")
def set_role(request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int) -> Response:
    """Change the role of an account and end its sessions."""
    role = one_of(Role, field(form, "role"))
    if role is None:
        return _show(request, part, admin, 422, problem=_NO_ROLE)
    users = part.store.users
    if _account(part, reviewer_id, admin).role == role:
        return _show(request, part, admin, 422, problem=_SAME_ROLE)
    return _do(
        request, part, admin, reviewer_id, "role", lambda row: users.set_role(row.name, role, _actor(admin))
    )


@router.post(f"{USER}/disable")
def disable(request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int) -> Response:
    """Disable an account and end its sessions."""
    users = part.store.users
    return _do(request, part, admin, reviewer_id, "disable", lambda row: users.disable(row.id, _actor(admin)))


@router.post(f"{USER}/enable")
def enable(request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int) -> Response:
    """Enable an account again."""
    users = part.store.users
    return _do(request, part, admin, reviewer_id, "enable", lambda row: users.enable(row.id, _actor(admin)))


@router.post(f"{USER}/end-sessions")
def end_sessions(
    request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int
) -> Response:
    """End all sessions of an account."""
    sessions = part.store.sessions
    return _do(
        request,
        part,
        admin,
        reviewer_id,
        "end-sessions",
        lambda row: sessions.end_all(row.id, _actor(admin)),
    )


@router.post(f"{USER}/second-factor")
def require_second_factor(
    request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int
) -> Response:
    """Require an account to set up a second factor before anything else, or revoke that."""
    required, users = field(form, "required") == "yes", part.store.users
    if required and reviewer_id == admin.id and admin.totp_secret is None:
        return _show(request, part, admin, 422, problem=_OWN_FACTOR)
    return _do(
        request,
        part,
        admin,
        reviewer_id,
        "second-factor",
        lambda row: users.require_second_factor(row.id, required, _actor(admin)),
    )


@router.post(f"{USER}/remove-factor")
def remove_second_factor(
    request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int
) -> Response:
    """Remove the second factor of somebody who lost it, and end their sessions."""
    if reviewer_id == admin.id:
        return _show(request, part, admin, 422, problem=_OWN_FACTOR_STAYS)
    factors = part.store.second_factors
    return _do(
        request,
        part,
        admin,
        reviewer_id,
        "remove-factor",
        lambda row: factors.disable(row.id, _actor(admin)) if row.totp_secret is not None else None,
    )


@router.post(f"{USER}/unlock")
def unlock(request: Request, part: ConsolePart, admin: LoggedIn, form: Form, reviewer_id: int) -> Response:
    """Lift the lock after failed logins, for every address."""
    logins = part.store.logins
    return _do(
        request, part, admin, reviewer_id, "unlock", lambda row: logins.unlock(row.name, _actor(admin))
    )


def _do(
    request: Request,
    part: Console,
    admin: Reviewer,
    reviewer_id: int,
    what: str,
    change: Callable[[Reviewer], object],
) -> Response:
    row = _account(part, reviewer_id, admin)
    try:
        change(row)
    except LastAdmin:
        return _show(request, part, admin, 409, problem=_LAST_ADMIN)
    signature = part.sessions.sign(current_session(request), _message(what, row.id))
    return RedirectResponse(
        f"{USERS}?{urlencode({'done': what, 'user': row.id, 'signature': signature})}", 303
    )


def _changed(request: Request, part: Console) -> tuple[Reviewer, str] | None:
    """Return the account that was just changed and what to say of it, from the signed address."""
    what, user, signature = (request.query_params.get(name, "") for name in ("done", "user", "signature"))
    number = number_in(user)
    if number is None or what not in _DONE:
        return None
    if not part.sessions.is_signed(current_session(request), _message(what, number), signature):
        return None
    row = part.store.users.get(number)
    return None if row is None else (row, _DONE[what])


def _message(what: str, reviewer_id: int) -> str:
    return f"users {what} {reviewer_id}"


def _account(part: Console, reviewer_id: int, admin: Reviewer) -> Reviewer:
    row = part.store.users.get(reviewer_id) if is_row_id(reviewer_id) else None
    if row is None:
        raise PageError(
            404,
            "ไม่พบบัญชีนี้ โปรดกลับไปที่หน้าผู้ใช้งาน",
            "This account does not exist: go back to the page of users.",
            admin,
        )
    return row


def _actor(admin: Reviewer) -> str:
    return audit_names.reviewer(admin.name)


def _show(
    request: Request,
    part: Console,
    admin: Reviewer,
    status: int = 200,
    *,
    problem: tuple[str, str] | None = None,
    changed: tuple[Reviewer, str] | None = None,
    link: NewLink | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    people = part.store.users.all()
    return part.page(
        request,
        "users.html",
        status,
        reviewer=admin,
        people=people,
        locks={person.id: part.store.logins.locks(person.id) for person in people},
        sessions=part.store.sessions.counts(),
        required_roles=part.totp_roles,
        roles=list(Role),
        now=now(),
        problem=problem,
        changed=changed,
        link=link,
        link_address=None if link is None else f"{part.base(request)}/password/{link.token}",
        typed=typed or {"name": "", "display_name": "", "role": Role.REVIEWER.value},
        max_name=MAX_NAME,
        max_display_name=MAX_DISPLAY_NAME,
    )
