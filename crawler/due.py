"""``ruthan crawl --due``: visit again the listings whose turn it is."""

from pathlib import Path

import click

from crawler.options import CrawlOptions
from crawler.reporting import conclude, counts, progress
from crawler.run import Source, run_sources
from crawler.spiders.due import DueSpider
from service.store import StoreError, open_store
from service.store.recrawl import DuePage


def due_pages(database: str, options: CrawlOptions) -> list[DuePage]:
    """The pages that are due, the most pressing first, as many as one run may fetch."""
    try:
        with open_store(database) as store:
            return store.recrawl.due(options.max_pages)
    except StoreError as error:
        raise click.ClickException(str(error)) from error


def crawl_due(
    database: str, *, out: Path | None, job: Path | None, options: CrawlOptions, dry_run: bool = False
) -> int:
    """Visit the pages that are due (or only say which they are), and say what became of them.

    Gives the exit status.
    """
    pages = due_pages(database, options)
    if dry_run:
        for page in pages:
            click.echo(f"{page.url}  last visit {page.last_visit.isoformat(timespec='minutes')}")
        click.echo(f"{len(pages)} pages are due")
        return 0
    if not pages:
        click.echo("no listing is due")
        return 0
    settings = {"JOBDIR": str(job) if job else None}
    show, stop = progress()
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
        stop()
    click.echo(counts(summary))
    return conclude(summary, database, job)
