"""Runs one or several sources, from the command line or another program."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.extensions.disk import WHY
from crawler.frontier.jobs import restart_where_finished
from crawler.middleware.secrets import redact
from crawler.options import CrawlOptions
from crawler.spiders.source import SourceSpider
from crawler.spiders.websites.shop import ShopSpider
from labels.files.private import make_folder, touch

LOG_NAME = "crawl.log"
BUDGET_NAME = "crawl-budget.json"
COUNTS = (
    "pages", "listings", "flagged", "errors", "gone", "unclear", "not_asked", "cut_short",
    "without_evidence", "spooled",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One thing to crawl: its spider, the spider's arguments, and its own settings."""

    label: str
    spider: type[SourceSpider]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Progress of a source in a running crawl."""

    pages: int
    listings: int
    errors: int
    url: str
    source: str = ""
    flagged: int = 0


@dataclass
class CrawlSummary:
    """Result of a source's crawl; a resumed run counts only its own part."""

    source: str = ""
    pages: int = 0
    listings: int = 0
    flagged: int = 0
    errors: int = 0
    gone: int = 0
    unclear: int = 0
    not_asked: int = 0
    cut_short: int = 0
    without_evidence: int = 0
    spooled: int = 0
    spool_file: Path | None = None
    spool_reason: str = ""
    evidence_dir: Path = Path()
    log_file: Path | None = None
    failures: list[tuple[str, str]] = field(default_factory=list)
    start_failures: dict[str, str] = field(default_factory=dict)
    not_wholly_read: dict[str, str] = field(default_factory=dict)
    """Lists not read to their end, each with the limit that stopped it."""
    finish_reason: str = ""
    disk_full: str = ""
    """Where disk space ran out, as text."""
    unmet: list[str] = field(default_factory=list)
    """The plan's expectations that this run did not meet."""
    warnings: list[str] = field(default_factory=list)
    """Differences from earlier runs (``crawler.middleware.monitor``)."""

    @property
    def unreachable(self) -> bool:
        """Whether there was something to read and not a single page could be."""
        return self.pages == 0 and self.errors > 0


def crawl(
    urls: Sequence[str],
    *,
    out: Path | None = None,
    database: str | None = None,
    job: Path | None = None,
    options: CrawlOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> CrawlSummary:
    """Crawl shops to their end or to the page limit (see :func:`run_sources`).

    ``job`` is a folder that an interrupted crawl resumes from. Raises ``ValueError`` for a URL that is no
    http(s) address.
    """
    spider = ShopSpider(urls=list(urls))  # rejects invalid addresses before anything starts
    settings = {"JOBDIR": str(job) if job else None, "RUTHAN_SITES": sorted(spider.sites)}
    source = Source("shop", ShopSpider, {"urls": list(urls)}, settings)
    (summary,) = run_sources([source], out=out, database=database, options=options, on_progress=on_progress)
    return summary


def run_sources(
    sources: Sequence[Source],
    *,
    out: Path | None = None,
    database: str | None = None,
    options: CrawlOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> list[CrawlSummary]:
    """Crawl all sources concurrently and return their summaries in the same order; failures are independent.

    A job that an earlier run finished starts over.

    ``database`` is a store URL, ``None`` for no deposit. ``out`` receives ``listings.jsonl``, ``evidence/``
    and the log; without it, evidence goes to ``options.evidence``.

    Call it once per process: Scrapy's reactor cannot be restarted. Ctrl-C ends the crawl gracefully, a second
    one immediately.
    """
    options = options or CrawlOptions()
    settings = _settings(options, out, database)
    log_file = Path(settings["LOG_FILE"])
    make_folder(log_file.parent)
    touch(log_file)
    process = AsyncCrawlerProcess(settings)
    jobs = [Path(x.settings["JOBDIR"]) for x in sources if x.settings.get("JOBDIR")]
    for job in jobs:
        make_folder(job)  # before Scrapy creates it readable for everybody
    restart_where_finished(jobs)
    running = []
    for source in sources:
        own = settings.copy()
        own.setdict({"RUTHAN_SOURCE": source.label, **source.settings}, priority="cmdline")
        crawler = Crawler(source.spider, own)
        if on_progress is not None:
            _report(crawler, source.label, on_progress)
        running.append((source, crawler, process.crawl(crawler, **source.arguments)))
    process.start()
    summaries = []
    for source, crawler, task in running:
        summary = CrawlSummary(
            source.label, evidence_dir=out / "evidence" if out else options.evidence, log_file=log_file
        )
        _summarize(crawler, summary)
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            summary.start_failures.setdefault(source.label, redact(f"did not start: {error}"))
            summary.errors += 1
        summaries.append(summary)
    _let_go(log_file)
    return summaries


def _settings(options: CrawlOptions, out: Path | None, database: str | None) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    base = out or Path("var")
    chosen = {
        "USER_AGENT": options.user_agent,
        "CLOSESPIDER_PAGECOUNT": options.max_pages,
        "DEPTH_LIMIT": options.max_depth,
        "RUTHAN_LIST_PAGES": options.list_pages,
        "DOWNLOAD_MAXSIZE": options.max_bytes,
        "DOWNLOAD_TIMEOUT": options.timeout,
        "AUTOTHROTTLE_START_DELAY": options.delay,
        "CONCURRENT_REQUESTS": options.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": options.concurrency,
        "RETRY_TIMES": options.retries,
        "RUTHAN_API_TRIES": options.retries,
        "RUTHAN_API_FIRST_WAIT": options.first_wait,
        "RUTHAN_API_LONGEST_WAIT": options.longest_wait,
        "RUTHAN_CRAWL_ALLOW_PRIVATE": options.allow_private,
        "RUTHAN_CRAWL_MIN_FREE": options.min_free,
        "RUTHAN_CRAWL_STUCK": options.stuck,
        "RUTHAN_DATABASE_URL": database or "",
        "RUTHAN_OUT_DIR": str(out or ""),
        "RUTHAN_EVIDENCE_DIR": str(out / "evidence" if out else options.evidence),
        "RUTHAN_CRAWL_PICTURES": options.pictures,
        "RUTHAN_PICTURES_DIR": str(out / "pictures" if out else options.kept_pictures),
        "RUTHAN_SPOOL_DIR": str(base),
        "RUTHAN_BUDGET_FILE": str(base / BUDGET_NAME),
        "LOG_FILE": str(base / LOG_NAME),
        "LOG_FILE_APPEND": True,
    }
    # Lower priority than a spider's own settings, which fit its API.
    settings.setdict(chosen, priority="project")
    return settings


def _report(crawler: Crawler, label: str, on_progress: Callable[[Progress], None]) -> None:
    def tell(url: str = "") -> None:
        assert crawler.stats is not None
        counts = {x: int(crawler.stats.get_value(f"ruthan/{x}", 0)) for x in COUNTS[:4]}
        on_progress(Progress(url=redact(url), source=label, **counts))

    def received(response: Any) -> None:
        tell(response.url)

    def scraped() -> None:
        tell()

    # weak=False: nothing else references these functions.
    crawler.signals.connect(received, signal=signals.response_received, weak=False)
    crawler.signals.connect(scraped, signal=signals.item_scraped, weak=False)


def _summarize(crawler: Crawler, summary: CrawlSummary) -> None:
    stats = crawler.stats
    if stats is None:  # it never started
        return
    for name in COUNTS:
        setattr(summary, name, int(stats.get_value(f"ruthan/{name}", 0)))
    spool = stats.get_value("ruthan/spool_file")
    summary.spool_file = Path(spool) if spool else None
    summary.spool_reason = str(stats.get_value("ruthan/spool_reason", ""))
    summary.disk_full = str(stats.get_value(WHY, ""))
    summary.finish_reason = str(stats.get_value("finish_reason", ""))
    summary.unmet = list(stats.get_value("ruthan/unmet", []))
    summary.warnings = list(stats.get_value("ruthan/warnings", []))
    spider = crawler.spider
    if isinstance(spider, SourceSpider):
        summary.failures = list(spider.failures)
        summary.start_failures = dict(spider.start_failures)
        summary.not_wholly_read = dict(spider.not_wholly_read)


def _let_go(log_file: Path) -> None:
    for handler in [x for x in logging.root.handlers if isinstance(x, logging.FileHandler)]:
        if Path(handler.baseFilename) == log_file.resolve():
            logging.root.removeHandler(handler)
            with suppress(OSError):  # no disk space for its last lines
                handler.close()
