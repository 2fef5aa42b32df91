"""Implements ``ruthan crawl --due``: revisits the listings that are due."""

from collections.abc import Sequence
from pathlib import Path

import click

from crawler.middleware.limits import stopped_by
from crawler.options import CrawlOptions
from crawler.plan.commands import read_plan
from crawler.reporting import conclude, counts, fates, progress
from crawler.run import Source, run_sources
from crawler.spiders.due import DueSpider, address_of
from service.store import StoreError, open_store
from service.store.listings.recrawl import DuePage


def due_pages(
    database: str, options: CrawlOptions, stop: Sequence[str] = ()
) -> tuple[list[DuePage], list[tuple[DuePage, str]]]:
    """Return the most urgent due pages, up to one run's limit, and those that a stop list holds back.

    Each page held back comes with the entry that matches it.
    """
    asked = options.max_pages
    try:
        with open_store(database) as store:
            while True:
                found = store.recrawl.due(asked)
                entries = [stopped_by(stop, x.url, address_of(x), x.seller_url, x.seller) for x in found]
                free = [page for page, entry in zip(found, entries, strict=True) if not entry]
                # Pages held back stay due and must not crowd out those that follow.
                if len(free) >= options.max_pages or len(found) < asked:
                    held = [(page, entry) for page, entry in zip(found, entries, strict=True) if entry]
                    return free[: options.max_pages], held
                asked *= 2
    except StoreError as error:
        raise click.ClickException(str(error)) from error


def crawl_due(
    database: str,
    plan: Path | None,
    *,
    out: Path | None,
    job: Path | None,
    options: CrawlOptions,
    dry_run: bool = False,
) -> int:
    """Visit the due pages (or only list them) and report the outcome.

    Pages on the stop list of ``plan`` are not visited. Returns the exit status.
    """
    stop = read_plan(plan).stop if plan is not None else []
    pages, held = due_pages(database, options, stop)
    if dry_run:
        for page in pages:
            click.echo(f"{address_of(page)}  last visit {page.last_visit.isoformat(timespec='minutes')}")
        for page, entry in held:
            click.echo(f"held back: {address_of(page)} is on the stop list ({entry})")
        click.echo(f"{len(pages)} pages are due{_held_back(len(held))}; nothing was fetched")
        return 0
    if not pages:
        click.echo(f"no listing is due{_held_back(len(held))}")
        return 0
    # ``due_pages`` keeps the limit: the other address of a page does not count towards it.
    settings = {"JOBDIR": str(job) if job else None, "RUTHAN_STOP": stop, "CLOSESPIDER_PAGECOUNT": 0}
    show, end = progress()
    try:
        (summary,) = run_sources(
            [Source("due", DueSpider, {"pages": pages}, settings)],
            out=out,
            database=database,
            options=options,
            on_progress=show,
        )
    except OSError as error:
        raise click.ClickException(f"cannot write the crawl's files: {error}") from error
    finally:
        end()
    # A page may also lead to an address on the list.
    click.echo(f"{counts(summary)}{fates(summary)}{_held_back(len(held) + summary.not_asked)}")
    return conclude(summary, database, job)


def _held_back(number: int) -> str:
    return f", {number} held back by the stop list" if number else ""
