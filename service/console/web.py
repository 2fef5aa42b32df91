"""Code shared by all routes of the console: rendering, the current reviewer, forms, error pages."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import jinja2
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from labels.taxonomy import class_term, label_term, platform_term, verdict_term
from service.complaints import words as complaint_words
from service.complaints.readers import address_for, text_for
from service.console.accounts.provider_cookies import ProviderCookies
from service.console.core import links, terms
from service.console.core.errors import (
    PageError,
    expired_form,
    no_such_page,
    store_problem,
    unreadable_form,
)
from service.console.core.fields import field
from service.console.core.kept_forms import FormKeeper, page_of
from service.console.core.permissions import (
    ACCOUNT,
    MINE,
    OWN_ACCOUNT,
    home_of,
    may_open,
)
from service.console.core.public_pages import AlertDesk, alert_desk, page_at, render_public
from service.console.core.session import CSRF_FIELD, LoginIdentity, Session, Sessions, via_of
from service.console.core.thai_time import day_for_form, thai_date, thai_day, thai_month, thai_time
from service.console.widgets.hidden_characters import with_hidden_shown
from service.store import Store, StoreError
from service.store.accounts.lockout import Lockout
from service.store.accounts.policy import leads, sees_complainants
from service.store.accounts.sessions import OpenSession
from service.store.database.encryption import Cipher
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import Reviewer, Role
from service.text.official_wording import baht

if TYPE_CHECKING:
    from service.oidc.provider import Provider

log = logging.getLogger(__name__)

MAX_FILES = 1000
"""Maximum files of a form with photos: far more than are accepted, so that the page can say so."""
MAX_FIELDS = 20_000
"""Maximum fields of a form: a choice for each claim of the longest listing, with some margin."""


class LoginNeeded(Exception):
    """The page requires login."""


class SessionChanged(Exception):
    """The form belongs to an earlier session of the logged-in person."""


class SecondFactorNeeded(Exception):
    """The role requires a second factor, and the reviewer has not set one up."""


@dataclass(frozen=True)
class Console:
    """Dependencies of the routes; stored in ``app.state.console``."""

    store: Store
    sessions: Sessions
    templates: jinja2.Environment
    lockout: Lockout
    totp_roles: frozenset[Role]
    totp_cipher: Cipher
    """Encrypts the secrets of second factors in the store."""
    setup_cipher: Cipher
    """Encrypts a new secret while it passes through the setup page."""
    lease: timedelta
    """How long a case stays assigned to somebody who began to work on it and is idle."""
    kept_forms: FormKeeper
    provider: "Provider | None" = None
    """The login provider; available only with the extra ``oidc``."""
    provider_cookies: ProviderCookies | None = None
    password_roles: frozenset[Role] = frozenset(Role)
    public_pages: tuple[str, ...] = ()
    """Paths of the public pages, which link to each other."""
    blurs_pictures: bool = False
    """Whether pictures are blurred until the reviewer asks to see them."""
    address: str = ""
    """Where browsers reach the console, without a trailing slash; empty: as each request says."""
    public_address: str = ""
    """Where browsers reach the service, without a trailing slash; empty if not configured."""

    def base(self, request: Request) -> str:
        """Return the start of every whole address that is given to somebody else."""
        return self.address or str(request.base_url).rstrip("/")

    def needs_second_factor(self, reviewer: Reviewer, via: LoginIdentity | None) -> bool:
        """Whether this reviewer must set up a second factor before anything else."""
        shown = via is not None and via.second_factor
        asked = reviewer.totp_required or reviewer.role in self.totp_roles
        return reviewer.totp_secret is None and asked and not shown

    def page(
        self, request: Request, template: str, status_code: int = 200, /, **context: Any
    ) -> HTMLResponse:
        """Render a template and set the session cookie that matches its form token."""
        session = current_session(request)
        # Only if already looked up: an error page must not query a store that may be down.
        known: OpenSession | None = getattr(request.state, "open_session", None)
        sender = None if known is None or known.row.awaits_code else known.reviewer.id
        context |= {"csrf": self.sessions.csrf(session, sender), "path": request.url.path}
        context["public_pages"] = self.public_pages
        context.setdefault("reviewer", None)
        context["waiting_for"] = self._waiting_for
        context["blurs_pictures"] = self.blurs_pictures
        response = HTMLResponse(self.templates.get_template(template).render(context), status_code)
        self.sessions.write(response, session)
        self.kept_forms.forget_taken(request, response)
        return response

    def render_public(self, template: str, desk: AlertDesk, /, **context: Any) -> bytes:
        """Render a public page: no session, no cookie."""
        return render_public(self.templates, self.public_pages, template, desk, **context)

    def _waiting_for(self, reviewer: Reviewer) -> int:
        """Count the pending items on this person's own page; failing to count must not break a page."""
        if not may_open(reviewer.role, MINE):
            return 0
        try:
            return self.store.notices.unread(reviewer) + self.store.threads.count(reviewer)
        except StoreError as error:
            log.error("the pending items of %s were not counted: %s", reviewer.name, error)
            return 0


@cache
def environment() -> jinja2.Environment:
    """Return the template environment: autoescaping, and undefined names are errors.

    Shared by all consoles of a process, since it caches compiled templates.
    """
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("service.console"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "thai_time": thai_time,
        "typed_day": day_for_form,
        "thai_date": thai_date,
        "thai_day": thai_day,
        "thai_month": thai_month,
        "baht": baht,
        "percent": lambda value: f"{value * 100:.0f}%",
        "web_link": links.web_link,
        "class_term": class_term,
        "label_term": label_term,
        "platform_term": platform_term,
        "verdict_term": verdict_term,
        "verdict_style": terms.verdict_style,
        "label_style": terms.label_style,
        "decision_term": terms.decision_term,
        "outcome": terms.outcome,
        "status_style": terms.status_style,
        "shape_style": terms.shape_style,
        "hidden_shown": with_hidden_shown,
        "referral_style": terms.referral_style,
    }
    env.globals |= {
        "terms": terms,
        "query_of": links.query_of,
        "fields_of": links.fields_of,
        "may_open": may_open,
        "home_of": home_of,
        "leads": leads,
        "sees_complainants": sees_complainants,
        "text_for": text_for,
        "address_for": address_for,
        "complaint_categories": complaint_words.CATEGORIES,
        "complaint_agencies": complaint_words.AGENCIES,
        "complaint_words": complaint_words,
    }
    return env


def console(request: Request) -> Console:
    """Return the console of this application."""
    found: Console = request.app.state.console
    return found


def current_session(request: Request) -> Session:
    """Return the session from this request's cookie, parsed once, without querying the store."""
    if not hasattr(request.state, "session"):
        request.state.session = console(request).sessions.read(request)
    session: Session = request.state.session
    return session


def open_session(request: Request) -> OpenSession | None:
    """Return the stored session for this request's cookie, looked up once."""
    if not hasattr(request.state, "open_session"):
        request.state.open_session = _look_up(request)
    found: OpenSession | None = request.state.open_session
    return found


def current_via(request: Request) -> LoginIdentity | None:
    """Return how a provider login opened this request's session, if one did."""
    found = open_session(request)
    return None if found is None else via_of(found)


def visitor(request: Request) -> Reviewer | None:
    """Return the logged-in reviewer, or ``None``."""
    found = open_session(request)
    return None if found is None or found.row.awaits_code else found.reviewer


def half_visitor(request: Request) -> Reviewer | None:
    """Return the reviewer who has passed the first step but not the second factor, or ``None``."""
    found = open_session(request)
    return found.reviewer if found is not None and found.row.awaits_code else None


def logged_in(request: Request, found: Annotated[Reviewer | None, Depends(visitor)]) -> Reviewer:
    """Return the logged-in reviewer if their role may open this page (``permissions.PAGES``).

    Raises :class:`LoginNeeded`, :class:`SecondFactorNeeded`, or a 403 :class:`PageError`.
    """
    if found is None:
        raise LoginNeeded
    path = request.scope["route"].path
    if console(request).needs_second_factor(found, current_via(request)) and path not in OWN_ACCOUNT:
        raise SecondFactorNeeded
    if not may_open(found.role, path):
        raise PageError(
            403,
            "บัญชีนี้ไม่มีสิทธิ์เปิดหน้านี้ หากจำเป็นต้องใช้ โปรดติดต่อผู้ดูแลระบบ",
            "Your role does not have access to this page: ask the operator if you need it.",
            found,
        )
    return found


def _look_up(request: Request) -> OpenSession | None:
    part = console(request)
    found = part.sessions.find(current_session(request))
    if found is None or (via := via_of(found)) is None:
        return found
    provider = part.provider
    if provider is None or not part.store.identities.holds(
        via.identity_id, found.reviewer.id, provider.options.issuer
    ):
        return None
    return found


def client_address(request: Request) -> str:
    """Return the client address of a request, as far as the server knows."""
    return request.client.host if request.client else ""


async def sent_form(request: Request) -> FormData:
    """Return the form of this request without checking its token."""
    return await request.form(max_fields=MAX_FIELDS, max_files=0)


async def sent_photos(request: Request) -> list[bytes]:
    """Return the files of the field ``photos``, read before the form; the parser limits their size."""
    form = await request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES)
    contents = [await part.read() for part in form.getlist("photos") if not isinstance(part, str)]
    for _, part in form.multi_items():
        if not isinstance(part, str):
            await part.close()
    return contents


def token_fits(request: Request, form: FormData) -> bool:
    """Whether a form carries the token of the session."""
    return console(request).sessions.csrf_is_right(current_session(request), field(form, CSRF_FIELD))


async def checked_form(request: Request) -> FormData:
    """Return the form of this request; answers 403 unless its token matches the session."""
    form = await sent_form(request)
    if not token_fits(request, form):
        sender = console(request).sessions.sender_of(field(form, CSRF_FIELD))
        found = await run_in_threadpool(visitor, request)
        if found is not None and sender == found.id:
            raise SessionChanged
        raise expired_form()
    return form


ConsolePart = Annotated[Console, Depends(console)]
LoggedIn = Annotated[Reviewer, Depends(logged_in)]
Visitor = Annotated[Reviewer | None, Depends(visitor)]
HalfVisitor = Annotated[Reviewer | None, Depends(half_visitor)]
SentPhotos = Annotated[list[bytes], Depends(sent_photos)]
"""Photos of a form; declare it before the form, which is parsed only once, by the first dependency."""
Form = Annotated[FormData, Depends(checked_form)]
SentForm = Annotated[FormData, Depends(sent_form)]
"""A form whose token the route itself checks (:func:`token_fits`)."""


class PageRoute(APIRoute):
    """A route for browsers: errors become a page in Thai and English, never a JSON document."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Wrap the route's own handler."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except SecondFactorNeeded:
                return RedirectResponse(ACCOUNT, 303)
            except (LoginNeeded, SessionChanged) as error:
                return await (_to_login if isinstance(error, LoginNeeded) else _back_to_page)(request)
            except (PageError, HTTPException) as error:
                return error_page(request, error if isinstance(error, PageError) else unreadable_form(error))
            except RequestValidationError:
                return error_page(request, no_such_page(public=_public_page_of(request) is not None))
            except StoreError as error:
                log.error("%s", error)
                return error_page(request, store_problem(error, public=_public_page_of(request) is not None))

        return guarded


def error_page(request: Request, error: PageError) -> HTMLResponse:
    """Return the page for an error; names the user only if the error does, as the store may have failed.

    On and below a public path it is a public page.
    """
    part = console(request)
    words = {"thai": error.thai, "english": error.english, "status": error.status}
    page = _public_page_of(request)
    if page is None:
        return part.page(request, "error.html", error.status, **words, reviewer=error.reviewer)
    words |= {"page": page, "path": page, "back": request.url.path if request.method == "POST" else ""}
    return HTMLResponse(part.render_public("public_error.html", alert_desk(request), **words), error.status)


def _public_page_of(request: Request) -> str | None:
    return page_at(console(request).public_pages, request.url.path)


async def _to_login(request: Request) -> Response:
    """Redirect to the login page and from there back to the page, or to the late form."""
    path = request.url.path
    if request.method == "GET":
        wanted = path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/login" + links.query_of(QueueFilter(), next=wanted), 303)
    try:
        form = await sent_form(request) if request.method == "POST" else FormData()
    except HTTPException:
        form = FormData()  # too large to read
    sender = console(request).sessions.sender_of(field(form, CSRF_FIELD))
    if sender is None:
        return RedirectResponse("/login", 303)
    token = await _keep(request, sender, form)
    wanted = page_of(request.scope["route"].path, path)
    query = links.query_of(QueueFilter(), next=wanted, unsaved=None if token else 1)
    response = RedirectResponse(f"/login{query}", 303)
    if token is not None:
        console(request).kept_forms.write_cookie(request, response, token)
    return response


async def _back_to_page(request: Request) -> Response:
    """Redirect to the page of a form from the same person's earlier session, which restores it."""
    form = await sent_form(request)
    sender = console(request).sessions.sender_of(field(form, CSRF_FIELD))
    token = await _keep(request, sender, form) if sender is not None else None
    if token is None:
        return error_page(request, expired_form())
    response = RedirectResponse(page_of(request.scope["route"].path, request.url.path), 303)
    console(request).kept_forms.write_cookie(request, response, token)
    return response


async def _keep(request: Request, sender: int, form: FormData) -> str | None:
    keep = console(request).kept_forms.keep
    return await run_in_threadpool(keep, request.scope["route"].path, request.url.path, sender, form)
