"""Reads CSV rows so that an unclosed quotation mark costs only its own row."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TextIO

MOST: Final = 4 * 2**20
"""Maximum row length: the longest accepted text with every letter escaped, plus its other fields."""
NEXT: Final = 1000
"""Characters of the next line in which its id is looked for."""

_THOUSANDS: Final = re.compile(r"\s*\d{1,3},\d{3}(?!\d)")
"""The beginning of a line with an amount, whose comma separates no cells."""
_NUMBERED: Final = re.compile(r"(.*?)(\d{1,18})", re.DOTALL)
_HEX: Final = re.compile(r"(?=.*\d)[0-9a-f-]{8,}", re.IGNORECASE)
_LONG: Final = 6
"""Characters of an id whose shape no line of a text has by chance."""
_UNIQUE: Final = 16
"""Length of a hexadecimal id, such as a UUID, that no list in a text consists of."""
_WIDE: Final = 4
"""Number of columns from which a list in a text cannot look like rows."""
_MANY: Final = 10
"""Lines that are rows; fewer may be a list in a text, as of steps or of the products of a set."""

csv.field_size_limit(10_000_000)  # a process-wide limit; MOST bounds rows here


@dataclass(frozen=True)
class CsvRow:
    """A non-empty row, or the line where one was expected and its problem.

    Attributes:
        first: its first line, from 1.
        last: its last line; equal to ``first`` if there is a problem, since the lines below are read again.
        cells: if there is a problem, those before the first quotation mark, such as the id.
        problem: what to change, or empty.
        too_long: whether the problem is the row's length.
    """

    first: int
    last: int
    cells: list[str]
    problem: str = ""
    too_long: bool = False


class CsvRows:
    """Iterates over the rows of a CSV file, skipping blank ones.

    Set ``width`` to the number of columns once the header is read: a row over several lines has an unclosed
    quotation mark if it has another number of cells, or if most of its further lines are rows themselves.
    They are if a mark that closes no text, such as an inch mark, closes them, and their numbers lead from its
    own to that of the next row, or they are many with ids like its own, or few in a wide table or with ids
    like UUIDs.  In doubt a row is taken as it stands.  Of the lines after a row only the next one is
    considered, so a part of a file followed by :data:`NEXT` characters is read as in the whole.

    Args:
        lines: with line ends; ``None`` for a line over the maximum row length.
        delimiter: the cell separator.
        skip_spaces: whether to ignore blanks after a delimiter.
        first_line: the number of the first line.
        most: maximum row length in units of ``measure``.
        measure: the length function for a line.
    """

    def __init__(
        self,
        lines: Iterable[str | None],
        delimiter: str = ",",
        *,
        skip_spaces: bool = False,
        first_line: int = 1,
        most: int = MOST,
        measure: Callable[[str], int] = len,
    ) -> None:
        self.width: int | None = None
        self._most = most
        self._delimiter, self._skip_spaces = delimiter, skip_spaces
        self._feed = _Feed(iter(lines), first_line, most, measure)
        # Strict: otherwise an unclosed quotation mark silently swallows all lines up to the next one.
        self._reader = csv.reader(self._feed, delimiter=delimiter, skipinitialspace=skip_spaces, strict=True)

    def __iter__(self) -> Iterator[CsvRow]:
        return self

    def __next__(self) -> CsvRow:
        while True:
            row = self._row()
            if row.problem or any(cell.strip() for cell in row.cells):
                return row

    def _row(self) -> CsvRow:
        self._feed.begin()
        first = self._feed.line
        too_long = False
        try:
            cells = next(self._reader)
            last = self._feed.line - 1
            if last == first or self.width is None:
                return CsvRow(first, last, cells)
            if len(cells) != self.width:
                problem = (
                    f"the row goes over {last - first + 1} lines and has {len(cells)} cells"
                    f" under {self.width} headings: close each quotation mark"
                )
            elif self._holds_rows(cells[0]):
                problem = (
                    f"the row goes over {last - first + 1} lines, most of which are rows themselves:"
                    ' close each quotation mark, and double those inside a text ("")'
                )
            else:
                return CsvRow(first, last, cells)
        except _TooLong:
            too_long = True
            problem = f"longer than {self._most:,} characters: shorten it, close each quotation mark"
        except csv.Error as error:
            problem = f'not CSV ({error}): double the quotation marks inside a text ("") and close each'
        # Rewinding is cheap: after an opening mark that is never closed there is no other mark up to here.
        self._feed.back_to_the_second_line()
        return CsvRow(first, first, self._known_cells(), problem, too_long)

    def _known_cells(self) -> list[str]:
        """The cells of the current row that end before its first quotation mark."""
        before, mark, _ = self._feed.first_line().partition('"')
        return before.split(self._delimiter)[:-1] if mark else []

    def _holds_rows(self, own: str) -> bool:
        """Whether the current row's further lines are rows of their own, closed by a mark in the last one."""
        lines, own = [line for line in self._feed.further_lines() if line.strip()], own.strip()
        closed = "".join(lines).replace('""', "").partition('"')[0].rstrip()
        opens_another = closed.endswith(self._delimiter)
        if opens_another:
            lines[-1] = lines[-1].replace('"', "")
        is_odd = opens_another or closed[-1:].isdecimal()
        ids = [found for line in lines if (found := self._id_in(line))]
        following = self._next_id()
        if 2 * len(ids) <= len(lines) or following in ids:
            return False
        if not _are_numbered([own, *ids]):
            return is_odd and self._are_alike(own, ids, len(lines))
        # A list in a text may be numbered like the file, but then it begins on the first line.
        if not self._id_in(self._feed.first_line().replace('"', "")):
            return False
        leads = opens_another or _are_numbered([ids[-1], following])
        return is_odd and (leads or len(lines) >= _MANY)

    def _are_alike(self, own: str, ids: list[str], lines: int) -> bool:
        """Whether so many of the further lines have ids like the row's own that they are rows."""
        if len(own) < _LONG or not any(map(str.isdecimal, own)):
            return False
        alike = {found for found in ids if _shape(found) == _shape(own)} - {own}
        if (self.width or 0) >= _WIDE or (len(own) >= _UNIQUE and _HEX.fullmatch(own)):
            return len(alike) == lines
        return lines >= _MANY and 2 * len(alike) > lines

    def _next_id(self) -> str:
        """Return the first cell of the next line; or nothing."""
        line = self._feed.next_line()[:NEXT]
        try:
            cells = next(
                csv.reader([line], delimiter=self._delimiter, skipinitialspace=self._skip_spaces), []
            )
        except csv.Error:
            return ""
        return cells[0].strip() if cells else ""

    def _id_in(self, line: str) -> str:
        """Return the first cell of a line that would be a row written like the current one; or nothing."""
        if self._delimiter == "," and _THOUSANDS.match(line):
            return ""
        spaced = self._delimiter + " "
        if spaced in line and spaced not in self._feed.first_line():
            return ""
        alone = csv.reader([line], delimiter=self._delimiter, skipinitialspace=self._skip_spaces, strict=True)
        try:
            cells = next(alone, [])
        except csv.Error:
            return ""
        return cells[0].strip() if len(cells) == self.width else ""


def _are_numbered(ids: list[str]) -> bool:
    """Whether ids are numbered one after another."""
    found = [match for each in ids if (match := _NUMBERED.fullmatch(each))]
    if len(found) < len(ids) or len({match[1] for match in found}) > 1:
        return False
    return all(int(after[2]) == int(before[2]) + 1 for before, after in pairwise(found))


def _shape(cell: str) -> str:
    """Return an id with each letter and digit replaced by its kind, as SKU01 by aaa00."""
    if _HEX.fullmatch(cell):
        return re.sub(r"\w", "h", cell)
    return re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", re.sub(r"[ก-ฮ]", "ก", cell)))


def text_lines(file: TextIO, most: int = MOST) -> Iterator[str | None]:
    """The lines of a file opened with ``newline=""``; ``None`` for one longer than ``most`` characters."""
    while part := file.readline(most + 1):
        if len(part) <= most or part[-1] in "\r\n":
            yield part
            continue
        while part and part[-1] not in "\r\n":
            part = file.readline(most)
        yield None


class _TooLong(Exception):
    pass


class _Feed:
    """Lines for ``csv.reader`` that can be rewound to the second line of the current row."""

    def __init__(
        self, lines: Iterator[str | None], line: int, most: int, measure: Callable[[str], int]
    ) -> None:
        self._lines, self._most, self._measure = lines, most, measure
        self.line = line
        self._again: deque[str | None] = deque()
        self._row: list[str | None] = []
        self._size = 0

    def begin(self) -> None:
        """Mark the next line as the beginning of a row."""
        self._row.clear()
        self._size = 0

    def first_line(self) -> str:
        """The current row's first line."""
        return self._row[0] or ""

    def further_lines(self) -> list[str]:
        """The lines of the current row after its first."""
        return [line for line in self._row[1:] if line is not None]

    def next_line(self) -> str:
        """The first line after the current row that is not blank; it stays to be read."""
        for line in self._again:
            if line is None or line.strip():
                return line or ""
        for line in self._lines:
            self._again.append(line)
            if line is None or line.strip():
                return line or ""
        return ""

    def back_to_the_second_line(self) -> None:
        """Yield all lines of the current row but the first again."""
        self._again.extendleft(reversed(self._row[1:]))
        self.line -= len(self._row[1:])

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._row.append(line)
        self.line += 1
        if line is None:
            raise _TooLong
        self._size += self._measure(line)
        if self._size > self._most:
            raise _TooLong
        return line
