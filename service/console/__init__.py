"""The review console: pages in Thai for the people who decide."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.console import account, case, keys, login, queue, referrals
from service.console.address_brake import AddressBrake
from service.console.headers import SecurityHeaders
from service.console.session import Sessions
from service.console.web import Console, environment
from service.referral.pack import Packer
from service.referral.templates import Templates
from service.settings import Settings
from service.store import Store
from service.store.seal import Seal


def mount(app: FastAPI, store: Store, settings: Settings) -> None:
    """Add the console's pages to ``app``: ``/``, ``/login``, ``/login/code``, ``/logout``, and those of
    ``permissions.PAGES``.

    Its style sheet and script lie at ``/console/static``.  Every response of ``app``, the API's too, gets
    the security headers.  Raises :class:`~service.settings.SecretUnusable` when cookies cannot be signed.
    """
    app.state.console = Console(
        store,
        Sessions(settings.secret(), settings.session_hours, settings.secure_cookies),
        environment(),
        settings.lockout(),
        settings.totp_roles(),
        settings.totp_seal(),
        Seal(settings.secret(), "totp-setup"),
    )
    app.state.referral_desk = referrals.Desk(
        Packer(store, settings.evidence, Templates(settings.referral_templates)), settings.referral_prefix
    )
    app.state.console_brake = AddressBrake()
    app.add_middleware(SecurityHeaders)
    for module in (login, account, keys, queue, case, referrals):
        app.include_router(module.router)
    app.mount("/console/static", StaticFiles(packages=[("service.console", "static")]), "console-static")
