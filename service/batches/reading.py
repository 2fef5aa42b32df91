"""Reading a file of listings record by record, knowing where in the file each one is.

The same code finds the chunks of a file and reads a chunk later, so that both agree on what a record is.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_CUR
from typing import BinaryIO

from service.batches.formats import Format
from service.batches.problems import (
    MAX_RECORD_BYTES,
    line_too_long,
    not_csv,
    not_json,
    wrong_cells,
    wrong_encoding,
)
from service.batches.shapes import LineProblem

BOM = b"\xef\xbb\xbf"

csv.field_size_limit(10_000_000)  # of the whole process; what bounds a record here is MAX_RECORD_BYTES


@dataclass(frozen=True)
class Raw:
    """A record as it stands in the file: a JSON text, or the cells of a row, or the reason why neither."""

    line: int
    start: int
    end: int
    content: str | list[str]
    problem: LineProblem | None = None


class LineError(ValueError):
    """A record that cannot be read."""

    def __init__(self, problem: LineProblem) -> None:
        super().__init__(problem.english)
        self.problem = problem


def raw_records(file: BinaryIO, kind: Format, line: int = 1, start: int = 0) -> Iterator[Raw]:
    """The records of a file that begins at line ``line`` and byte ``start`` of the whole; of CSV, the rows.

    Blank lines are passed over.  Never holds more than one record.  Raises
    :class:`~service.batches.problems.BadFile` for what is not UTF-8.
    """
    lines = _Lines(file, line, start)
    return _rows(lines) if kind is Format.CSV else _objects(lines)


def record_of(raw: Raw, columns: list[str]) -> object:
    """The record as JSON has it; of CSV, an object of text.  Raises :class:`LineError`."""
    if raw.problem is not None:
        raise LineError(raw.problem)
    if isinstance(raw.content, list):
        if len(raw.content) != len(columns):
            raise LineError(wrong_cells(len(raw.content), len(columns)))
        return dict(zip(columns, raw.content, strict=True))
    try:
        return json.loads(raw.content, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise LineError(not_json(f"{error.msg}, column {error.colno}", f" (คอลัมน์ {error.colno})")) from error
    except RecursionError as error:
        raise LineError(not_json("nested too deeply")) from error
    except ValueError as error:  # NaN; or a whole number of thousands of digits, which Python does not read
        raise LineError(not_json("a number that JSON does not have, or too long")) from error


class _TooLong(Exception):
    pass


class _Lines:
    """The lines of a file, decoded.  As an iterator, those of the record at hand for ``csv.reader``."""

    def __init__(self, file: BinaryIO, line: int, start: int) -> None:
        self._file, self.line, self.at = file, line, start
        self.record_line = self.record_start = self._first_end = 0

    def begin(self) -> None:
        """The next line begins a record."""
        self.record_line, self.record_start = self.line, self.at

    def back_to_the_second_line(self) -> None:
        """Go back to where the first line of the record at hand ends."""
        if self.line > self.record_line + 1:
            self._file.seek(self._first_end - self.at, SEEK_CUR)
            self.line, self.at = self.record_line + 1, self._first_end

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        part = self._file.readline(MAX_RECORD_BYTES + 1)
        if not part:
            raise StopIteration
        first, length = self.at == 0, len(part)
        last = part
        while len(last) and length > MAX_RECORD_BYTES and not last.endswith(b"\n"):
            last = self._file.readline(MAX_RECORD_BYTES)
            length += len(last)
        number = self.line
        self.line, self.at = self.line + 1, self.at + length
        if number == self.record_line:
            self._first_end = self.at
        if self.at - self.record_start > MAX_RECORD_BYTES:
            raise _TooLong
        try:
            return (part.removeprefix(BOM) if first else part).decode("utf-8")
        except UnicodeDecodeError as error:
            raise wrong_encoding(number, error.start + 1) from error


def _objects(lines: _Lines) -> Iterator[Raw]:
    while True:
        lines.begin()
        try:
            content = next(lines, None)
        except _TooLong:
            yield Raw(lines.record_line, lines.record_start, lines.at, "", line_too_long())
            continue
        if content is None:
            return
        if content.strip():
            yield Raw(lines.record_line, lines.record_start, lines.at, content)


def _rows(lines: _Lines) -> Iterator[Raw]:
    # Strict: without it, a quotation mark left open swallows every line up to the next one unseen.
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        problem = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _TooLong:
            problem = line_too_long()
        except csv.Error as error:
            problem = not_csv(str(error))
        if problem:
            # The lines after the first may be sound.  Going back costs little: where a quotation mark opens
            # and nothing closes it, there is no other up to where we came.
            lines.back_to_the_second_line()
        if problem or any(cell.strip() for cell in cells):
            yield Raw(lines.record_line, lines.record_start, lines.at, cells, problem)


def _no_constant(name: str) -> None:
    raise ValueError(name)
