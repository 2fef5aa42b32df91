"""The review console: pages in Thai for the people who decide."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.console import (
    account,
    campaigns,
    case,
    claims,
    dashboard,
    hold,
    keys,
    login,
    provider_login,
    queue,
    referrals,
    shadow,
    views,
)
from service.console.address_brake import AddressBrake
from service.console.headers import SecurityHeaders
from service.console.provider_cookies import ProviderCookies
from service.console.session import Sessions
from service.console.web import Console, environment
from service.referral.pack import Packer
from service.referral.templates import Templates
from service.settings import Settings
from service.shadow.folder import ShadowFolder
from service.store import Store
from service.store.seal import Seal

if TYPE_CHECKING:
    from service.oidc.provider import Provider


def mount(app: FastAPI, store: Store, settings: Settings) -> None:
    """Add the console's pages to ``app``: ``/``, ``/login``, ``/login/code``, ``/login/oidc`` and its
    ``/callback``, ``/logout``, and those of ``permissions.PAGES``.

    Its style sheet and script lie at ``/console/static``.  Every response of ``app``, the API's too, gets
    the security headers.  Raises :class:`~service.settings.SecretUnusable` when cookies cannot be signed,
    and ``ModuleNotFoundError`` when a provider is set and the extra ``oidc`` is not installed.
    """
    app.state.console = Console(
        store,
        Sessions(settings.secret(), settings.session_hours, settings.secure_cookies),
        environment(),
        settings.lockout(),
        settings.totp_roles(),
        settings.totp_seal(),
        Seal(settings.secret(), "totp-setup"),
        timedelta(minutes=settings.case_lease_minutes),
        _provider(settings),
        ProviderCookies(settings.secret(), settings.secure_cookies),
        settings.password_roles(),
    )
    app.state.referral_desk = referrals.Desk(
        Packer(store, settings.evidence, Templates(settings.referral_templates)), settings.referral_prefix
    )
    app.state.shadow_folder = ShadowFolder(settings.shadow)
    app.state.console_brake, app.state.console_provider_brake = AddressBrake(), AddressBrake()
    app.add_middleware(SecurityHeaders)
    for module in (
        login,
        provider_login,
        account,
        keys,
        queue,
        views,
        claims,
        case,
        hold,
        campaigns,
        referrals,
        dashboard,
        shadow,
    ):
        app.include_router(module.router)
    app.mount("/console/static", StaticFiles(packages=[("service.console", "static")]), "console-static")


def _provider(settings: Settings) -> "Provider | None":
    options = settings.oidc()
    if options is None:
        return None
    from service.oidc.provider import Provider  # noqa: PLC0415 (needs the extra)

    return Provider(options)
