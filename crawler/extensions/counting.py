"""Prometheus metrics of a crawl, from Scrapy's statistics."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from scrapy import signals
from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

_COUNTED: Final = {
    "pages": ("ruthan/pages", "Pages read."),
    "listings": ("ruthan/listings", "Listings met."),
    "flagged": ("ruthan/flagged", "Listings that name a watched phrase."),
    "unchanged": ("ruthan/unchanged", "Listings whose page was already in evidence."),
    "gone": ("ruthan/gone", "Listings found gone."),
    "unclear": ("ruthan/unclear", "Visits that showed no listing without saying why."),
    "cut_short": ("ruthan/cut_short", "Lists not read to their end because of a limit."),
    "errors": ("ruthan/errors", "Pages that could not be read."),
    "waits": ("ruthan/waits", "Backoff pauses of sites."),
    "without_evidence": ("ruthan/without_evidence", "Listings whose evidence could not be written."),
    "spooled": ("ruthan/spooled", "Listings that the store did not take."),
    "requests": ("downloader/request_count", "Requests sent."),
    "retries": ("retry/count", "Requests sent again."),
}
_BYTES: Final = "downloader/response_bytes"
_STATUS: Final = "downloader/response_status_count/"
_CLASSES: Final = "12345"
_SHARED = Lock()
_server_port: int | None = None


class CrawlCollector(Collector):
    """Collects the counters of the sources that this process crawls.

    No label takes a value that a site could invent.
    """

    def __init__(self) -> None:
        self.sources: dict[str, Crawler] = {}
        self.ended: dict[str, float] = {}

    def collect(self) -> Iterator[Metric]:
        """Yield the current counters."""
        stats = {name: _stats(crawler) for name, crawler in list(self.sources.items())}
        for name, (key, help_text) in _COUNTED.items():
            family = CounterMetricFamily(f"ruthan_crawl_{name}", help_text, labels=["source"])
            for source, values in stats.items():
                family.add_metric([source], float(values.get(key, 0)))
            yield family
        size = CounterMetricFamily("ruthan_crawl_received_bytes", "Bytes received.", labels=["source"])
        answers = CounterMetricFamily(
            "ruthan_crawl_responses", "Responses, by class of status.", labels=["source", "status"]
        )
        ended = GaugeMetricFamily(
            "ruthan_crawl_ended_seconds",
            "When the source's last run ended, as a Unix time.",
            labels=["source"],
        )
        for source, values in stats.items():
            size.add_metric([source], float(values.get(_BYTES, 0)))
            for digit in _CLASSES:
                counts = [v for k, v in values.items() if k.startswith(_STATUS + digit)]
                answers.add_metric([source, f"{digit}xx"], float(sum(counts)))
            if source in self.ended:
                ended.add_metric([source], self.ended[source])
        yield from (size, answers, ended)


COLLECTOR: Final = CrawlCollector()
"""One per process: its sources are crawled concurrently and exported together."""
REGISTRY: Final = CollectorRegistry()
REGISTRY.register(COLLECTOR)


class CrawlCounters:
    """Extension that exports the counters over HTTP and to a file.

    It serves them on ``RUTHAN_CRAWL_METRICS_PORT`` during the crawl, and writes ``RUTHAN_CRAWL_METRICS_FILE``
    for node_exporter's textfile collector when a source ends.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self.source: str = settings["RUTHAN_SOURCE"]
        self.file = Path(name) if (name := settings["RUTHAN_CRAWL_METRICS_FILE"]) else None
        self.port = settings.getint("RUTHAN_CRAWL_METRICS_PORT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.opened, signal=signals.spider_opened)
        crawler.signals.connect(made.stopped, signal=signals.engine_stopped)
        return made

    def opened(self) -> None:
        """Export this source from now on."""
        COLLECTOR.sources[self.source] = self.crawler
        if self.port:
            _serve(self.port)

    def stopped(self) -> None:
        """Write the file; failing to do so does not fail the crawl."""
        finished = _stats(self.crawler).get("finish_time")
        if finished is not None:
            COLLECTOR.ended[self.source] = finished.timestamp()
        if self.file is None:
            return
        try:
            with _SHARED:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                write_to_textfile(os.fspath(self.file), REGISTRY)
        except OSError as error:
            log.error("cannot write the counters to %s: %s", self.file, error)


def _serve(port: int) -> None:
    """Serve on loopback, once per process."""
    global _server_port  # noqa: PLW0603 (one server for all sources of the process)
    with _SHARED:
        if _server_port is not None:
            return
        try:
            start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
            _server_port = port
        except OSError as error:
            log.error("cannot serve the counters on port %d: %s", port, error)


def _stats(crawler: Crawler) -> dict[str, Any]:
    return dict(crawler.stats.get_stats()) if crawler.stats is not None else {}
