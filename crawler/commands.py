"""``ruthan crawl``."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from crawler.run import CrawlSummary, Progress

DEFAULT_DATABASE = "sqlite:///var/ruthan.db"
_SHOWN_FAILURES = 10
_PLAIN_EVERY = 10.0
"""Seconds between progress lines where there is no terminal."""


@click.command()
@click.argument("urls", nargs=-1, metavar="URL...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write listings.jsonl, evidence and log here.",
)
@click.option(
    "--database", metavar="URL", envvar="RUTHAN_DATABASE_URL", default=DEFAULT_DATABASE, show_default=True,
    help="Store to deposit in.",
)  # fmt: skip
@click.option(
    "--job", type=click.Path(path_type=Path, file_okay=False), help="Folder to resume the crawl from."
)
@click.option("--max-pages", type=click.IntRange(min=1), help="Pages to fetch at most in this run.")
@click.option("--delay", type=click.FloatRange(min=0), help="Seconds between requests at the start.")
@click.option("--allow-private", is_flag=True, help="Fetch from private and loopback addresses too.")
@click.option(
    "--deposit", "spool", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Deposit the listings of this spool or listings.jsonl file; crawl nothing.",
)  # fmt: skip
def crawl(
    urls: tuple[str, ...],
    out: Path | None,
    database: str,
    job: Path | None,
    max_pages: int | None,
    delay: float | None,
    allow_private: bool,
    spool: Path | None,
) -> None:
    """Crawl the shops at URL... for product listings, with evidence.

    Stays inside each URL's site, obeys robots.txt, and deposits every product page as a listing in the store.
    Exit status: 0 done; 1 a shop could not be reached, or the store did not take something; 2 bad usage.
    """
    if spool is not None:
        if urls:
            raise click.UsageError("--deposit crawls nothing: give either URLs or --deposit FILE")
        raise SystemExit(_redeposit(spool, database))
    if not urls:
        raise click.UsageError("give at least one URL to crawl, such as https://shop.example/")
    from pydantic import ValidationError

    from crawler.options import CrawlOptions
    from crawler.run import crawl as run

    chosen = {"max_pages": max_pages, "delay": delay, "allow_private": allow_private or None}
    try:
        options = CrawlOptions(**{k: v for k, v in chosen.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(x) for x in first["loc"]).upper()
        raise click.UsageError(f"RUTHAN_CRAWL_{name}: {first['msg']}") from error
    show, stop = _progress()
    try:
        summary = run(urls, out=out, database=database, job=job, options=options, on_progress=show)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot write the crawl's files: {error}") from error
    finally:
        stop()
    raise SystemExit(_conclude(summary, database, job))


def _progress() -> tuple[Callable[["Progress"], None], Callable[[], None]]:
    """A function that shows progress, and one that ends the show."""
    if sys.stderr.isatty():
        return _bar()
    last = time.monotonic()

    def line(progress: "Progress") -> None:
        nonlocal last
        if time.monotonic() - last >= _PLAIN_EVERY:
            last = time.monotonic()
            click.echo(_counts(progress), err=True)

    return line, lambda: None


def _bar() -> tuple[Callable[["Progress"], None], Callable[[], None]]:
    from rich.console import Console
    from rich.markup import escape
    from rich.status import Status

    status = Status("starting", console=Console(stderr=True))
    status.start()

    def update(progress: "Progress") -> None:
        status.update(f"{_counts(progress)}  [dim]{escape(progress.url[:80])}[/dim]")

    return update, status.stop


def _counts(found: Any) -> str:
    return f"{found.pages} pages, {found.listings} listings, {found.errors} errors"


def _conclude(summary: "CrawlSummary", database: str, job: Path | None) -> int:
    """Say what came of the crawl and give the exit status."""
    status = 0
    click.echo(_counts(summary))
    if summary.listings:
        click.echo(f"evidence: {summary.evidence_dir}")
    for url, reason in summary.failures[:_SHOWN_FAILURES]:
        if url not in summary.start_failures:
            click.echo(f"  not read: {url}: {reason}", err=True)
    if summary.errors > _SHOWN_FAILURES:
        click.echo(f"  ... {summary.errors - _SHOWN_FAILURES} more; see {summary.log_file}", err=True)
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
    if summary.finish_reason == "closespider_pagecount":
        more = (
            f"run the same command again to go on (--job {job})"
            if job
            else "raise --max-pages, or use --job DIR"
        )
        click.echo(f"stopped at the page limit; {more}")
    elif summary.finish_reason == "shutdown" and job:
        click.echo(f"interrupted; run the same command again to go on (--job {job})")
    return status


def _redeposit(spool: Path, database: str) -> int:
    from crawler.deposit import redeposit
    from service.store import StoreError, open_store

    try:
        store = open_store(database)
    except StoreError as error:
        raise click.ClickException(f"{error} Nothing was changed; {spool} is still whole.") from error
    try:
        taken, problems = redeposit(spool, store)
    except OSError as error:
        raise click.ClickException(f"cannot read {spool}: {error}") from error
    finally:
        store.close()
    click.echo(f"{taken} listings deposited")
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    if problems and spool.exists():
        click.echo(f"what was not deposited is still in {spool}", err=True)
    return 1 if problems else 0
