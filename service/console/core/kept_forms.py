"""Forms submitted after the session expired: stored, and restored after login.

The form is not executed.  Its data are stored in the database, encrypted with the service's secret, under a
token that exists only in a cookie of the sender's browser, which holds those of all its forms; they never
appear in addresses or logs.
"""

import json
import logging

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from service.console.core import permissions
from service.console.core.session import CSRF_FIELD
from service.store import Store, StoreError
from service.store.accounts.kept_forms import KEPT_FOR, MAX_SEALED, MOST_OF_ONE
from service.store.database.encryption import Cipher, DecryptionFailed

log = logging.getLogger(__name__)

COOKIE = "ruthan_form"
_BETWEEN = "."
"""Separates the tokens in the cookie; it is not in the alphabet of tokens."""
_SECONDS = int(KEPT_FOR.total_seconds())
_PRESSED = frozenset({CSRF_FIELD, "decision", "take_over", "add", "refresh", "deed", "settle", "step"})
"""Fields of buttons, and the token: not stored, so that restoring a form cannot trigger an action."""
_NOT_STORED = _PRESSED | {"password"}

_SHOWN_AT = {
    permissions.CASES: permissions.CASES,
    permissions.THREAD: permissions.CASES,
    permissions.DECIDE_ROWS: permissions.QUEUE,
    f"{permissions.CAMPAIGN}/preview": permissions.CAMPAIGN,
    f"{permissions.CAMPAIGN}/decide": permissions.CAMPAIGN,
    permissions.DECIDE_SELLER: permissions.PREVIEW_SELLER,
    permissions.ASK_SELLER_DATA: permissions.SELLER,
    permissions.ANSWER_SELLER_DATA: permissions.SELLER,
    permissions.CAMPAIGN_LETTER: permissions.CAMPAIGN_LETTER,
    permissions.SELLER_LETTER: permissions.SELLER_LETTER,
    permissions.EDIT_LETTER: "/referrals/{referral_id}",
    permissions.RECORD_REFERRAL: "/referrals/{referral_id}",
    permissions.ERASE_COMPLAINANT: permissions.COMPLAINT,
    permissions.WORK_ON_COMPLAINT: permissions.COMPLAINT,
    permissions.CASE_ALERT: permissions.CASE_ALERT,
    f"{permissions.ALERT_DESK}/{{alert_id}}/withdraw": f"{permissions.ALERT_DESK}/{{alert_id}}",
    permissions.CORRECT_ALERT: permissions.CORRECT_ALERT,
    f"{permissions.SECOND_LOOK}/{{look_id}}": f"{permissions.SECOND_LOOK}/{{look_id}}",
    permissions.INVITE: permissions.USERS,
}
"""Forms with user input: the route that receives the form -> the route of the page that restores it."""

RESTORED = (
    "หน้านี้เปิดไว้นานเกินไปหรือหมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก สิ่งที่เลือกและพิมพ์ไว้กลับมาแล้ว โปรดตรวจแล้วกดปุ่มอีกครั้ง",
    "The page was open for too long, or your session had ended: nothing was saved. What you chose and typed"
    " has been restored: check it, then press the button again.",
)
RESTORED_IN_PART = (
    "หน้านี้เปิดไว้นานเกินไปหรือหมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก และระบบประเมินเคสนี้ใหม่แล้ว"
    " จึงนำกลับมาได้เฉพาะบันทึก โปรดเลือกข้อความแล้วตัดสินอีกครั้ง",
    "The page was open for too long, or your session had ended: nothing was saved. The case has been assessed"
    " again, so only your note was restored, not the marks. Mark the claims again, then decide.",
)
_KEPT = (
    "หมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก เข้าสู่ระบบด้วยบัญชีเดิมภายใน 1 ชั่วโมง แล้วสิ่งที่เลือกและพิมพ์ไว้จะกลับมา",
    "Your session has ended and nothing was saved. Log in with the same account within an hour to restore"
    " what you chose and typed.",
)
_LOST = (
    "หมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก โปรดเข้าสู่ระบบแล้วทำอีกครั้ง",
    "Your session has ended and nothing was saved. Log in and do it again.",
)


def page_of(route: str, path: str) -> str:
    """Return the page to open after a form was sent to ``path``, which matches ``route``."""
    if (page := _SHOWN_AT.get(route)) is not None:
        # Parameters have the same position in both.
        sent = path.split("/")
        places = enumerate(page.split("/"))
        return "/".join(sent[place] if part.startswith("{") else part for place, part in places)
    for page in (permissions.USERS, permissions.WEBHOOKS):
        if route.startswith(page):
            return page
    first, *rest = path.strip("/").split("/")
    return f"/{first}/{rest[0]}" if rest and rest[0].isdecimal() else f"/{first}"


class FormKeeper:
    """Stores and restores forms."""

    def __init__(self, store: Store, secret: str, secure: bool) -> None:
        self._store, self._cipher, self._secure = store, Cipher(secret, "kept-form"), secure

    def keep(self, route: str, path: str, reviewer_id: int, form: FormData) -> str | None:
        """Store a form and return its token; ``None`` if no page can restore it or it is too long."""
        if route not in _SHOWN_AT:
            return None
        # Unset choices would make up most of a long listing's form.
        pairs = [
            (name, value)
            for name, value in form.multi_items()
            if isinstance(value, str) and value and name not in _NOT_STORED
        ]
        plain = json.dumps(pairs, ensure_ascii=False)
        if len(plain) > MAX_SEALED:
            return None
        try:
            return self._store.kept_forms.keep(reviewer_id, path, self._cipher.encrypt(plain))
        except StoreError as error:
            log.error("a form submitted after its session ended was not stored: %s", error)
            return None

    def write_cookie(self, request: Request, response: Response, token: str) -> None:
        """Set the cookie with which this browser can restore the form, and those sent before it."""
        self._write(response, [token, *_tokens(request)][:MOST_OF_ONE])

    def forget_taken(self, request: Request, response: Response) -> None:
        """Remove the tokens of the forms that this page restores from the cookie."""
        taken: list[str] = getattr(request.state, "kept_forms_taken", [])
        if taken:
            self._write(response, [token for token in _tokens(request) if token not in taken])

    def at_login(self, request: Request) -> tuple[str, str] | None:
        """Return the login page's message about a late form; ``unsaved`` in the query means it is lost."""
        if "unsaved" in request.query_params:
            return _LOST
        tokens = _tokens(request)
        return _KEPT if tokens and self._store.kept_forms.waits(tokens) else None

    def waits_for(self, request: Request, reviewer_id: int, action: str) -> bool:
        """Whether :meth:`take` would return a form."""
        tokens = _tokens(request)
        return bool(tokens) and self._store.kept_forms.waits_for(tokens, reviewer_id, action)

    def take(self, request: Request, reviewer_id: int, action: str) -> FormData | None:
        """Return, only once, the form that this person sent to ``action`` from this browser."""
        tokens = _tokens(request)
        taken = self._store.kept_forms.take(tokens, reviewer_id, action) if tokens else None
        if taken is None:
            return None
        token, sealed = taken
        request.state.kept_forms_taken = [*getattr(request.state, "kept_forms_taken", []), token]
        try:
            pairs = json.loads(self._cipher.decrypt(sealed, _SECONDS))
        except DecryptionFailed:
            return None
        return FormData([(name, value) for name, value in pairs])

    def _write(self, response: Response, tokens: list[str]) -> None:
        if not tokens:
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._secure)
            return
        response.set_cookie(
            COOKIE,
            _BETWEEN.join(tokens),
            max_age=_SECONDS,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )


def _tokens(request: Request) -> list[str]:
    """Return the tokens of this browser's forms, the newest first."""
    return [token for token in request.cookies.get(COOKIE, "").split(_BETWEEN)[:MOST_OF_ONE] if token]
