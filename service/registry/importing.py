"""Imports files of the registers to a new snapshot: every row is either in it or in its remarks."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TextIO

from inference.model.versioned_folder import sha256_of
from inference.registry.snapshot import AddResult, Difference, SnapshotWriter, difference
from inference.registry.store import RECORDS, REMARKS, Manifest, RegistryStore, Source
from labels.csv_injection import plain_cell
from service.registry.columns import Column
from service.registry.dates import read_date
from service.registry.rows import Reading, RowUnreadable, read_row
from service.registry.table import FileUnreadable, Table

MOST_NOT_TAKEN: Final = 0.05
"""Share of unreadable rows from which a snapshot is not put in use automatically."""
MOST_GONE: Final = 0.2
"""Share of missing numbers from which a snapshot is not put in use automatically."""
_TOLD: Final = 10_000
"""Number of rows between progress reports."""

_CONTRADICTION: Final = {
    AddResult.CONTRADICTED: "another row contradicts this one about {number}: the other is kept",
    AddResult.CONTRADICTING: "another row contradicts this one about {number}: this one is kept",
}


class ImportRefused(ValueError):
    """No snapshot was created; the message says why and what to do."""


@dataclass(frozen=True)
class Imported:
    """A new snapshot, and the first remarks on its rows."""

    manifest: Manifest
    remarks: int
    first_remarks: list[str]

    @property
    def doubts(self) -> list[str]:
        """Reasons to check it before it is put in use; empty if there are none."""
        m = self.manifest
        rows = sum(source.rows for source in m.sources)
        not_taken = sum(source.not_taken for source in m.sources)
        before = m.records - m.new + m.gone
        found = []
        if not_taken > MOST_NOT_TAKEN * rows:
            found.append(f"{not_taken:,} of {rows:,} rows could not be read")
        if m.compared_with and m.gone > MOST_GONE * before:
            found.append(f"{m.gone:,} of the {before:,} numbers in use are missing")
        return found


@dataclass
class _Remarks:
    """Writes each remark on a row to the snapshot's file."""

    file: TextIO
    count: int = 0
    first: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._writer = csv.writer(self.file)
        self._writer.writerow(("file", "line", "taken", "number", "why"))

    def add(self, name: str, where: str, taken: bool, number: str, why: str) -> None:
        self.count += 1
        if len(self.first) < 20:
            self.first.append(f"{name}, line {where}: {why}" if where else why)
        self._writer.writerow((name, where, "yes" if taken else "no", *map(plain_cell, (number, why))))


def import_files(
    store: RegistryStore,
    paths: Sequence[Path],
    by: str,
    reading: Reading,
    as_of: date | None = None,
    columns: dict[str, Column] | None = None,
    add: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Imported:
    """Read files into one new snapshot of ``store``.

    It is not put in use.

    Args:
        as_of: the date of the data; else each file must state it, see :func:`_as_of`.
        columns: columns of headings, given explicitly.
        add: copy the records of the snapshot in use whose numbers are not in the files.
        progress: called with the number of rows read so far.

    Raises:
        FileUnreadable: a file cannot be read at all.
        ImportRefused: no date, no record, or nothing to add to.
        RegistryError: the snapshot cannot be written, or was imported before.
    """
    current = store.state().current
    if add and not current:
        raise ImportRefused("there is no snapshot in use to add to: import without --add first")
    base = store.records_of(current) if current else None
    if current:
        store.open(current)  # fails if damaged, before anything is compared with it
    with store.staging() as folder, (folder / REMARKS).open("w", encoding="utf-8-sig", newline="") as file:
        records = folder / RECORDS
        remarks = _Remarks(file)
        with SnapshotWriter(records) as writer:
            one = _Import(writer, remarks, reading, columns or {}, progress)
            sources = [one.read(path, as_of) for path in paths]
            if add and base is not None:
                for number in writer.take_over(base):
                    why = f"the snapshot in use is of a later day for {number}: that one is kept"
                    remarks.add("", "", False, number, why)
            kinds = writer.finish()
        if not one.taken:
            first = "".join(f"\n  {line}" for line in remarks.first[:5])
            raise ImportRefused(f"no row could be read, so there is no snapshot:{first}")
        changed = difference(records, base) if base is not None else Difference(sum(kinds.values()), 0, 0)
        sha256 = sha256_of(records)
        dated = store.manifest(current).as_of if add else min(source.as_of for source in sources)
        manifest = Manifest(
            id=f"{dated.isoformat()}+{sha256[:8]}",
            as_of=dated,
            imported_at=datetime.now(UTC),
            by=by,
            sources=sources,
            records=sum(kinds.values()),
            kinds=kinds,
            duplicates=one.duplicates,
            contradictions=one.contradictions,
            added_to=current if add else "",
            compared_with=current,
            new=changed.new,
            changed=changed.changed,
            gone=changed.gone,
            sha256=sha256,
        )
        file.flush()
        store.keep(folder, manifest)
    return Imported(manifest, remarks.count, remarks.first)


class _Import:
    """Counts the results of all rows of all files."""

    def __init__(
        self,
        writer: SnapshotWriter,
        remarks: _Remarks,
        reading: Reading,
        columns: dict[str, Column],
        progress: Callable[[int], None],
    ) -> None:
        self._writer, self._remarks, self._reading = writer, remarks, reading
        self._columns, self._progress = columns, progress
        self.rows = self.taken = self.duplicates = self.contradictions = 0

    def read(self, path: Path, as_of: date | None) -> Source:
        """Import the rows of one file."""
        table = Table(path, self._columns)
        rows = not_taken = 0
        fallback = as_of
        latest: date | None = None
        for row in table:
            if rows == 0 and fallback is None:
                fallback = _as_of(table, self._reading.today)
            rows += 1
            self.rows += 1
            if self.rows % _TOLD == 0:
                self._progress(self.rows)
            number = row.cells.get(Column.NUMBER, "")
            try:
                found = read_row(row, self._reading)
                day = found.as_of or fallback
                if day is None:
                    raise RowUnreadable("no date: give --as-of DATE, the date of the file's data")
            except RowUnreadable as error:
                not_taken += 1
                self._remarks.add(path.name, row.where, False, number, str(error))
                continue
            latest = max(latest or day, day)
            self.taken += 1
            became = self._writer.add(found.record, day)
            if became is AddResult.SAME:
                self.duplicates += 1
            elif became in _CONTRADICTION:
                self.contradictions += 1
                kept = became is AddResult.CONTRADICTING
                why = _CONTRADICTION[became].format(number=found.record.number)
                self._remarks.add(path.name, row.where, kept, number, why)
            if found.doubt:
                self._remarks.add(path.name, row.where, True, number, found.doubt)
        self._progress(self.rows)
        if not rows:
            raise FileUnreadable(f"{path} has headings and no row below them")
        dated = as_of or fallback or latest or self._reading.today  # without any nothing was taken
        return Source(name=path.name, sha256=sha256_of(path), as_of=dated, rows=rows, not_taken=not_taken)


def _as_of(table: Table, today: date) -> date | None:
    """Return the date in a file's line ``# snapshot: DATE``; ``None`` without one."""
    if not table.snapshot:
        return None
    try:
        day = read_date(table.snapshot)
    except ValueError as error:
        raise ImportRefused(f"{table.path}: {error}: write # snapshot: YYYY-MM-DD") from error
    if day > today:
        raise ImportRefused(f"{table.path}: its date {day} is in the future")
    return day
