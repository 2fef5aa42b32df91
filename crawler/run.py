"""One crawl from the command line or from another program, and what came of it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.options import CrawlOptions
from crawler.spiders.shop import ShopSpider

LOG_NAME = "crawl.log"


@dataclass(frozen=True)
class Progress:
    """Where a running crawl stands."""

    pages: int
    listings: int
    errors: int
    url: str


@dataclass
class CrawlSummary:
    """What a crawl did; a resumed run counts its own part."""

    pages: int = 0
    listings: int = 0
    errors: int = 0
    without_evidence: int = 0
    spooled: int = 0
    spool_file: Path | None = None
    spool_reason: str = ""
    evidence_dir: Path = Path()
    log_file: Path | None = None
    failures: list[tuple[str, str]] = field(default_factory=list)
    start_failures: dict[str, str] = field(default_factory=dict)
    finish_reason: str = ""

    @property
    def unreachable(self) -> bool:
        """Whether not one start page could be fetched."""
        return self.pages == 0


def crawl(
    urls: Sequence[str],
    *,
    out: Path | None = None,
    database: str | None = None,
    job: Path | None = None,
    options: CrawlOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> CrawlSummary:
    """Crawl shops until they are read, or the page limit is met.

    ``database`` is a store URL, ``None`` for no deposit.  ``out`` takes ``listings.jsonl``, ``evidence/`` and
    the log; without it evidence lies in ``options.evidence``.  ``job`` is a folder that an interrupted
    crawl resumes from.

    Once per process: the reactor that Scrapy runs on cannot start twice.  Ctrl-C ends the crawl in good
    order, and a second one at once.  Raises ``ValueError`` for a URL that is no http(s) address.
    """
    ShopSpider(urls=list(urls))  # refuses bad addresses before anything is started
    options = options or CrawlOptions()
    summary = CrawlSummary(evidence_dir=out / "evidence" if out else options.evidence)
    settings = _settings(options, out, database, job)
    if log_file := settings.get("LOG_FILE"):
        summary.log_file = Path(log_file)
        summary.log_file.parent.mkdir(parents=True, exist_ok=True)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(ShopSpider)
    if on_progress is not None:
        _report(crawler, on_progress)
    process.crawl(crawler, urls=list(urls))
    process.start()
    _summarize(crawler, summary)
    for handler in [x for x in logging.root.handlers if isinstance(x, logging.FileHandler)]:
        if summary.log_file and Path(handler.baseFilename) == summary.log_file.resolve():
            logging.root.removeHandler(handler)
            handler.close()
    return summary


def _settings(options: CrawlOptions, out: Path | None, database: str | None, job: Path | None) -> Any:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    base = out or Path("var")
    chosen = {
        "USER_AGENT": options.user_agent,
        "CLOSESPIDER_PAGECOUNT": options.max_pages,
        "DEPTH_LIMIT": options.max_depth,
        "DOWNLOAD_MAXSIZE": options.max_bytes,
        "DOWNLOAD_TIMEOUT": options.timeout,
        "AUTOTHROTTLE_START_DELAY": options.delay,
        "CONCURRENT_REQUESTS": options.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": options.concurrency,
        "RETRY_TIMES": options.retries,
        "RUTHAN_CRAWL_ALLOW_PRIVATE": options.allow_private,
        "RUTHAN_DATABASE_URL": database or "",
        "RUTHAN_OUT_DIR": str(out or ""),
        "RUTHAN_EVIDENCE_DIR": str(out / "evidence" if out else options.evidence),
        "RUTHAN_SPOOL_DIR": str(base),
        "JOBDIR": str(job) if job else None,
        "LOG_FILE": str(base / LOG_NAME),
        "LOG_FILE_APPEND": True,
    }
    settings.setdict(chosen, priority="cmdline")
    return settings


def _report(crawler: Any, on_progress: Callable[[Progress], None]) -> None:
    def tell(response: Any) -> None:
        stats = crawler.stats
        pages, listings, errors = (stats.get_value(f"ruthan/{x}", 0) for x in ("pages", "listings", "errors"))
        on_progress(Progress(pages, listings, errors, response.url))

    # weak=False: nothing else holds this function.
    crawler.signals.connect(tell, signal=signals.response_received, weak=False)


def _summarize(crawler: Any, summary: CrawlSummary) -> None:
    stats = crawler.stats
    for name in ("pages", "listings", "errors", "without_evidence", "spooled"):
        setattr(summary, name, int(stats.get_value(f"ruthan/{name}", 0)))
    spool = stats.get_value("ruthan/spool_file")
    summary.spool_file = Path(spool) if spool else None
    summary.spool_reason = str(stats.get_value("ruthan/spool_reason", ""))
    summary.finish_reason = str(stats.get_value("finish_reason", ""))
    if crawler.spider is not None:
        summary.failures = list(crawler.spider.failures)
        summary.start_failures = dict(crawler.spider.start_failures)
