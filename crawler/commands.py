"""``ruthan crawl``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.reporting import conclude, counts, progress

if TYPE_CHECKING:
    from crawler.options import CrawlOptions

DEFAULT_DATABASE = "sqlite:///var/ruthan.db"


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
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Crawl what this YAML file names, all sources at once.",
)
@click.option(
    "--due",
    is_flag=True,
    help="Revisit the listings that are due, except those on the stop list of --plan; "
    "--max-pages limits their number.",
)
@click.option(
    "--dry-run", is_flag=True, help="With --plan or --due: show what would be fetched; fetch nothing."
)
@click.option(
    "--write-terms",
    "terms_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the words of the claims that reviewers confirmed to this file, for a plan; crawl nothing.",
)
@click.option(
    "--authorize",
    "granting",
    metavar="SOURCE:SHOP",
    help="Ask for the code or key that a shop gave, and store it for the next crawl; crawl nothing.",
)
@click.option("--refresh-token", is_flag=True, help="With --authorize: enter a refresh token, not a code.")
@click.option(
    "--deposit", "spool", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Deposit the listings of this spool or listings.jsonl file; crawl nothing.",
)  # fmt: skip
@click.pass_context
def crawl(
    context: click.Context,
    urls: tuple[str, ...],
    out: Path | None,
    database: str,
    job: Path | None,
    max_pages: int | None,
    delay: float | None,
    allow_private: bool,
    plan_file: Path | None,
    due: bool,
    dry_run: bool,
    terms_file: Path | None,
    granting: str | None,
    refresh_token: bool,
    spool: Path | None,
) -> None:
    """Crawl the shops at URL..., or the sources of a plan, for listings with evidence.

    Stays inside each URL's site, obeys robots.txt, and deposits every product page as a listing in the store.
    Exit status: 0 done; 1 a source could not be read, or the store did not take something; 2 bad usage.
    """
    _check_usage(urls, None if due else plan_file, terms_file, granting, due, dry_run, refresh_token)
    if granting is not None:
        from crawler.api.authorization import authorize

        authorize(granting, refresh_token=refresh_token)
        return
    if terms_file is not None:
        from crawler.plan.commands import write_terms

        raise SystemExit(write_terms(context, terms_file, database))
    if spool is not None:
        if urls:
            raise click.UsageError("--deposit crawls nothing: give either URLs or --deposit FILE")
        raise SystemExit(_redeposit(spool, database))
    if not urls and plan_file is None and not due:
        raise click.UsageError(
            "give at least one URL to crawl, such as https://shop.example/, or --plan FILE"
        )
    options = _options(max_pages, delay, allow_private)
    if due:
        from crawler.due import crawl_due

        raise SystemExit(crawl_due(database, plan_file, out=out, job=job, options=options, dry_run=dry_run))
    if plan_file is not None:
        from crawler.plan.commands import crawl_plan, show_plan

        if dry_run:
            raise SystemExit(show_plan(plan_file, out))
        raise SystemExit(crawl_plan(plan_file, out=out, database=database, job=job, options=options))
    from crawler.run import crawl as run

    show, stop = progress()
    try:
        summary = run(urls, out=out, database=database, job=job, options=options, on_progress=show)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot write the crawl's files: {error}") from error
    finally:
        stop()
    click.echo(counts(summary))
    raise SystemExit(conclude(summary, database, job))


def _check_usage(
    urls: tuple[str, ...],
    plan_file: Path | None,
    terms_file: Path | None,
    granting: str | None,
    due: bool,
    dry_run: bool,
    refresh_token: bool,
) -> None:
    if sum(map(bool, (urls, plan_file, terms_file, granting, due))) > 1:
        raise click.UsageError(
            "give one of URL..., --plan FILE, --due (which may have a plan for its stop list), "
            "--write-terms FILE and --authorize SOURCE:SHOP"
        )
    if dry_run and plan_file is None and not due:
        raise click.UsageError("--dry-run needs --plan FILE or --due")
    if refresh_token and granting is None:
        raise click.UsageError("--refresh-token needs --authorize SOURCE:SHOP")


def _options(max_pages: int | None, delay: float | None, allow_private: bool) -> "CrawlOptions":
    from pydantic import ValidationError

    from crawler.options import CrawlOptions

    chosen = {"max_pages": max_pages, "delay": delay, "allow_private": allow_private or None}
    try:
        return CrawlOptions(**{k: v for k, v in chosen.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(x) for x in first["loc"]).upper()
        raise click.UsageError(f"RUTHAN_CRAWL_{name}: {first['msg']}") from error


def _redeposit(spool: Path, database: str) -> int:
    from crawler.pipeline.depositor import redeposit
    from service.store import StoreError, open_store

    try:
        store = open_store(database)
    except StoreError as error:
        raise click.ClickException(f"{error} Nothing was changed; {spool} is intact.") from error
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
        click.echo(f"undeposited listings are still in {spool}", err=True)
    return 1 if problems else 0
