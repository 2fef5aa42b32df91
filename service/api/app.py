"""The API as an ASGI application: routes and middleware."""

import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from inference.pictures.reader import PictureReader
from labels.version import VERSION
from service.api import keys, problems
from service.api.body import BodyLimit, Limit
from service.api.openapi.document import SUMMARY, TITLE, DocumentedApp
from service.api.routes import (
    appeals,
    batches,
    check,
    classify,
    complaints,
    health,
    listings,
    metrics,
    model,
    sandbox,
    takedowns,
    taxonomy,
    webhooks,
)
from service.api.uploads import Uploads
from service.inference_pool.assessor import AssessorHolder
from service.running.metrics import Metrics
from service.running.rate_limits import RateLimits
from service.running.sandbox import Sandbox
from service.settings import Settings
from service.store import Store

_ROUTERS = [
    module.router
    for module in (
        health,
        metrics,
        classify,
        check,
        listings,
        batches,
        complaints,
        takedowns,
        appeals,
        webhooks,
        sandbox,
        keys,
        taxonomy,
        model,
    )
]


def api_routes() -> list[APIRoute]:
    """Return the API routes that the OpenAPI document describes; console routes are excluded."""
    return [route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def create_api(
    settings: Settings,
    store: Store,
    holder: AssessorHolder,
    limits: RateLimits,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    trial: Sandbox | None = None,
) -> FastAPI:
    """Create the API.  Until ``holder`` has loaded the model, what needs it answers 503 with the reason.

    Sandbox keys meet ``trial`` and nothing else.
    """
    app = DocumentedApp(
        title=TITLE,
        version=VERSION,
        summary=SUMMARY,
        lifespan=lifespan,
        # A redirect would use the host from the request, which an attacker can choose.
        redirect_slashes=False,
        # The interactive pages load scripts from a CDN; client tools read /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings, app.state.store, app.state.holder = settings, store, holder
    app.state.sandbox = trial
    app.state.limits, app.state.metrics = (
        limits,
        Metrics(store, holder, [authority.name for authority in settings.timestamp.authorities]),
    )
    app.state.draining, app.state.pictures = threading.Event(), PictureReader()
    app.state.uploads = Uploads(settings.max.uploads, settings.max.uploads_by_key)
    holder.pool.watch(app.state.metrics)
    app.add_middleware(
        BodyLimit,
        limit=Limit(settings.max.body_bytes, settings.server.body_seconds),
        uploads={batches.router.prefix: Limit(settings.max.batch_bytes, settings.batch.upload_seconds)},
        idle_seconds=settings.server.idle_seconds,
    )
    problems.install(app)
    app.state.api_routes = api_routes()
    for router in _ROUTERS:
        app.include_router(router)
    return app
