"""Reads the rows of a register's file, CSV or XLSX, one at a time with their line numbers."""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from labels.csv_rows import MOST, CsvRows, text_lines
from labels.evidence.decoding import MARKED, UNDECODED
from labels.workbook_rows import BadWorkbook, workbook_rows
from service.registry.columns import REGISTER, ColumnsUnusable, Layout, Vocabulary, recognise

_LOOKED_AT: Final = 30
"""Number of lines from the top in which headings are searched."""
_DELIMITERS: Final = (",", ";", "\t", "|")
_MAX_SECONDS: Final = 900.0
_MAX_MEMORY: Final = 4_000_000_000
"""Limits for a workbook: high, since a register is large and is imported by an operator."""
_DAMAGED: Final = "has bytes that are not in the encoding of the file: save it as CSV UTF-8"
_Numbered = tuple[int, int, Sequence[str], str]
"""A row's first and last line, its cells, and why it cannot be read, or nothing."""
_SNAPSHOT: Final = re.compile(r"#\s*snapshot\s*:\s*(.*?)[\s,;]*$", re.IGNORECASE)


class FileUnreadable(ValueError):
    """A whole file cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """One row below the headings.

    Attributes:
        where: its line, for XLSX ``SHEET!ROW``.
        cells: cells of the known columns; empty if the row has a fault.
        heading: the heading of the numbers.
        fault: why the row cannot be read, or empty.
        doubt: what a person should check in a readable row, or empty.
    """

    where: str
    cells: Mapping[str, str]
    heading: str = ""
    fault: str = ""
    doubt: str = ""


class Table:
    """The rows of one file; iterate it once. ``snapshot`` is the date of a line ``# snapshot: DATE``."""

    def __init__(
        self, path: Path, mapping: Mapping[str, str] | None = None, words: Vocabulary = REGISTER
    ) -> None:
        self.path, self._words = path, words
        self.snapshot = ""
        self.layouts: list[Layout] = []
        self._mapping = mapping or {}

    def __iter__(self) -> Iterator[Row]:
        """Yield the non-empty rows.

        Raises:
            FileUnreadable: the file cannot be opened or decoded, or has no readable row of headings.
        """
        try:
            with self.path.open("rb") as file:
                start = file.read(8)
            if start.startswith(b"PK\x03\x04"):
                yield from self._workbook()
            elif start.startswith(b"\xd0\xcf\x11\xe0"):
                raise FileUnreadable(
                    f"{self.path} is an old Excel file (.xls): save it as .xlsx or CSV UTF-8"
                )
            else:
                yield from self._csv()
        except OSError as error:
            raise FileUnreadable(f"{self.path} cannot be read: {error.strerror or error}") from error
        except ColumnsUnusable as error:
            raise FileUnreadable(f"{self.path}: {error}") from error
        if not self.layouts:
            raise FileUnreadable(
                f"{self.path}: none of the first {_LOOKED_AT} lines has the headings of a {self._words.key}"
                f" and of another known column: {self._words.advice.format(column=self._words.key)}"
            )

    def _csv(self) -> Iterator[Row]:
        encoding = encoding_of(self.path)
        with self.path.open(encoding=encoding, errors=MARKED, newline="") as file:
            head = [line for line, _ in zip(file, range(_LOOKED_AT), strict=False)]
        delimiter = max(_DELIMITERS, key=lambda sign: self._columns_by(head, sign))
        with self.path.open(encoding=encoding, errors=MARKED, newline="") as file:
            rows = CsvRows(_without_nul(text_lines(file)), delimiter, skip_spaces=True)
            yield from self._below_headings(_numbered(rows, self.layouts), "")

    def _workbook(self) -> Iterator[Row]:
        rows = workbook_rows(self.path, seconds=_MAX_SECONDS, memory=_MAX_MEMORY)
        try:
            for sheet, group in groupby(rows, key=attrgetter("sheet")):
                numbered = ((row.number, row.number, row.cells, row.problem) for row in group)
                yield from self._below_headings(numbered, f"{sheet}!")
        except BadWorkbook as error:
            raise FileUnreadable(f"{self.path}: {error}") from error

    def _below_headings(self, rows: Iterable[_Numbered], sheet: str) -> Iterator[Row]:
        layout: Layout | None = None
        looked = 0
        for first, last, row, problem in rows:
            if problem and layout is not None:
                yield Row(f"{sheet}{first}", {}, fault=problem)
                continue
            if not any(cell.strip() for cell in row) and not problem:
                continue
            if layout is None:
                looked += 1
                if match := _SNAPSHOT.match(",".join(row).strip()):
                    self.snapshot = match[1]
                elif (layout := recognise(row, self._mapping, self._words)) is not None:
                    if problem:
                        raise FileUnreadable(
                            f"{self.path}, line {first}: the headings cannot be read: {problem}"
                        )
                    self.layouts.append(layout)
                elif looked >= _LOOKED_AT:
                    break
                continue
            where = f"{sheet}{first}" if first == last else f"{sheet}{first}-{last}"
            yield _row(where, row, layout, last - first, self._words.longest_row)
        if layout is None and looked and sheet:
            yield Row(f"{sheet}1", {}, fault="the sheet has no row of headings: none of it was read")

    def _columns_by(self, lines: Sequence[str], delimiter: str) -> int:
        """Return how many headings are known with this delimiter."""
        try:
            for row in CsvRows(lines, delimiter, skip_spaces=True):
                layout = recognise(row.cells, self._mapping, self._words)
                if layout is not None:
                    return sum(len(places) for places in layout.places.values())
        except ColumnsUnusable:
            return 0
        return 0


def _row(where: str, row: Sequence[str], layout: Layout, breaks: int, longest: int) -> Row:
    width = len(layout.headings)
    if breaks >= longest:
        fault = "a quotation mark is opened here and not closed: none of these lines was read"
        return Row(where, {}, fault=fault)
    if any(cell.strip() for cell in row[width:]):
        return Row(
            where, {}, fault=f"has {len(row)} cells under {width} headings: is a quotation mark missing?"
        )
    doubt = "the row goes over several lines: is a quotation mark missing?" if breaks else ""
    return Row(where, layout.cells(row), layout.key_heading, doubt=doubt)


def encoding_of(path: Path) -> str:
    """Detect the encoding: UTF-8, UTF-16 by its byte order mark, or Windows-874 (includes TIS-620).

    Of the first and the last, it is that with fewer lines outside it.

    Raises:
        FileUnreadable: more than half of the lines are in none of them.
        OSError: it cannot be read.
    """
    bad = {"utf-8": 0, "cp874": 0}
    first = dict.fromkeys(bad, 0)
    lines = 0
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        while line := file.readline(MOST):
            lines += 1
            for encoding in bad:
                if not _is_in(line, encoding):
                    bad[encoding] += 1
                    first[encoding] = first[encoding] or lines
    encoding = min(bad, key=lambda name: bad[name])
    if 2 * bad[encoding] > lines:
        raise FileUnreadable(
            f"{path} is neither UTF-8 (see line {first['utf-8']}) nor Windows-874 or TIS-620 (see line"
            f" {first['cp874']}): save it as CSV UTF-8"
        )
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _is_in(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _without_nul(lines: Iterable[str | None]) -> Iterator[str | None]:
    """Remove NUL padding that some programs write."""
    return (line and line.replace("\0", "") for line in lines)


def _numbered(rows: CsvRows, layouts: Sequence[Layout]) -> Iterator[_Numbered]:
    """Yield each row with its first and last line; from the headings on, checks their width."""
    for row in rows:
        is_damaged = any(UNDECODED in cell for cell in row.cells)
        yield row.first, row.last, row.cells, _DAMAGED if is_damaged and layouts else row.problem
        if layouts and rows.width is None:
            rows.width = len(layouts[0].headings)
