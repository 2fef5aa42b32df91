"""Reads listings from common file formats: JSON Lines, CSV, workbooks, a saved page, plain text."""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from inference.json_record import NotJson, parse
from inference.records import RecordError, id_in, id_of, listing_from_record
from labels.csv_rows import MOST, CsvRow, CsvRows, text_lines
from labels.schema import Listing
from labels.workbook_rows import BadWorkbook, workbook_rows

HtmlReader = Callable[[bytes, Path], Listing]

JSON_LINES = frozenset({".jsonl", ".ndjson", ".json"})
TABLES = frozenset({".csv", ".tsv"})
WORKBOOKS = frozenset({".xlsx"})
"""File suffixes of formats that hold many listings."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_THAI = 0x0E
"""The high byte of each Thai character in UTF-16, a control character that no text has."""
_BOM = b"\xef\xbb\xbf"
_UNDECODED = re.compile("[\udc80-\udcff]")
"""Bytes that are not UTF-8, as ``surrogateescape`` decodes them."""
_PACKED = {b"\x1f\x8b": "compressed with gzip", b"PK\x03\x04": "an Excel workbook or a zip archive"}
_HTML_START = (b"<!doctype html", b"<html", b"<head", b"<?xml")
_OTHERS = frozenset({".mhtml", ".mht", ".eml", ".xml"})
"""Suffixes of pages packed like letters, and of feeds, which only a crawl reads."""
_OTHER_START = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--(?s:.)*?-->\s*)*+<(?:rss|feed|rdf:rdf)[\s>]|"
    rb"(?:(?!mime-version:)[a-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*+mime-version:"
)
_OBJECT = re.compile(rb"""\{\s*["'}]""")
"""The start of JSON Lines, also of badly quoted ones; ``{sale}`` starts a text."""
_ARRAY = re.compile(rb"""\[\s*\{\s*["'}]""")
_TEXTS = frozenset({b"text", b"title", b"description"})


@dataclass(frozen=True)
class BadLine:
    """A line that is not a listing, and why; the following lines are still read.

    ``id`` is the id shown in the line, if any.
    """

    number: int
    problem: str
    id: str | None = None


class InputError(ValueError):
    """The whole input cannot be read; the message says what to do."""


def listings_from(content: bytes, path: Path, html: HtmlReader) -> Iterator[Listing | BadLine]:
    """Yield the listings and bad lines of a file in order.

    The format is detected from the content if possible (HTML, JSON, the header of a table), otherwise from
    the file's suffix.

    Args:
        content: the whole file.
        path: its name (``-`` for standard input); only the suffix counts.
        html: reads a saved product page.

    Raises:
        InputError: the file is empty, packed, in another encoding, a JSON array, a web archive, a feed, or a
            table without the required columns.
    """
    suffix = path.suffix.lower()
    head = content[:2048].lstrip(_BOM + b" \t\r\n").lower()
    if suffix in _OTHERS or _OTHER_START.match(head):
        raise InputError(
            f"{path} is a web archive or a feed: save the page as HTML, or drop the file into a folder that"
            " ruthan crawl reads (docs/crawler/files.md)"
        )
    if suffix in {".html", ".htm", ".xhtml"} or head.startswith(_HTML_START):
        yield html(content, path)
        return
    if suffix in WORKBOOKS:
        yield from workbook(content, path)
        return
    _check_start(content[:4096], path)
    if not content.strip():
        raise InputError(f"{path} is empty: give JSON Lines, CSV, a saved page or a text")
    if suffix in JSON_LINES or _OBJECT.match(head):
        yield from json_lines(io.BytesIO(content))
    elif suffix in TABLES:
        with io.BytesIO(content) as file:
            yield from table(table_text(file, path), path)
    elif _is_header(first := re.split(rb"[\r\n]", head, maxsplit=1)[0]):
        with io.BytesIO(content) as file:
            yield from table(table_text(file, path), path, "\t" if b"\t" in first else ",")
    elif _ARRAY.match(head):
        raise InputError(f"{path} is a JSON array: give JSON Lines, one object per line")
    else:
        name = "stdin" if path.name in {"", "-"} else path.name
        yield Listing(id=name[:200], description=_decoded(content, path))


def _is_header(line: bytes) -> bool:
    """Whether a line in lower case names the columns of a table of listings, with any delimiter."""
    names = {name.strip(b' "') for name in re.split(rb"[,;\t]", line)}
    return b"id" in names and not names.isdisjoint(_TEXTS)


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf_8(path, content[:2], f" (byte {error.start})") from error


def _check_start(start: bytes, path: Path) -> None:
    for mark, what in _PACKED.items():
        if start.startswith(mark):
            raise InputError(f"{path} is {what}: unpack it, or save it as CSV UTF-8")
    if is_unmarked_utf_16(start):
        raise InputError(
            f"{path} looks like UTF-16 without a byte order mark: convert it, for instance with"
            f" iconv -f UTF-16LE -t UTF-8 {path}"
        )


def is_unmarked_utf_16(start: bytes) -> bool:
    """Whether a file with these first bytes is UTF-16 without a byte order mark.

    Then each ASCII character has a NUL byte, and each Thai one the byte 0x0E. A single one further on is
    damage to its line.
    """
    first = start.lstrip(b"\n").partition(b"\n")[0]
    halves = first.count(0) + first.count(_THAI)
    return not start.startswith(_UTF_16) and (b"\0" in start[:4] or 4 * halves > len(first))


def not_utf_8(path: Path, start: bytes, where: str = "") -> InputError:
    """The error for a file in another encoding, guessed from its first bytes."""
    encoding = "UTF-16" if start in _UTF_16 else "WINDOWS-874"
    return InputError(
        f"{path} is not UTF-8{where}: convert it, for instance with iconv -f {encoding} -t UTF-8 {path}"
    )


def table_text(file: BinaryIO, path: Path) -> TextIO:
    """Decode a table so that bytes that are not UTF-8 cost only their rows.

    Raises:
        InputError: the file is packed, or the header or most lines below it are not UTF-8.
    """
    start = file.read(4096)
    _check_start(start, path)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    lines = iter(lambda: text.readline(MOST), "")
    header = next(lines, "")
    first = bad = rows = 0
    for number, line in enumerate(lines, 2):
        rows += 1
        if not _is_decoded(line):
            first, bad = first or number, bad + 1
    if not _is_decoded(header) or 2 * bad > rows:
        raise not_utf_8(path, start[:2], f" (line {first if _is_decoded(header) else 1})")
    text.seek(0)
    return text


def _is_decoded(line: str) -> bool:
    """Whether a line has no :data:`_UNDECODED` bytes; faster than a search for them."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def json_lines(lines: Iterable[bytes]) -> Iterator[Listing | BadLine]:
    """The listings and bad lines of JSON Lines; blank lines are skipped."""
    for number, whole in enumerate(lines, 1):
        line = whole.rstrip(b"\n").removeprefix(_BOM if number == 1 else b"")
        if not line.strip():
            continue
        record: object = None
        try:
            record = parse(line.decode("utf-8"))
            yield listing_from_record(record)
        except UnicodeDecodeError as error:
            yield BadLine(number, f"not UTF-8 (byte {error.start} of the line): save the file as UTF-8")
        except json.JSONDecodeError as error:
            problem = f"not JSON ({error.msg}, column {error.colno}): one object per line"
            yield BadLine(number, problem, id_in(line.decode("utf-8")))
        except NotJson as error:
            yield BadLine(number, f"not JSON ({error}): a listing is one flat object")
        except RecordError as error:
            yield BadLine(number, str(error), id_of(record))


def table(file: TextIO, path: Path, delimiter: str | None = None) -> Iterator[Listing | BadLine]:
    """The listings and bad rows of a CSV or TSV file opened with ``newline=""``.

    A row may have fewer cells than the header: the others are empty.  Without ``delimiter``, the suffix says
    which it is.

    Raises:
        InputError: a required column is missing, or one is named twice.
    """
    columns, rows = table_rows(file, path, delimiter)
    check_columns(columns, str(path))
    for row in rows:
        yield _listing_of(row, columns)


def workbook(file: Path | bytes, path: Path) -> Iterator[Listing | BadLine]:
    """The listings and bad rows of a workbook; each of its sheets is a table.

    Raises:
        InputError: it cannot be read, or a sheet is not a table of listings.
    """
    sheet, columns = "", list[str]()
    try:
        for row in workbook_rows(file):
            if row.sheet != sheet:
                sheet, columns = row.sheet, [cell.strip() for cell in row.cells]
                check_columns(columns, f"{path}, sheet {sheet}")
                continue
            problem = f"sheet {sheet}: {row.problem}" if row.problem else ""
            yield _listing_of(CsvRow(row.number, row.number, row.cells, problem), columns)
    except BadWorkbook as error:
        raise InputError(f"{path}: {error}") from error


def check_columns(columns: list[str], path: str) -> None:
    """Raise :class:`InputError` if a required column is missing, or one is named twice."""
    names = set(columns)
    if "id" not in names or not names & {"text", "title", "description"}:
        raise InputError(
            f"{path} has the columns {', '.join(sorted(names)) or 'none'}: it needs id, and text or title "
            "and description"
        )
    twice = sorted({name for name in names if name and columns.count(name) > 1})
    if twice:
        raise InputError(f"{path} has two columns {' and '.join(twice)}: keep one of each name")


def table_rows(file: TextIO, path: Path, delimiter: str | None = None) -> tuple[list[str], CsvRows]:
    """The names of a table's columns and the rows below them.  Raises :class:`InputError`."""
    rows = CsvRows(text_lines(file), delimiter or ("\t" if path.suffix.lower() == ".tsv" else ","))
    header = next(rows, None)
    if header is None:
        return [], rows
    if header.problem:
        raise InputError(f"{path}, line {header.first}: the header cannot be read: {header.problem}")
    rows.width = len(header.cells)
    return [name.strip() for name in header.cells], rows


def _listing_of(row: CsvRow, columns: list[str]) -> Listing | BadLine:
    if row.problem:
        return BadLine(row.first, row.problem, id_of(dict(zip(columns, row.cells, strict=False))))
    if any(map(_UNDECODED.search, row.cells)):
        seen = {
            name: "" if _UNDECODED.search(cell) else cell
            for name, cell in zip(columns, row.cells, strict=False)
        }
        return BadLine(row.first, "not UTF-8: save the file as UTF-8", id_of(seen))
    if any(cell.strip() for cell in row.cells[len(columns) :]):
        known = id_of(dict(zip(columns, row.cells, strict=False)))
        return BadLine(row.first, "more cells than columns: put a text with commas in quotes", known)
    cells = row.cells + [""] * (len(columns) - len(row.cells))
    record = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    try:
        return listing_from_record(record)
    except RecordError as error:
        return BadLine(row.first, str(error), id_of(record))
