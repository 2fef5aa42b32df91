"""Progress bar of the worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.running.worker import WorkerReport


@contextmanager
def progress_of(waiting: int, console: Console | None = None) -> Iterator[Callable[[WorkerReport], None]]:
    """Show a progress bar over pending listings; call the yielded function after each batch."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console or Console(stderr=True)) as bar:
        task = bar.add_task("assessing", total=waiting)

        def show(report: WorkerReport) -> None:
            done = report.assessed + len(report.failed)
            bar.update(task, completed=done, total=max(waiting, done))

        yield show
