"""Stops a crawl when the disk is full, and leaves unsaved pages to be fetched again."""

import asyncio
import errno
import logging
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Final, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.job import job_dir

log = logging.getLogger(__name__)

DISK_FULL: Final = "disk_full"
"""Finish reason of a source that ran out of disk space."""
WHY: Final = "ruthan/disk_full"
"""Statistic: a description of where disk space ran out."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE: Final = ("disk is full", "disk I/O error")


class NoRoom(OSError):
    """Something could not be written for lack of disk space; the crawl stops."""


def is_full(error: BaseException | None) -> bool:
    """Whether an error or its cause says that a disk, a quota or a file size limit is full."""
    for _ in range(5):
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        if isinstance(error, sqlite3.OperationalError) and any(x in str(error) for x in _SQLITE):
            return True
        if error is None:
            return False
        error = error.__cause__ or error.__context__
    return False


def stop(crawler: Crawler, why: str) -> None:
    """Stop crawling this source for lack of disk space, once; requests in flight may finish."""
    stats = crawler.stats
    if stats is None or stats.get_value(WHY):
        return
    stats.set_value(WHY, why)
    log.error("the crawl stops: %s", why)
    if crawler.engine is not None:
        task = asyncio.ensure_future(crawler.engine.close_spider_async(reason=DISK_FULL))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


def has_stopped(crawler: Crawler) -> bool:
    """Whether the crawl is stopping for lack of disk space, so that nothing it does now counts as done."""
    return bool(crawler.stats is not None and crawler.stats.get_value(WHY))


class DiskWatch:
    """Extension that stops the crawl while there is still space for requests in flight and for the store.

    It checks the folders of evidence, spool and job before the first request and after every response.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.least = settings.getint("RUTHAN_CRAWL_MIN_FREE")
        folders = (settings["RUTHAN_EVIDENCE_DIR"], settings["RUTHAN_SPOOL_DIR"], job_dir(settings))
        self.folders = list(dict.fromkeys(Path(x) for x in folders if x))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.opened, signal=signals.spider_opened)
        crawler.signals.connect(made.answered, signal=signals.response_received)
        return made

    def opened(self) -> None:
        """Prepare the source's own log."""
        quiet_logs()
        self.look()

    def answered(self, response: Response) -> None:
        """Check again: this response has to be stored."""
        self.look()

    def look(self) -> None:
        """Stop the crawl if too little space is left."""
        for folder in self.folders:
            free = room_in(folder)
            if free is not None and free < self.least:
                stop(self.crawler, f"{free:,} bytes are free in {folder}, and {self.least:,} must stay free")
                return


def room_in(folder: Path) -> int | None:
    """Return the free bytes where a folder is or will be; ``None`` if unknown."""
    there = next((x for x in (folder, *folder.absolute().parents) if x.exists()), None)
    try:
        return shutil.disk_usage(there).free if there is not None else None
    except OSError:
        return None


def quiet_logs() -> None:
    """Drop log lines that cannot be written; by default, logging reports each of them on stderr."""
    for handler in logging.root.handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handleError = _unheard  # type: ignore[method-assign]


def _unheard(record: Any) -> None:
    """Ignore the error: there is nowhere to report it."""
