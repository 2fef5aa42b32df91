"""Prints the progress and result of a crawl."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from crawler.extensions.stuck import STUCK

if TYPE_CHECKING:
    from crawler.run import CrawlSummary, Progress

_SHOWN_FAILURES = 10
_PLAIN_EVERY = 10.0
"""Seconds between progress lines when not on a terminal."""


def progress() -> tuple[Callable[["Progress"], None], Callable[[], None]]:
    """Return a function that shows progress, one line per source, and one that ends the display."""
    if sys.stderr.isatty():
        return _bar()
    last = time.monotonic()
    newest: dict[str, Progress] = {}

    def line(progress: "Progress") -> None:
        nonlocal last
        newest[progress.source] = progress
        if time.monotonic() - last >= _PLAIN_EVERY:
            last = time.monotonic()
            for source, each in newest.items():
                click.echo(f"{source}: {counts(each)}" if len(newest) > 1 else counts(each), err=True)

    return line, lambda: None


def _bar() -> tuple[Callable[["Progress"], None], Callable[[], None]]:
    from rich.console import Console  # noqa: PLC0415 (slow to import, and not needed for --help)
    from rich.markup import escape  # noqa: PLC0415
    from rich.status import Status  # noqa: PLC0415

    status = Status("starting", console=Console(stderr=True))
    status.start()
    newest: dict[str, Progress] = {}

    def update(progress: "Progress") -> None:
        newest[progress.source] = progress
        lines = [f"{escape(source):<20} {counts(each)}" for source, each in newest.items()]
        if len(lines) == 1:
            lines = [f"{counts(progress)}  [dim]{escape(progress.url[:80])}[/dim]"]
        status.update("\n".join(lines))

    return update, status.stop


def counts(found: Any) -> str:
    """Format the pages, listings, flagged listings and errors of a progress or a summary."""
    return f"{found.pages} pages, {found.listings} listings ({found.flagged} flagged), {found.errors} errors"


def conclude_all(summaries: Sequence["CrawlSummary"], database: str, job: Path | None) -> int:
    """Report each source of a plan, then the total; return the exit status."""
    status = 0
    for summary in summaries:
        click.echo(f"{summary.source}: {counts(summary)}{_beside(summary)}")
        status |= conclude(summary, database, job)
    total = {x: sum(getattr(s, x) for s in summaries) for x in ("pages", "listings", "flagged", "errors")}
    failed = [x.source for x in summaries if x.start_failures or x.unreachable]
    click.echo(f"{len(summaries)} sources: {counts(SimpleNamespace(**total))}")
    if failed:
        click.echo(f"error: not or not wholly read: {', '.join(failed)}", err=True)
    return status


def _beside(summary: "CrawlSummary") -> str:
    return fates(summary) + _named((summary.not_asked, "held back"), (summary.cut_short, "not wholly read"))


def fates(summary: "CrawlSummary") -> str:
    """Format how many known listings are gone, and how many a visit did not show without saying why."""
    return _named((summary.gone, "gone"), (summary.unclear, "unclear"))


def _named(*found: tuple[int, str]) -> str:
    return "".join(f", {n} {what}" for n, what in found if n)


def _tell_unread(summary: "CrawlSummary") -> None:
    for url, reason in summary.failures[:_SHOWN_FAILURES]:
        if url not in summary.start_failures:
            click.echo(f"  not read: {url}: {reason}", err=True)
    if summary.errors > _SHOWN_FAILURES:
        click.echo(f"  ... {summary.errors - _SHOWN_FAILURES} more; see {summary.log_file}", err=True)
    cut = summary.not_wholly_read
    for what in list(cut)[:_SHOWN_FAILURES]:
        click.echo(f"  not wholly read: {what}: {cut[what]}", err=True)
    if summary.cut_short > _SHOWN_FAILURES:
        click.echo(
            f"  ... {summary.cut_short - _SHOWN_FAILURES} more lists; see {summary.log_file}", err=True
        )


def conclude(summary: "CrawlSummary", database: str, job: Path | None) -> int:
    """Report a source's crawl; return the exit status."""
    status = 0
    if summary.listings:
        click.echo(f"evidence: {summary.evidence_dir}")
    _tell_unread(summary)
    for url, reason in summary.start_failures.items():
        click.echo(f"error: cannot crawl {url}: {reason}", err=True)
        status = 1
    if summary.unreachable and not status:
        click.echo(f"error: no page was read; see {summary.log_file}", err=True)
        status = 1
    if summary.without_evidence:
        click.echo(
            f"error: {summary.without_evidence} listings have no evidence; see {summary.log_file}", err=True
        )
        status = 1
    if summary.spooled:
        click.echo(
            f"error: the store did not take {summary.spooled} listings: {summary.spool_reason}\n"
            f"They are safe in {summary.spool_file}. Deposit them later with:\n"
            f"  ruthan crawl --deposit {summary.spool_file} --database {database}",
            err=True,
        )
        status = 1
    for text in summary.unmet:
        click.echo(f"error: {summary.source} brought {text}", err=True)
        status = 1
    for text in summary.warnings:
        click.echo(f"warning: {text}", err=True)
    if summary.disk_full:
        later = f"the same command (--job {job}) resumes where it stopped" if job else "run the command again"
        click.echo(f"error: stopped, the disk is full: {summary.disk_full}. Make room; {later}", err=True)
        status = 1
    elif summary.finish_reason == "closespider_pagecount":
        more = (
            f"run the same command again to resume (--job {job})"
            if job
            else "raise --max-pages (or max_pages of the source), or use --job DIR to resume later"
        )
        click.echo(f"stopped at the page limit; {more}")
    elif summary.finish_reason == STUCK:
        click.echo(f"error: ended, for nothing came any more; see {summary.log_file}", err=True)
        status = 1
    elif summary.finish_reason == "shutdown" and job:
        click.echo(f"interrupted; run the same command again to resume (--job {job})")
    elif summary.finish_reason == "daily_budget":
        click.echo("stopped: its budget of the day is spent; the day ends at midnight in Bangkok")
    return status
