"""The review console: pages in Thai for the people who decide."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.console import case, login, queue
from service.console.headers import SecurityHeaders
from service.console.session import Sessions
from service.console.web import Console, environment
from service.settings import Settings
from service.store import Store


def mount(app: FastAPI, store: Store, settings: Settings) -> None:
    """Add the console's pages to ``app``, at ``/``, ``/login``, ``/logout``, ``/queue``, ``/cases/{id}``.

    Its style sheet and script lie at ``/console/static``.  Every response of ``app``, the API's too, gets
    the security headers.  Raises :class:`~service.settings.SecretUnusable` when cookies cannot be signed.
    """
    sessions = Sessions(settings.secret(), settings.session_hours, settings.secure_cookies)
    app.state.console = Console(store, sessions, environment())
    app.state.console_failures = login.Failures()
    app.add_middleware(SecurityHeaders)
    for module in (login, queue, case):
        app.include_router(module.router)
    app.mount("/console/static", StaticFiles(packages=[("service.console", "static")]), "console-static")
