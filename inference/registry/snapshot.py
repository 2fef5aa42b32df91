"""One imported snapshot of the registers in an SQLite file, since millions of rows do not fit in memory.

:class:`SnapshotWriter` writes a file once and it never changes: readers open it as immutable, take no lock
and need no write permission. Its key is the kind and :func:`inference.registry.source.registry_key`.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from inference.registry.source import RecordStatus, RegistryError, RegistryRecord, registry_key
from labels.schema import LicenceKind

_FORMAT: Final = 1
_CACHE_KILOBYTES: Final = 128 * 1024
_SCHEMA: Final = """
CREATE TABLE record (
    kind TEXT NOT NULL, key TEXT NOT NULL, number TEXT NOT NULL, product_name TEXT NOT NULL,
    holder TEXT NOT NULL, status TEXT NOT NULL, status_written TEXT NOT NULL, as_of TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE counted (kind TEXT PRIMARY KEY, records INTEGER NOT NULL);
"""
_NUMBER: Final = "n.kind = o.kind AND n.key = o.key"
_SAME: Final = "o.product_name = n.product_name AND o.holder = n.holder AND o.status = n.status"
_COLUMNS: Final = "number, product_name, holder, status, status_written, as_of"


class AddResult(Enum):
    """The result of adding a record."""

    NEW = auto()
    SAME = auto()
    """The number is already there with the same name, holder and status."""
    CONTRADICTED = auto()
    """The number is already there with other data: the earlier record was kept."""
    CONTRADICTING = auto()
    """The number was already there with other data: this record replaced it."""


@dataclass(frozen=True)
class Difference:
    """The differences between two snapshots, as numbers of records."""

    new: int
    changed: int
    gone: int


class SnapshotWriter:
    """Writes a new snapshot file; use it as a context manager and call :meth:`finish`."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise RegistryError(f"{path} exists already: a snapshot is never changed")
        self._path = path
        try:
            self._db = sqlite3.connect(path.resolve().as_uri(), uri=True, isolation_level=None)
            # No journal: an unfinished file is discarded anyway.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KILOBYTES}"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN")
        except (sqlite3.Error, OSError) as error:
            raise RegistryError(f"{path} cannot be written: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, record: RegistryRecord, as_of: date) -> AddResult:
        """Add a record that is valid as of its date.

        Of two conflicting records the later date wins, then the one in force (conflicting data must not
        accuse anybody), then the earlier row.
        """
        key = registry_key(record.kind, record.number)
        values = (
            record.number,
            record.product_name,
            record.holder,
            record.status.value,
            record.status_written,
            as_of.isoformat(),
        )
        insert = f"INSERT OR IGNORE INTO record (kind, key, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        if self._db.execute(insert, (record.kind.value, key, *values)).rowcount:
            return AddResult.NEW
        select = f"SELECT {_COLUMNS} FROM record WHERE kind = ? AND key = ?"  # noqa: S608 (constants)
        row = self._db.execute(select, (record.kind.value, key)).fetchone()
        if row[1:4] == values[1:4]:
            if values[5] > row[5]:  # confirmed later: whatever was said in between does not matter
                confirm = "UPDATE record SET as_of = ? WHERE kind = ? AND key = ?"
                self._db.execute(confirm, (values[5], record.kind.value, key))
            return AddResult.SAME
        active = RecordStatus.ACTIVE.value
        if (row[5], row[3] == active) >= (values[5], values[3] == active):
            return AddResult.CONTRADICTED
        replace = f"REPLACE INTO record (kind, key, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        self._db.execute(replace, (record.kind.value, key, *values))
        return AddResult.CONTRADICTING

    def take_over(self, other: Path) -> list[str]:
        """Copy every record of another snapshot whose number is missing here or older here.

        Returns:
            The numbers whose record here differed and was replaced.
        """
        self._db.execute("COMMIT")
        self._db.execute("ATTACH ? AS old", (_address(other),))
        self._db.execute("BEGIN")
        replaced = self._db.execute(
            f"SELECT n.number FROM main.record n JOIN old.record o ON {_NUMBER}"  # noqa: S608 (constants)
            f" WHERE o.as_of > n.as_of AND NOT ({_SAME})"
        ).fetchall()
        columns = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))
        self._db.execute(
            "INSERT INTO record SELECT * FROM old.record WHERE true"  # noqa: S608 (constants)
            f" ON CONFLICT (kind, key) DO UPDATE SET {columns} WHERE excluded.as_of > record.as_of"
        )
        self._db.execute("COMMIT")
        self._db.execute("DETACH old")
        self._db.execute("BEGIN")
        return [number for (number,) in replaced]

    def finish(self) -> Mapping[LicenceKind, int]:
        """Complete the file and return the number of records of each kind."""
        self._db.execute("INSERT INTO counted SELECT kind, count(*) FROM record GROUP BY kind")
        counted = self._db.execute("SELECT kind, records FROM counted ORDER BY kind").fetchall()
        self._db.execute("COMMIT")
        self._db.execute(f"PRAGMA user_version={_FORMAT}")
        self._db.close()
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        return {LicenceKind(kind): count for kind, count in counted}


def _open(path: Path) -> sqlite3.Connection:
    # One connection serves all threads, guarded by the reader's lock.
    return sqlite3.connect(_address(path), uri=True, check_same_thread=False)


def _address(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"


class SnapshotRecords:
    """Reads a snapshot file; safe to use from several threads.

    Raises:
        RegistryError: the file is missing or not a finished snapshot.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connect()
        try:
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version != _FORMAT:
                raise sqlite3.DatabaseError(f"it has format {version}, known is {_FORMAT}")
            rows = self._db.execute("SELECT kind, records FROM counted").fetchall()
            self._counted = {LicenceKind(kind): int(count) for kind, count in rows}
        except (sqlite3.Error, ValueError) as error:
            self.close()
            raise RegistryError(f"{path} is not a finished snapshot of a registry: {error}") from error

    def __len__(self) -> int:
        return sum(self._counted.values())

    def kinds(self) -> frozenset[LicenceKind]:
        """The kinds that have at least one record."""
        return frozenset(self._counted)

    def get(self, kind: LicenceKind, key: str) -> RegistryRecord | None:
        """The record under this key, or ``None``; raises :class:`RegistryError` if the file is damaged."""
        select = f"SELECT {_COLUMNS} FROM record WHERE kind = ? AND key = ?"  # noqa: S608 (constants)
        with self._lock:
            if self._process != os.getpid():  # a connection must not be used across a fork
                self._connect()
            try:
                row = self._db.execute(select, (kind.value, key)).fetchone()
            except sqlite3.Error as error:
                raise RegistryError(f"{self._path} cannot be read: {error}") from error
        if row is None:
            return None
        number, product_name, holder, status, written, as_of = row
        return RegistryRecord(
            number, kind, product_name, holder, RecordStatus(status), written, date.fromisoformat(as_of)
        )

    def close(self) -> None:
        """Close the file; this also happens on garbage collection."""
        self._closing()

    def _connect(self) -> None:
        try:
            self._db = _open(self._path)
        except sqlite3.Error as error:
            raise RegistryError(f"{self._path} cannot be opened: {error}") from error
        self._process = os.getpid()
        self._closing = weakref.finalize(self, self._db.close)


def difference(new: Path, old: Path) -> Difference:
    """The changes of name, holder or status from one snapshot file to another."""
    db = _open(new)
    try:
        db.execute("ATTACH ? AS old", (_address(old),))
        both = f"main.record n JOIN old.record o ON {_NUMBER}"
        queries = (
            "SELECT sum(records) FROM main.counted",
            "SELECT sum(records) FROM old.counted",
            f"SELECT count(*) FROM {both}",  # noqa: S608 (constants)
            f"SELECT count(*) FROM {both} WHERE NOT ({_SAME})",  # noqa: S608 (constants)
        )
        now, before, kept, changed = (db.execute(query).fetchone()[0] or 0 for query in queries)
        return Difference(now - kept, changed, before - kept)
    except sqlite3.Error as error:
        raise RegistryError(f"{new} and {old} cannot be compared: {error}") from error
    finally:
        db.close()
