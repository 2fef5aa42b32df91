"""``ruthan reindex``."""

import signal
import threading

import click

from service.commands.main import database_option, open_settings_store


@click.command()
@database_option
@click.option("--all", "everything", is_flag=True, help="Rebuild the whole index.")
def reindex(database: str | None, everything: bool) -> None:
    """Update the full-text index of the queue and the API.

    The worker does this in the background; this command does it immediately, with progress.  If interrupted,
    it resumes where it ended.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from service.running.indexing import index_all
    from service.text.search_words import VERSION

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_settings_store(database) as store:
        if everything:
            store.search.forget_all()
        waiting = store.search.waiting(VERSION)
        columns = (
            TextColumn("indexing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("listings"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("indexing", total=waiting)
            done = index_all(store, stop=stop, progress=lambda n: bar.update(task, completed=n))
        left = store.search.waiting(VERSION)
    click.echo(f"indexed {done} listings; {left} are left" + (": run it again to continue" if left else ""))
