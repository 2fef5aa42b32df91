"""Tells whether a job's folders hold an unfinished crawl to resume, or a finished one."""

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from crawler.frontier.local import DONE, FILE_NAME


def restart_where_finished(folders: Iterable[Path]) -> None:
    """Empty the frontiers of a finished job, so that the same command crawls again.

    While a page of any source is pending, the job is resumed and its finished sources stay finished.
    """
    counts = {folder: _counts(folder) for folder in folders}
    if any(waiting for _, waiting in counts.values()) or not any(done for done, _ in counts.values()):
        return
    for folder in counts:
        for path in folder.glob(f"{FILE_NAME}*"):
            path.unlink()


def _counts(folder: Path) -> tuple[int, int]:
    """Return how many requests of a frontier are done and how many are not."""
    path = folder / FILE_NAME
    if not path.is_file():
        return 0, 0
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
            query = (
                "SELECT count(*) FILTER (WHERE state = ?), count(*) FILTER (WHERE state != ?) FROM request"
            )
            done, waiting = database.execute(query, (DONE, DONE)).fetchone()
            return int(done), int(waiting)
    except sqlite3.DatabaseError:
        return 0, 1  # not ours to delete; opening it reports the error
