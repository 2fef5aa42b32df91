"""Converts an upload in another encoding to UTF-8, a workbook to JSON Lines, and lone carriage returns."""

import codecs
import json
import re
from pathlib import Path
from typing import Final

from labels.evidence.decoding import MARKED, UNDECODED, can_be_utf_16, utf_16_order
from labels.files.whole import whole_file
from labels.workbook_rows import BadWorkbook, workbook_rows
from service.batches.examining import columns_of
from service.batches.problems import BadFile, FileTooLarge, too_many_bytes, too_many_lines, wrong_encoding
from service.batches.reading import unread_row, without_empty

CHARSETS: Final = {
    "windows-874": "cp874",
    "cp874": "cp874",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""Accepted encodings other than UTF-8, by their names in a ``Content-Type``."""

_STEP: Final = 2**20
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_utf_8(path: Path, charset: str | None, max_bytes: int) -> None:
    """Rewrite a file from another encoding to UTF-8.

    ``charset`` is a key of :data:`CHARSETS`, or ``None`` if none was given: then UTF-16 is recognized by its
    byte order mark, and everything else left as it is.  UTF-16 without a mark has the byte order in which its
    ASCII is ASCII, and a file of UTF-8 that is named UTF-16 is read as UTF-8.  A line that is not in that
    encoding stays invalid, so that the reader names it.

    Raises ``OSError``, and :class:`~service.batches.problems.BadFile` for a file larger than ``max_bytes`` in
    UTF-8, or for one that is UTF-8 already, not Windows-874.
    """
    with path.open("rb") as file:
        start = file.read(_STEP)
    if start[:2] in _MARKS:
        charset = "utf-16"
    elif (
        charset is not None and charset.startswith("utf-16") and not can_be_utf_16(start) and _is_utf_8(path)
    ):
        charset = None
    if charset is None:
        return
    encoding = utf_16_order(start) if charset == "utf-16" and start[:2] not in _MARKS else CHARSETS[charset]
    decoder = codecs.getincrementaldecoder(encoding)(MARKED)
    size = lines = bad = 0
    with path.open("rb") as file, whole_file(path) as out:
        while True:
            part = file.read(_STEP)
            text = decoder.decode(part, final=not part)
            if not bad and (at := text.find(UNDECODED)) >= 0:
                bad = lines + text.count("\n", 0, at) + 1
            lines += text.count("\n")
            # Bytes outside the encoding become a byte that is no UTF-8, so that the reader names the line.
            encoded = text.encode("utf-8", errors="surrogateescape")
            size += len(encoded)
            if size > max_bytes:
                raise too_many_bytes(max_bytes)
            out.write(encoded)
            if not part:
                break
        # Much of UTF-8 is also letters of Windows-874: too few lines may be damaged to refuse the file later.
        if bad and CHARSETS[charset] == "cp874" and _is_utf_8(path):
            raise wrong_encoding(bad, charset)


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while part := file.read(_STEP):
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def with_line_feeds(path: Path) -> None:
    """Replace the lone carriage returns of a table by line feeds if its first line ends with one.

    In other tables they are within texts and end no line.  Raises ``OSError``.
    """
    with path.open("rb") as file:
        end = _LINE_END.search(file.read(_STEP))
        if end is None or end[0] != b"\r":
            return
        file.seek(0)
        with whole_file(path) as out:
            held = b""
            while part := file.read(_STEP):
                part = held + part
                held = b"\r" if part.endswith(b"\r") else b""  # the line feed may come with the next part
                out.write(_LONE_RETURN.sub(b"\n", part.removesuffix(b"\r")))
            out.write(held.replace(b"\r", b"\n"))


def as_json_lines(path: Path, max_lines: int, max_bytes: int) -> None:
    """Replace a workbook by the rows of its one sheet as JSON Lines; line ``n`` of the new file is row ``n``.

    The first row is the header.  A row that cannot be read becomes a line with its problem.  Raises
    ``OSError``, and :class:`~service.batches.problems.BadFile` for a workbook that cannot be used.
    """
    received = size = lines = 0
    columns: list[str] = []
    try:
        with whole_file(path) as out:
            for row in workbook_rows(path, one_sheet=True):
                english = f"{row.where}: {row.problem}"
                thai = f"ชีต {row.sheet} แถว {row.number}: {row.problem_thai}"
                if row.problem and not columns:
                    raise BadFile(english, thai)
                # A blank line for each blank row and for the header, so that lines are rows.
                line = b"\n" * (row.number - 1 - lines)
                lines = row.number
                if columns:
                    received += 1
                    if received > max_lines:
                        raise too_many_lines(max_lines)
                    record = (
                        unread_row(english, thai)
                        if row.problem
                        else json.dumps(_record(columns, row.cells), ensure_ascii=False)
                    )
                    line += record.encode(errors="replace")
                else:
                    columns = columns_of([cell.strip() for cell in row.cells])
                line += b"\n"
                size += len(line)
                if size > max_bytes:
                    raise too_many_bytes(max_bytes)
                out.write(line)
    except BadWorkbook as error:
        raise (FileTooLarge if error.too_large else BadFile)(str(error), error.thai) from error


def _record(columns: list[str], cells: list[str]) -> dict[str, str]:
    """Return a row's fields; a cell without a heading is kept under its column's number."""
    record = {name: "" for name in columns if name}
    for n, cell in enumerate(cells):
        if n < len(columns) and columns[n]:
            record[columns[n]] = cell
        elif cell:
            record[f"column {n + 1}"] = cell
    return without_empty(record)
