"""Logging in and out."""

import threading
import time

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console import links
from service.console.web import ConsolePart, Form, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MAX_FAILURES = 5
"""Wrong passwords for one name from one address …"""
WINDOW_SECONDS = 300.0
"""… within this time, before further tries have to wait."""

_hashing = threading.BoundedSemaphore(2)
"""Argon2 takes 64 MiB each time: a flood of logins must not take all memory."""


class Failures:
    """Counts wrong passwords, in this process only."""

    MAX_KEYS = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[tuple[str, str], list[float]] = {}

    def too_many(self, address: str, name: str, now: float) -> bool:
        """Whether this name has failed too often from this address of late."""
        with self._lock:
            return len(self._recent((address, name), now)) >= MAX_FAILURES

    def add(self, address: str, name: str, now: float) -> None:
        """Note a wrong password."""
        with self._lock:
            if len(self._times) >= self.MAX_KEYS:
                self._times = {key: t for key in list(self._times) if (t := self._recent(key, now))}
            self._times[address, name] = [*self._recent((address, name), now), now]

    def forget(self, address: str, name: str) -> None:
        """The right password came."""
        with self._lock:
            self._times.pop((address, name), None)

    def _recent(self, key: tuple[str, str], now: float) -> list[float]:
        return [moment for moment in self._times.get(key, ()) if now - moment < WINDOW_SECONDS]


@router.get("/login")
def login_page(request: Request, part: ConsolePart, visitor: Visitor) -> Response:
    """The form."""
    target = links.own_page(request.query_params.get("next"))
    if visitor is not None:
        return RedirectResponse(target, 303)
    return part.page(request, "login.html", target=target, name="", problem=None)


@router.post("/login")
def log_in(request: Request, part: ConsolePart, form: Form) -> Response:
    """Check the password; on success a fresh session, and on to the page that was wanted."""
    name, password = str(form.get("name", "")).strip(), str(form.get("password", ""))
    target = links.own_page(str(form.get("next", "")))
    address = request.client.host if request.client else ""
    failures: Failures = request.app.state.console_failures
    key = name.casefold()[:200]
    if failures.too_many(address, key, time.monotonic()):
        return part.page(
            request,
            "login.html",
            429,
            target=target,
            name=name,
            problem=(
                "ใส่รหัสผ่านผิดหลายครั้ง โปรดรอ 5 นาทีแล้วลองใหม่",
                "Too many wrong passwords: wait five minutes and try again.",
            ),
        )
    with _hashing:
        reviewer = part.store.users.authenticate(name, password)
    if reviewer is None:
        failures.add(address, key, time.monotonic())
        part.store.audit.record(f"reviewer:{key[:100]}", "login.refused", "", {"address": address})
        return part.page(
            request,
            "login.html",
            401,
            target=target,
            name=name,
            problem=(
                "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง โปรดตรวจสอบแล้วลองใหม่ หากลืมรหัสผ่านให้ติดต่อหัวหน้างาน",
                "Wrong name or password: check both and try again. If the password is lost, ask your lead.",
            ),
        )
    failures.forget(address, key)
    # Logging in may have renewed the password's hash, and the session is tied to the hash.
    reviewer = part.store.users.get(reviewer.id) or reviewer
    part.store.audit.record(f"reviewer:{reviewer.name}", "login", "", {"address": address})
    response = RedirectResponse(target, 303)
    part.sessions.write(response, part.sessions.of(reviewer))
    return response


@router.post("/logout")
def log_out(part: ConsolePart, form: Form) -> Response:
    """End the session in this browser."""
    response = RedirectResponse("/login", 303)
    part.sessions.clear(response)
    return response
