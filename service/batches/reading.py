"""Reads a file of listings record by record, with each record's position.

The same code finds the chunks of a file and reads them later, so both agree on what a record is.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from inference.json_record import NotJson, parse
from labels.csv_rows import NEXT, CsvRows
from service.batches.formats import Format
from service.batches.problems import (
    MAX_RECORD_BYTES,
    bad_row,
    line_too_long,
    not_csv,
    not_json,
    not_utf_8,
    wrong_cells,
)
from service.batches.shapes import LineProblem

BOM = b"\xef\xbb\xbf"
NEXT_BYTES = 4 * NEXT
"""Bytes after a part of a file that decide how its last row is read."""
_ALWAYS = frozenset({"id", "text", "title", "description"})
_UNREAD_ROW = "\x1a"
"""Starts a line that stands for a row of a workbook with a problem; no JSON starts with it."""


@dataclass(frozen=True)
class Raw:
    """A raw record: JSON text, the cells of a row, or the reason why it is neither."""

    line: int
    start: int
    end: int
    content: str | list[str]
    problem: LineProblem | None = None


class LineError(ValueError):
    """A record that cannot be parsed."""

    def __init__(self, problem: LineProblem) -> None:
        super().__init__(problem.english)
        self.problem = problem


def raw_records(
    file: BinaryIO, kind: Format, line: int = 1, start: int = 0, columns: int | None = None
) -> Iterator[Raw]:
    """Yield the records or CSV rows of a file that starts at line ``line`` and byte ``start`` of the whole.

    A part of a file is followed by :data:`NEXT_BYTES` more, as its last row may depend on the next line.
    ``columns`` is the table's number of columns; for a file read from its header on, the header's.  Blank
    lines are skipped.  At most one record is in memory.
    """
    lines = _Lines(file, line, start)
    return _rows(lines, columns) if kind is Format.CSV else _objects(lines)


def record_of(raw: Raw, columns: list[str]) -> object:
    """Return the record as parsed JSON; for CSV, an object of strings.  Raises :class:`LineError`."""
    if raw.problem is not None:
        raise LineError(raw.problem)
    if isinstance(raw.content, list):
        if len(raw.content) != len(columns):
            raise LineError(wrong_cells(len(raw.content), len(columns)))
        return without_empty(dict(zip(columns, raw.content, strict=True)))
    try:
        return parse(raw.content)
    except json.JSONDecodeError as error:
        raise LineError(not_json(f"{error.msg}, column {error.colno}", f" (คอลัมน์ {error.colno})")) from error
    except NotJson as error:
        raise LineError(not_json(str(error))) from error


def without_empty(cells: dict[str, str]) -> dict[str, str]:
    """Leave out the empty cells of a row, except those of its id and text: an empty cell says nothing."""
    return {name: cell for name, cell in cells.items() if cell or name in _ALWAYS}


class _Lines:
    """The decoded lines of a file with their end offsets; ``None`` for a line too long for a record."""

    def __init__(self, file: BinaryIO, line: int, start: int) -> None:
        self._file, self.line = file, line
        self._ends = deque([start])  # of the lines from the one before the current record
        self._before = line - 1
        self._not_utf_8: dict[int, int] = {}  # the first such character of lines from the current record on

    def __iter__(self) -> Iterator[str | None]:
        return self

    def __next__(self) -> str | None:
        start = self._ends[-1]
        part = self._file.readline(MAX_RECORD_BYTES + 1)
        if not part:
            raise StopIteration
        length = len(part)
        last = part
        while len(last) and length > MAX_RECORD_BYTES and not last.endswith(b"\n"):
            last = self._file.readline(MAX_RECORD_BYTES)
            length += len(last)
        number = self.line
        self.line = number + 1
        self._ends.append(start + length)
        if length > MAX_RECORD_BYTES:
            return None
        content = part if start else part.removeprefix(BOM)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            self._not_utf_8[number] = len(content[: error.start].decode("utf-8")) + 1
            return content.decode("utf-8", errors="replace")

    def problem(self, first: int, last: int) -> LineProblem | None:
        """Return the problem of the first of these lines that is not UTF-8; forgets those up to ``last``."""
        bad = [number for number in self._not_utf_8 if number <= last]
        found = {number: self._not_utf_8.pop(number) for number in bad}
        return next((not_utf_8(place) for number, place in found.items() if number >= first), None)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the byte range of these lines; forgets the offsets of earlier ones."""
        start = self._ends[first - 1 - self._before]
        while self._before < last:
            self._ends.popleft()
            self._before += 1
        return start, self._ends[0]


def _objects(lines: _Lines) -> Iterator[Raw]:
    for number, content in enumerate(lines, lines.line):
        start, end = lines.span(number, number)
        if content is None:
            yield Raw(number, start, end, "", line_too_long())
        elif content.startswith(_UNREAD_ROW):
            yield Raw(number, start, end, "", _unread_row(content))
        elif content.strip():
            yield Raw(number, start, end, content, lines.problem(number, number))


def unread_row(english: str, thai: str) -> str:
    """Return the line that stands for a row of a workbook with this problem."""
    return _UNREAD_ROW + json.dumps([english, thai], ensure_ascii=False)


def _unread_row(line: str) -> LineProblem:
    try:
        english, thai = json.loads(line.removeprefix(_UNREAD_ROW))
        return bad_row(str(english), str(thai))
    except (ValueError, TypeError, RecursionError):
        return not_json("a control character")  # a line of JSON Lines as it was sent


def _rows(lines: _Lines, columns: int | None) -> Iterator[Raw]:
    rows = CsvRows(lines, first_line=lines.line, most=MAX_RECORD_BYTES, measure=_bytes)
    rows.width = columns
    for row in rows:
        start, end = lines.span(row.first, row.last)
        problem = lines.problem(row.first, row.last)
        if row.problem:
            problem = line_too_long() if row.too_long else not_csv(row.problem)
        yield Raw(row.first, start, end, row.cells, problem)
        if rows.width is None and row.cells and not row.problem:
            rows.width = len(row.cells)


def _bytes(line: str) -> int:
    return len(line.encode())
