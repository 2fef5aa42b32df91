"""The review console: Thai pages for reviewers."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.complaints.delivery.channels import connected, senders_of
from service.console import problem_page
from service.console.accounts import account, keys, login, password, provider_login, users, webhooks
from service.console.accounts.login_throttle import LoginThrottle
from service.console.accounts.provider_cookies import ProviderCookies
from service.console.alerts import correction as alert_correction
from service.console.alerts import desk as alert_desk
from service.console.alerts import pictures as alert_pictures
from service.console.alerts import public as public_alerts
from service.console.campaigns import pages as campaigns_pages
from service.console.cases import assignments as claims
from service.console.cases import case, folded_text, hold, stored_page
from service.console.complaints import form as complaint_form
from service.console.complaints import look_up as complaint_look_up
from service.console.complaints import pages as complaints_pages
from service.console.complaints import work as complaint_work
from service.console.core import public_pages
from service.console.core.headers import SecurityHeaders
from service.console.core.kept_forms import FormKeeper
from service.console.core.session import Sessions
from service.console.dashboard import duties, notices, shadow
from service.console.dashboard import pages as dashboard_pages
from service.console.drafts import page as draft_page
from service.console.finding import pages as find_pages
from service.console.letters import joint
from service.console.letters.desk import Desk
from service.console.pictures import serving as pictures
from service.console.pictures.copies import PictureCopies
from service.console.queue import bulk as queue_bulk
from service.console.queue import pages as queue_pages
from service.console.queue import views
from service.console.referrals import pages as referrals_pages
from service.console.second_look import golden
from service.console.second_look import pages as second_look_pages
from service.console.sellers import data_requests
from service.console.sellers import decision as seller_decision
from service.console.sellers import page as seller_page
from service.console.teamwork import mine, thread
from service.console.web import Console, environment
from service.inference_pool.assessor import AssessorHolder
from service.notice_record.record import signed
from service.referral.letters.templates import Templates
from service.referral.pack import Packer
from service.running.metrics import Metrics
from service.running.rate_limits import RateLimits
from service.settings import Settings
from service.shadow.folder import ShadowFolder
from service.store import Store
from service.store.database.encryption import Cipher
from service.store.pictures.files import PictureFiles

if TYPE_CHECKING:
    from service.oidc.provider import Provider

PARTS = (
    login,
    provider_login,
    password,
    account,
    users,
    keys,
    webhooks,
    queue_pages,
    queue_bulk,
    mine,
    views,
    claims,
    case,
    pictures,
    folded_text,
    seller_page,
    data_requests,
    seller_decision,
    find_pages,
    thread,
    hold,
    campaigns_pages,
    referrals_pages,
    joint,
    # Before the page of one complaint, whose route would also match the templates' path.
    complaint_work,
    complaints_pages,
    alert_desk,
    alert_pictures,
    alert_correction,
    public_alerts,
    stored_page,
    golden,
    second_look_pages,
    dashboard_pages,
    notices,
    duties,
    shadow,
)
"""Modules with pages of the console; each has a ``router``."""


def mount(
    app: FastAPI,
    store: Store,
    settings: Settings,
    limits: RateLimits | None = None,
    model: tuple[AssessorHolder, Metrics] | None = None,
) -> None:
    """Mount the console's pages on ``app``.

    These are ``/``, ``/login``, ``/login/code``, ``/login/oidc`` and its ``/callback``, ``/logout``,
    ``/password/{token}``, those of ``permissions.PAGES``, and the public ``/complain``, ``/alerts`` and
    ``/check``.

    The style sheet and script are served at ``/console/static``.  Every response of ``app``, including the
    API's, gets the security headers.  ``limits`` throttles the public forms; ``/check`` needs the ``model``.
    Raises :class:`~service.settings.SecretUnusable` if cookies cannot be signed, and
    ``ModuleNotFoundError`` if a provider is configured and the extra ``oidc`` is not installed.
    """
    app.state.console = Console(
        store,
        Sessions(
            store.sessions,
            settings.secret.value(),
            settings.login.session_hours,
            settings.login.secure_cookies,
        ),
        environment(),
        settings.login.lockout(),
        settings.login.totp_roles(),
        settings.secret.totp_cipher(),
        Cipher(settings.secret.value(), "totp-setup"),
        timedelta(minutes=settings.review.case_lease_minutes),
        FormKeeper(store, settings.secret.value(), settings.login.secure_cookies),
        _provider(settings),
        ProviderCookies(settings.secret.value(), settings.login.secure_cookies),
        settings.login.password_roles(),
        public_pages=_public_pages(settings, model is not None),
        blurs_pictures=settings.pictures.blurred,
        address=(settings.oidc.public_url or settings.server.public_url or "").rstrip("/"),
        public_address=(settings.server.public_url or "").rstrip("/"),
    )
    files = PictureFiles(settings.pictures.folder)
    app.state.picture_copies = PictureCopies(files)
    app.state.referral_desk = Desk(
        Packer(store, settings.evidence.folder, Templates(settings.referral.templates), files),
        settings.referral.prefix,
    )
    app.state.alert_desk = public_pages.AlertDesk(
        Templates(settings.referral.templates),
        settings.alert.prefix,
        (settings.alert.url or settings.server.public_url or "").rstrip("/"),
    )
    app.state.problem_page = problem_page.page_of
    app.state.evidence_folder = settings.evidence.folder
    app.state.sign_notices = partial(signed, secret=settings.secret.value())
    app.state.shadow_folder = ShadowFolder(settings.shadow.folder)
    # Separate throttles: neither a failing provider nor wrong links may block logins by password.
    app.state.login_throttle, app.state.provider_throttle = LoginThrottle(), LoginThrottle()
    app.state.link_throttle = LoginThrottle()
    app.add_middleware(SecurityHeaders)
    for module in PARTS:
        app.include_router(module.router)
    limits = limits or RateLimits(settings)
    if settings.complaint.form:
        app.state.complaint_limits = limits
        app.state.complaint_channels = connected(senders_of(settings))
        app.include_router(complaint_form.router)
        app.include_router(complaint_look_up.router)
    if settings.check.page and model is not None:
        app.state.draft_desk = draft_page.DraftDesk(*model, limits, settings)
        app.include_router(draft_page.router)
    app.mount("/console/static", StaticFiles(packages=[("service.console", "static")]), "console-static")


def _public_pages(settings: Settings, with_model: bool) -> tuple[str, ...]:
    pages = {public_pages.ALERTS: True, draft_page.PATH: settings.check.page and with_model}
    pages[complaint_form.PATH] = settings.complaint.form
    return tuple(path for path, served in pages.items() if served)


def _provider(settings: Settings) -> "Provider | None":
    options = settings.oidc.options(settings.server.public_url)
    if options is None:
        return None
    from service.oidc.provider import Provider  # noqa: PLC0415 (needs the extra)

    return Provider(options)
