"""The page to set a password, for an invitation or a reset."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.console.accounts import hashing
from service.console.accounts.login import WAIT
from service.console.accounts.login_throttle import LoginThrottle
from service.console.accounts.new_password import Refused, chosen_password
from service.console.core.errors import PageError
from service.console.web import Console, ConsolePart, Form, PageRoute, client_address
from service.store.accounts.users import MAX_PASSWORD, MIN_PASSWORD
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PASSWORD = "/password/{token}"  # noqa: S105 (the address of a page)


@router.get(PASSWORD)
def password_page(request: Request, part: ConsolePart, token: str) -> Response:
    """Show the form; opening it does not use up the link, since mail and chat programs prefetch links."""
    return _show(request, part, _holder(request, part, token))


@router.post(PASSWORD)
def set_password(request: Request, part: ConsolePart, token: str, form: Form) -> Response:
    """Set the password and redirect to the login, which still requires the second factor."""
    holder = _holder(request, part, token)
    try:
        chosen = chosen_password(form)
    except Refused as error:
        return _show(request, part, holder, 422, problem=error.problem)
    with hashing.turns:
        done = part.store.password_links.use(token, chosen, client_address(request))
    if done is None:
        raise _worthless()
    return RedirectResponse("/login?set=1", 303)


def _holder(request: Request, part: Console, token: str) -> Reviewer:
    """Return the owner of this link; a wrong one counts as a failed login from this address."""
    throttle: LoginThrottle = request.app.state.link_throttle
    address = client_address(request)
    if throttle.too_many(address):
        raise PageError(429, *WAIT)
    holder = part.store.password_links.find(token)
    if holder is None:
        throttle.add(address)
        raise _worthless()
    return holder


def _show(
    request: Request,
    part: Console,
    holder: Reviewer,
    status: int = 200,
    *,
    problem: tuple[str, str] | None = None,
) -> Response:
    response = part.page(
        request,
        "password.html",
        status,
        holder=holder,
        problem=problem,
        shortest=MIN_PASSWORD,
        longest=MAX_PASSWORD,
    )
    # The address contains the secret, so no other page may learn it.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _worthless() -> PageError:
    return PageError(
        404,
        "ลิงก์นี้ใช้ไม่ได้แล้ว อาจใช้ไปแล้ว หมดอายุ หรือมีลิงก์ใหม่กว่า โปรดขอลิงก์ใหม่จากผู้ดูแลระบบ (admin)",
        "This link no longer works: it was used, has expired, or was replaced by a newer one. Ask an admin"
        " for another.",
    )
