"""Prometheus metrics.  No label takes a value that a client could invent."""

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from labels.schema import Assessment
from labels.taxonomy import Verdict
from labels.version import VERSION
from service.inference_pool.assessor import AssessorHolder, AssessorUnavailable
from service.store import Store, StoreError

log = logging.getLogger(__name__)

KEPT_SECONDS = 10.0
"""How long figures of the store are cached: the queries scan every listing."""

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_BATCH = (1, 2, 5, 10, 20, 50, 100, 1000)
_SHARING = (1, 2, 4, 8, 16, 32, 64, 128, 256)

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable: the folder in which the processes of one service share counters."""


class Metrics:
    """The counters of one application, in a registry of its own.

    If :data:`SHARED_FOLDER` is set before prometheus_client is imported, every process exposes the sum over
    all processes.
    """

    def __init__(self, store: Store, holder: AssessorHolder, authorities: Sequence[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "ruthan_requests",
            "Requests answered.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ruthan_request_seconds",
            "Time from a request to the end of its answer.",
            ["route", "method"],
            buckets=_LATENCY,
            registry=self.registry,
        )
        self._batch = Histogram(
            "ruthan_classify_listings",
            "Listings in one request to /v1/classify or /v1/check.",
            buckets=_BATCH,
            registry=self.registry,
        )
        self._verdicts = Counter(
            "ruthan_classified",
            "Listings assessed for /v1/classify and /v1/check, by verdict.",
            ["verdict"],
            registry=self.registry,
        )
        for verdict in Verdict:
            self._verdicts.labels(verdict.value)
        self._requests_held = self._gauge(
            "ruthan_classify_waiting", "Requests with listings for the model that are not answered yet."
        )
        self._listings_held = self._gauge(
            "ruthan_classify_listings_waiting", "Listings of these requests that are not read to their end."
        )
        self._sharing = Histogram(
            "ruthan_classify_sharing",
            "Requests that shared the model, at each window it read.",
            buckets=_SHARING,
            registry=self.registry,
        )
        self._waited = Histogram(
            "ruthan_classify_wait_seconds",
            "Time from a request to the first window that the model read of it.",
            buckets=(0.001, *_LATENCY),
            registry=self.registry,
        )
        self._store = _StoreCollector(store, holder, authorities)
        self._shared = os.environ.get(SHARED_FOLDER)
        self.registry.register(self._store)
        if self._shared is None:
            # Per process, so omitted if there are several.
            ProcessCollector(registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self.registry, multiprocess_mode="livesum")

    def pool_holds(self, requests: int, listings: int) -> None:
        """Record what is waiting for the model."""
        self._requests_held.set(requests)
        self._listings_held.set(listings)

    def lane_turn(self, sharing: int) -> None:
        """Count a window, with the number of requests that shared the model."""
        self._sharing.observe(sharing)

    def lane_waited(self, seconds: float) -> None:
        """Record how long a request waited for its first window."""
        self._waited.observe(seconds)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is a template, never a path."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def classified(self, assessments: Sequence[Assessment]) -> None:
        """Count the assessments of a request to ``/v1/classify`` or ``/v1/check``."""
        self._batch.observe(len(assessments))
        for assessment in assessments:
            self._verdicts.labels(assessment.verdict.value).inc()

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        if self._shared is None:
            return generate_latest(self.registry)
        _forget_the_dead(Path(self._shared))
        together = CollectorRegistry()
        MultiProcessCollector(together, self._shared)  # type: ignore[no-untyped-call]
        together.register(self._store)
        return generate_latest(together)


class _StoreCollector(Collector):
    """Metrics of the store and the loaded model, collected on each scrape."""

    def __init__(self, store: Store, holder: AssessorHolder, authorities: Sequence[str]) -> None:
        self._store = store
        self._holder = holder
        self._authorities = authorities
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._until = 0.0

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registering must not query the store."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield metrics at most :data:`KEPT_SECONDS` old; omits the store's if it fails."""
        with self._lock:
            if time.monotonic() >= self._until:
                try:
                    self._kept = self._ask()
                except StoreError as error:
                    log.warning("the metrics omit the store's figures: %s", error)
                    self._kept = []
                self._until = time.monotonic() + KEPT_SECONDS
            return [*self._kept, *self._model()]

    def _ask(self) -> list[Metric]:
        counts = self._store.listings.counts()
        verdicts = GaugeMetricFamily(
            "ruthan_listings", "Listings in the store, by verdict.", labels=["verdict"]
        )
        for verdict in Verdict:
            verdicts.add_metric([verdict.value], counts.get(verdict, 0))
        verdicts.add_metric(["none"], counts.get(None, 0))
        waiting = GaugeMetricFamily(
            "ruthan_listings_waiting", "Listings that wait, by what they wait for.", labels=["stage"]
        )
        waiting.add_metric(["review"], self._store.reviews.waiting())
        try:
            waiting.add_metric(["assessment"], self._store.listings.waiting(self._holder.get().model_id))
        except AssessorUnavailable:
            waiting.add_metric(["assessment"], counts.get(None, 0))
        lines = GaugeMetricFamily(
            "ruthan_batch_lines_waiting", "Lines of unfinished batches that no worker has done."
        )
        lines.add_metric([], self._store.batches.lines_waiting())
        return [verdicts, waiting, lines, *self._time_stamps()]

    def _time_stamps(self) -> list[Metric]:
        waiting = GaugeMetricFamily(
            "ruthan_time_stamps_waiting", "Digests that wait for a time stamp.", labels=["authority"]
        )
        newest = GaugeMetricFamily(
            "ruthan_time_stamp_newest_seconds",
            "The newest time stamped, as a Unix time.",
            labels=["authority"],
        )
        offset = GaugeMetricFamily(
            "ruthan_time_stamp_clock_offset_seconds",
            "How far this machine's clock was ahead at the newest time stamp.",
            labels=["authority"],
        )
        for name in self._authorities:
            found = self._store.time_stamps.standing(name)
            waiting.add_metric([name], found.waiting)
            if found.newest is not None and found.offset is not None:
                newest.add_metric([name], found.newest.timestamp())
                offset.add_metric([name], found.offset.total_seconds())
        return [waiting, newest, offset] if self._authorities else []

    def _model(self) -> list[Metric]:
        about = InfoMetricFamily("ruthan_model", "The model in use; its id is empty while there is none.")
        try:
            model_id = self._holder.get().model_id
        except AssessorUnavailable:
            model_id = ""
        about.add_metric([], {"id": model_id, "ruthan": VERSION})
        return [about]


def _forget_the_dead(folder: Path) -> None:
    """Remove gauges of processes that ended; their counters stay."""
    for path in folder.glob("gauge_live*_*.db"):
        number = int(path.stem.rpartition("_")[2])
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another process was faster
                mark_process_dead(number, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue  # another user's process has this number now
