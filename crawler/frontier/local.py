"""The frontier of one process: in a job's folder, where it survives a kill, or in a temporary database."""

import sqlite3
import time
from pathlib import Path
from typing import Final

from crawler.frontier.waiting import ClaimedRequest, Waiting
from crawler.middleware.recent import Recent
from labels.files.private import make_folder, touch

_WAITING, _TAKEN, DONE = 0, 1, 2
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT UNIQUE,
    priority INTEGER NOT NULL,
    site TEXT NOT NULL,
    data TEXT NOT NULL,
    state INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS request_order ON request (state, priority DESC, id);
DROP TABLE IF EXISTS hold;
CREATE TABLE IF NOT EXISTS wait (site TEXT PRIMARY KEY, since REAL NOT NULL, seconds REAL NOT NULL);
CREATE TEMP TABLE held (site TEXT PRIMARY KEY, until REAL NOT NULL);
"""
FILE_NAME: Final = "frontier.db"
_REMEMBERED: Final = 20_000
"""Fingerprints."""


class LocalFrontier:
    """Requests in SQLite; every change is written before it counts, so a killed process loses none.

    Requests that were taken but not finished are pending again when the file is reopened. Waits of sites are
    measured by the monotonic clock, and the file keeps when each began: whatever the wall clock does, a wait
    ends after the seconds that were asked for, counted at most once more from the reopening.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            make_folder(folder)
            touch(folder / FILE_NAME)
        # The empty name is a private database: in memory while it is small, else on disk.
        name = "" if folder is None else str(folder / FILE_NAME)
        self.is_kept = folder is not None
        self._database = sqlite3.connect(name, isolation_level=None, timeout=30)
        self._database.execute(f"PRAGMA journal_mode = {'WAL' if self.is_kept else 'MEMORY'}")
        # A kill loses nothing that was committed; a power cut may lose the last moments, and those pages are
        # fetched again.
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._database.execute("UPDATE request SET state = ? WHERE state = ?", (_WAITING, _TAKEN))
        for site, since, seconds in self._database.execute(
            "SELECT site, since, seconds FROM wait"
        ).fetchall():
            passed = max(0.0, time.time() - since)
            self._database.execute(
                "INSERT INTO held VALUES (?, ?)", (site, time.monotonic() + seconds - passed)
            )
        # Most links of a page are already known: cache them to spare the database.
        self._known = Recent(_REMEMBERED)
        self.goes_on = bool(self._database.execute("SELECT EXISTS (SELECT 1 FROM request)").fetchone()[0])
        """Whether it resumes an earlier run."""

    def add(self, fingerprint: str | None, priority: int, site: str, data: str) -> int | None:
        """Add a request and return its number, or ``None`` if its fingerprint is already known."""
        if fingerprint is not None and self._known.meet(fingerprint):
            return None
        found = self._database.execute(
            "INSERT INTO request (fingerprint, priority, site, data, state) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (fingerprint) DO NOTHING",
            (fingerprint, priority, site, data, _WAITING),
        )
        return found.lastrowid if found.rowcount else None

    def take(self) -> ClaimedRequest | None:
        """Take the next request of a site that is not on hold, by priority, then age.

        ``None`` if there is none.
        """
        row = self._database.execute(
            "SELECT id, data FROM request WHERE state = ?"
            " AND site NOT IN (SELECT site FROM held WHERE until > ?)"
            " ORDER BY priority DESC, id LIMIT 1",
            (_WAITING, time.monotonic()),
        ).fetchone()
        if row is None:
            return None
        self._database.execute("UPDATE request SET state = ? WHERE id = ?", (_TAKEN, row[0]))
        return ClaimedRequest(row[0], row[1])

    def done(self, number: int) -> None:
        """Mark a request as finished, including everything that it led to."""
        self._database.execute("UPDATE request SET state = ?, data = '' WHERE id = ?", (DONE, number))

    def give_back(self, number: int) -> None:
        """Return a request that was taken but not fetched to the queue."""
        self._database.execute("UPDATE request SET state = ? WHERE id = ?", (_WAITING, number))

    def hold(self, site: str, seconds: float) -> None:
        """Put a site on hold for this many seconds."""
        longer = self._database.execute(
            "INSERT INTO held VALUES (?, ?)"
            " ON CONFLICT (site) DO UPDATE SET until = excluded.until WHERE until < excluded.until",
            (site, time.monotonic() + seconds),
        ).rowcount
        if longer:
            self._database.execute(
                "INSERT OR REPLACE INTO wait VALUES (?, ?, ?)", (site, time.time(), seconds)
            )

    def waiting(self) -> Waiting:
        """Count the pending requests."""
        ready, soonest, held = self._database.execute(
            "SELECT count(*) FILTER (WHERE held.until IS NULL), min(held.until), count(held.until)"
            " FROM request LEFT JOIN held ON held.site = request.site AND held.until > ?"
            " WHERE state = ?",
            (time.monotonic(), _WAITING),
        ).fetchone()
        return Waiting(ready, held, max(0.0, soonest - time.monotonic()) if soonest else 0.0)

    def has_ready(self) -> bool:
        """Whether a request could be taken now."""
        return (
            self._database.execute(
                "SELECT 1 FROM request WHERE state = ?"
                " AND site NOT IN (SELECT site FROM held WHERE until > ?) LIMIT 1",
                (_WAITING, time.monotonic()),
            ).fetchone()
            is not None
        )

    def beat(self) -> None:
        """Do nothing: no other process depends on this one's heartbeat."""

    def close(self) -> None:
        """Close the file."""
        self._database.close()
