"""Rows of CSV files: a quotation mark left open costs the row where it stands, never the rows below it."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TextIO

MOST: Final = 4 * 2**20
"""Longest row: the longest text that is read, with every letter escaped, and its other fields."""

csv.field_size_limit(10_000_000)  # of the whole process; what bounds a row here is MOST


@dataclass(frozen=True)
class CsvRow:
    """A row that holds anything, or the line where one should be and what is wrong with it.

    Attributes:
        first: its first line, from 1.
        last: its last line; the first one where there is a problem, for the lines below are read again.
        cells: empty where there is a problem.
        problem: what to change, or empty.
        too_long: the problem is the row's length.
    """

    first: int
    last: int
    cells: list[str]
    problem: str = ""
    too_long: bool = False


class CsvRows:
    """The rows of a CSV file, one at a time; blank ones are passed over.

    Set ``width`` to the number of columns once the header is read: a row over several lines with another
    number of cells comes of a quotation mark left open.

    Args:
        lines: with their line ends; ``None`` for a line that is longer than a row may be.
        delimiter: what stands between two cells.
        skip_spaces: whether blanks after a delimiter belong to no cell.
        first_line: the number of the first line.
        most: longest row, as ``measure`` counts.
        measure: the length of a line.
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
        self._feed = _Feed(iter(lines), first_line, most, measure)
        # Strict: without it, a quotation mark left open swallows every line up to the next one unseen.
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
            if last == first or self.width in (None, len(cells)):
                return CsvRow(first, last, cells)
            problem = (
                f"the row goes over {last - first + 1} lines and has {len(cells)} cells under {self.width}"
                " headings: close each quotation mark"
            )
        except _TooLong:
            too_long = True
            problem = f"longer than {self._most:,} characters: shorten it, close each quotation mark"
        except csv.Error as error:
            problem = f'not CSV ({error}): double the quotation marks inside a text ("") and close each'
        # Going back costs little: where a quotation mark opens and nothing closes it, there is no other up
        # to where we came.
        self._feed.back_to_the_second_line()
        return CsvRow(first, first, [], problem, too_long)


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
    """Lines for ``csv.reader``, with a way back to the second one of the row at hand."""

    def __init__(
        self, lines: Iterator[str | None], line: int, most: int, measure: Callable[[str], int]
    ) -> None:
        self._lines, self._most, self._measure = lines, most, measure
        self.line = line
        self._again: deque[str | None] = deque()
        self._row: list[str | None] = []
        self._size = 0

    def begin(self) -> None:
        """The next line begins a row."""
        self._row.clear()
        self._size = 0

    def back_to_the_second_line(self) -> None:
        """Give all lines of the row at hand but the first once more."""
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
