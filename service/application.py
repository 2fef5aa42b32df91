"""The ASGI application: the API with the console, the model, and the background jobs."""

import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial

import anyio
from fastapi import FastAPI

from service.api.app import create_api
from service.api.head import HeadAsGet
from service.api.request_context import RequestContext
from service.console import mount
from service.inference_pool.assessor import (
    Assessor,
    AssessorHolder,
    AssessorUnavailable,
    load_assessor,
    pool_of,
)
from service.privacy.daily import daily_rules
from service.running.jobs import Jobs
from service.running.rate_limits import RateLimits
from service.running.restarts import restarted
from service.running.sandbox import opened
from service.settings import Settings
from service.store import open_store


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
    with ExitStack() as stack:
        store = stack.enter_context(open_store(settings.database.url, settings.database.busy_timeout_seconds))
        trial = stack.enter_context(opened(settings))
        # From here on they stay open until the application ends.
        open_stores = stack.pop_all()
    holder = AssessorHolder(
        (lambda: assessor) if assessor is not None else (lambda: load_assessor(settings)), pool_of(settings)
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
        if jobs is not None:
            work = restarted(partial(_work, jobs, app), "ruthan-worker")
            workers = [threading.Thread(target=work, args=(stop,), name="ruthan-worker")]
            for name, run in jobs.threads().items():
                workers.append(threading.Thread(target=run, args=(stop,), name=name))
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
            await anyio.to_thread.run_sync(holder.pool.close)
            await anyio.to_thread.run_sync(app.state.pictures.close)
            open_stores.close()

    try:
        jobs = Jobs(store, settings, rules, trial) if with_worker else None
        app = create_api(settings, store, holder, limits, lifespan, trial)
        mount(app, store, settings, limits, (holder, app.state.metrics))
    except BaseException:
        open_stores.close()
        raise
    # Outside the rest: they see the requests of API and console.
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestContext, metrics=app.state.metrics, draining=app.state.draining)
    return app


def _work(jobs: Jobs, app: FastAPI, stop: threading.Event) -> None:
    holder: AssessorHolder = app.state.holder
    while not holder.wait(0.2):
        if stop.is_set():
            return
    try:
        assessor = holder.get()
    except AssessorUnavailable:
        return  # already logged; the console works without a model
    jobs.work(assessor, stop, reader=app.state.pictures)
