"""The ASGI application: routes, middleware, lifespan."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from labels.version import VERSION
from service.api import keys, problems
from service.api.body import BodyLimit, Limit
from service.api.head import HeadAsGet
from service.api.openapi.document import SUMMARY, TITLE, DocumentedApp
from service.api.request_context import RequestContext
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
    takedowns,
    taxonomy,
    webhooks,
)
from service.api.uploads import Uploads
from service.batches.running import BatchRunner
from service.complaints.telling.channels import senders_of
from service.complaints.telling.courier import ComplaintCourier
from service.console import mount
from service.inference_pool.assessor import (
    Assessor,
    AssessorHolder,
    AssessorUnavailable,
    lanes_of,
    load_assessor,
)
from service.privacy.daily import DailyRetention, daily_rules
from service.running import worker
from service.running.kept_forms import KeptFormSweep
from service.running.metrics import Metrics
from service.running.rate_limits import RateLimits
from service.running.worker import in_turn
from service.second_look.dealer import Dealer
from service.settings import Settings
from service.store import open_store
from service.trusted_time.stamper import Stamper
from service.webhooks.courier import Courier

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
        keys,
        taxonomy,
        model,
    )
]


def api_routes() -> list[APIRoute]:
    """Return the API routes that the OpenAPI document describes; console routes are excluded."""
    return [route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def create_app(
    settings: Settings,
    assessor: Assessor | None = None,
    with_worker: bool = False,
    model_first: bool = False,
) -> FastAPI:
    """Create the API and the console as one ASGI application.

    Opens the store (raises :class:`~service.store.StoreError`; before it
    :class:`~service.running.rate_limits.RateLimitsUnusable` and :class:`~service.privacy.rules.RulesError`).
     The model is loaded in its own thread at startup, unless ``assessor`` is given. Until it is loaded, or if
     loading fails, ``/readyz`` and the routes that need the model answer 503 with the reason.
     ``with_worker`` runs a worker in the same process.  With ``model_first`` startup waits until loading has
     finished or failed: where several processes share an address, one without a model must not answer.
    """
    limits, rules = RateLimits(settings), daily_rules(settings)
    store = open_store(settings.database_url, settings.busy_timeout_seconds)
    holder = AssessorHolder(
        (lambda: assessor) if assessor is not None else (lambda: load_assessor(settings)), lanes_of(settings)
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        if assessor is not None:
            holder.load()
            threads = []
        else:
            threads = [holder.start()]
            while model_first and not await anyio.to_thread.run_sync(holder.wait, 0.2):
                pass
        if with_worker:
            courier = Courier(store, settings)
            retention = DailyRetention(store, rules, settings.evidence)
            stamper = Stamper(store, settings)
            answers = ComplaintCourier(store, senders_of(settings))
            workers = [
                threading.Thread(target=_work, args=(app, stop), name="ruthan-worker"),
                # Separate from the worker: deliveries wait neither for the model nor for a long batch.
                threading.Thread(target=courier.run, args=(stop,), name="ruthan-courier"),
                threading.Thread(target=answers.run, args=(stop,), name="ruthan-answers"),
            ]
            if rules:
                workers.append(threading.Thread(target=retention.run, args=(stop,), name="ruthan-retention"))
            if stamper.authorities:
                workers.append(threading.Thread(target=stamper.run, args=(stop,), name="ruthan-stamper"))
            for thread in workers:
                thread.start()
            threads += workers
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                await anyio.to_thread.run_sync(thread.join)
            # After the worker, which may still be waiting for the model.
            await anyio.to_thread.run_sync(holder.lanes.close)
            store.close()

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
    app.state.limits, app.state.metrics = (
        limits,
        Metrics(store, holder, [authority.name for authority in settings.timestamp_authorities]),
    )
    app.state.draining = threading.Event()
    app.state.uploads = Uploads(settings.max_uploads, settings.max_uploads_by_key)
    holder.lanes.watch(app.state.metrics)
    app.add_middleware(
        BodyLimit,
        limit=Limit(settings.max_body_bytes, settings.body_seconds),
        uploads={batches.router.prefix: Limit(settings.max_batch_bytes, settings.upload_seconds)},
        idle_seconds=settings.idle_seconds,
    )
    problems.install(app)
    app.state.api_routes = api_routes()
    for router in _ROUTERS:
        app.include_router(router)
    try:
        mount(app, store, settings, limits, (holder, app.state.metrics))
    except BaseException:
        store.close()
        raise
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestContext, metrics=app.state.metrics, draining=app.state.draining)
    return app


def _work(app: FastAPI, stop: threading.Event) -> None:
    holder: AssessorHolder = app.state.holder
    settings: Settings = app.state.settings
    while not holder.wait(0.2):
        if stop.is_set():
            return
    try:
        assessor = holder.get()
    except AssessorUnavailable:
        return  # already logged; the console works without a model
    worker.run(
        app.state.store,
        assessor,
        poll_seconds=settings.worker_poll_seconds,
        batch=settings.worker_batch,
        stop=stop,
        aside=in_turn(
            Dealer(app.state.store, settings).step,
            BatchRunner(app.state.store, assessor, settings).step,
            KeptFormSweep(app.state.store).step,
        ),
    )
