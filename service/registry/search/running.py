"""Implements ``ruthan registry fetch``."""

from pathlib import Path

import click

from service.registry.columns import parse_mapping
from service.registry.progress import counted
from service.registry.rows import Reading
from service.registry.search.cache import AnswerCache, CacheUnusable
from service.registry.search.fetch import Fetched, fetch, write
from service.registry.status_words import parse_status_words
from service.settings import Settings


def run_fetch(settings: Settings, numbers: Path, out: Path) -> None:
    """Query every line of ``numbers``, write ``out`` and print a summary.

    Raises:
        click.ClickException: it is not configured, cannot write, or some numbers failed.
    """
    try:
        from service.registry.search.http import Adapter, HttpRegistrySearch  # noqa: PLC0415 (an extra)
    except ImportError:
        raise click.ClickException("this command needs httpx: pip install 'ruthan[registry]'") from None
    if settings.registry.search_url is None:
        raise click.ClickException(
            "RUTHAN_REGISTRY_SEARCH_URL is not set: no service to query. See docs/registry.md."
        )
    try:
        lines = numbers.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{numbers} cannot be read, save it as UTF-8: {error}") from error
    wanted = list(dict.fromkeys(filter(None, (line.strip() for line in lines))))
    if not wanted:
        raise click.ClickException(f"{numbers} has no number: write one per line")
    fields = settings.registry.search_fields or ""
    records_at = settings.registry.search_records or ""
    try:
        adapter = Adapter(settings.registry.search_url, parse_mapping(fields), records_at)
        words = parse_status_words(settings.registry.search_status_words or "")
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    service = "\n".join((adapter.url, fields, records_at))
    cache = AnswerCache(settings.registry.search_cache, settings.registry.search_fresh_days, service)
    done = 0

    def step(number: str, fetched: Fetched) -> None:
        nonlocal done
        done += 1
        progress(done)

    with (
        HttpRegistrySearch(
            adapter,
            patience_seconds=settings.registry.search_patience_seconds,
            attempts=settings.registry.search_attempts,
            pause_seconds=settings.registry.search_pause_seconds,
            reading=lambda: Reading(status_words=words),
        ) as search,
        counted("numbers", len(wanted)) as progress,
    ):
        try:
            with cache.alone():
                fetched = fetch(wanted, search, cache, step)
        except CacheUnusable as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            raise click.ClickException(
                f"stopped after {done} of {len(wanted)} numbers; the same command resumes from there"
            ) from None
    _finish(fetched, len(wanted), out)


def _finish(fetched: Fetched, wanted: int, out: Path) -> None:
    try:
        missing = write(fetched, out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"{out}: {len(fetched.found)} records for {wanted - len(fetched.missing)} of {wanted} numbers")
    click.echo(f"{fetched.asked} were queried, {wanted - fetched.asked} were cached or skipped")
    if fetched.missing:
        click.echo(f"{missing}: {len(fetched.missing)} numbers without a record, and why")
    if fetched.failed:
        down = " and the service counts as down" if fetched.stopped else ""
        raise click.ClickException(
            f"{fetched.failed} numbers failed{down}: the same command retries only those"
        )
