"""Implements ``ruthan crawl`` with a plan."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.plan.reading import Plan, PlanError, load_plan
from crawler.reporting import conclude_all, progress

if TYPE_CHECKING:
    from crawler.options import CrawlOptions


def crawl_plan(
    path: Path, *, out: Path | None, database: str, job: Path | None, options: "CrawlOptions"
) -> int:
    """Crawl a plan's sources concurrently; return the exit status."""
    from crawler.plan.running import sources_of
    from crawler.run import run_sources

    sources = sources_of(read_plan(path), job)
    if not sources:
        raise click.UsageError(f"{path}: every source is switched off")
    show, stop = progress()
    try:
        summaries = run_sources(sources, out=out, database=database, options=options, on_progress=show)
    except OSError as error:
        raise click.ClickException(f"cannot write the crawl's files: {error}") from error
    finally:
        stop()
    return conclude_all(summaries, database, job)


def show_plan(path: Path, out: Path | None) -> int:
    """Print what a crawl of the plan would fetch first; return 1 if something prevents a source."""
    from crawler.plan.running import dry_run
    from crawler.run import BUDGET_NAME

    status = 0
    for line in dry_run(read_plan(path), (out or Path("var")) / BUDGET_NAME):
        click.echo(line)
        status |= line.lstrip().startswith("!")
    click.echo("nothing was fetched")
    return status


def write_terms(context: click.Context, path: Path, database: str) -> int:
    """Write the words of confirmed claims, most frequent first."""
    from crawler.plan.terms import confirmed_terms

    if context.obj is None:
        raise click.UsageError("--write-terms works through the command `ruthan crawl` only")
    records, _ = context.obj.reviewed(database)
    terms = confirmed_terms(records)
    text = "".join(f"{x}\n" for x in ["# Words of claims that reviewers confirmed", *terms])
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error}") from error
    click.echo(f"{len(terms)} terms written to {path}")
    return 0


def read_plan(path: Path) -> Plan:
    """Read a plan; on error, exit with a message that says what to correct."""
    try:
        return load_plan(path)
    except PlanError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error}") from error
