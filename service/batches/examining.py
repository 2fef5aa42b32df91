"""Examines a whole file before it is accepted, and finds its chunks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inference.input import is_unmarked_utf_16
from inference.pictures.named import MOST, names_under
from service.batches import problems
from service.batches.formats import ARCHIVE, WORKBOOK, Format
from service.batches.reading import BOM, LineError, Raw, raw_records, record_of
from service.store.batches.repository import Part

CHUNK_BYTES = 2**20
"""A chunk ends with the record that reaches this many bytes, however few lines it has."""

_TEXTS = {"text", "title", "description"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Contents:
    """The contents of a file; ``columns`` is empty for JSON Lines."""

    columns: list[str]
    received: int
    parts: list[Part]


def examine(
    path: Path,
    kind: Format,
    max_lines: int,
    chunk_lines: int,
    charset: str | None = None,
    chunk_pictures: int | None = None,
) -> Contents:
    """Count the records of a file and cut it into chunks of ``chunk_lines``.

    With ``chunk_pictures``, several lines of a chunk together name no more different pictures. ``charset`` is
    the encoding that the file was converted from, if any.  Raises
    :class:`~service.batches.problems.BadFile` if the file as a whole cannot be used.  Invalid records are
    rejected later, one by one.
    """
    with path.open("rb") as file:
        _sniff(file.read(4096))
        file.seek(0)
        records = raw_records(file, kind)
        columns = _columns(next(records, None), charset) if kind is Format.CSV else []
        records = _in_encoding(
            records, charset
        )  # first, since no line in another encoding may look like an object
        if kind is Format.JSONL:
            records = _with_an_object(records)
        parts: list[Part] = []
        received = 0
        named = partial(_named, columns=columns)
        for part in _parts(records, chunk_lines, named if chunk_pictures else None, chunk_pictures or 0):
            parts.append(part)
            received += part.lines
            if received > max_lines:
                raise problems.too_many_lines(max_lines)
    if not received:
        raise problems.empty()
    return Contents(columns, received, parts)


def _sniff(head: bytes) -> None:
    if head.startswith(b"\x1f\x8b"):
        raise problems.packed(
            "the file is compressed with gzip: send the header Content-Encoding: gzip with it",
            "ไฟล์บีบอัดด้วย gzip ให้ส่งส่วนหัว Content-Encoding: gzip มาด้วย",
        )
    if head.startswith(b"PK\x03\x04"):
        raise problems.packed(
            f"the file is an Excel workbook or a zip archive: send a workbook (.xlsx) as {WORKBOOK},"
            f" and an archive as {ARCHIVE}",
            f"ไฟล์เป็นสมุดงาน Excel หรือ zip ให้ส่ง .xlsx ด้วย Content-Type {WORKBOOK} และส่ง zip ด้วย {ARCHIVE}",
        )
    if head.startswith(_UTF_16) or is_unmarked_utf_16(head):
        raise problems.utf_16(head.startswith(_UTF_16))
    if not head.removeprefix(BOM).strip() and len(head) < 4096:
        raise problems.empty()


def _columns(header: Raw | None, charset: str | None) -> list[str]:
    if header is None:
        raise problems.empty()
    if header.problem is not None and header.problem.code == problems.NOT_UTF_8:
        raise problems.wrong_encoding(header.line, charset)
    if header.problem is not None or isinstance(header.content, str):
        raise problems.bad_columns([], ", and the header cannot be read as CSV", " และอ่านหัวตารางเป็น CSV ไม่ได้")
    return columns_of([name.strip() for name in header.content])


def columns_of(columns: list[str]) -> list[str]:
    """Validate the names in a header and return them.

    Raises :class:`~service.batches.problems.BadFile`.
    """
    if len(columns) == 1 and (mark := next((m for m in ";\t|" if m in columns[0]), "")):
        name = {"\t": "tab"}.get(mark, mark)
        raise problems.bad_columns(
            columns, f"; put commas between the columns, not {name}", f" และต้องคั่นด้วยจุลภาค ไม่ใช่ {name}"
        )
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        names = ", ".join(twice)
        raise problems.bad_columns(columns, f"; {names} occurs twice", f" และ {names} ซ้ำกัน")
    if "id" not in columns or not _TEXTS & set(columns):
        raise problems.bad_columns(columns)
    return columns


def _in_encoding(records: Iterator[Raw], charset: str | None) -> Iterator[Raw]:
    """Yield the records; at the end, raise ``BadFile`` if most are in another encoding, not just damaged."""
    first = bad = received = 0
    for raw in records:
        received += 1
        if raw.problem is not None and raw.problem.code == problems.NOT_UTF_8:
            first = first or raw.line
            bad += 1
        yield raw
    if 2 * bad > received:
        raise problems.wrong_encoding(first, charset)


def _with_an_object(records: Iterator[Raw]) -> Iterator[Raw]:
    found = other = False
    for raw in records:
        # A workbook's row that cannot be read says itself what to change.
        told = raw.problem is not None and raw.problem.code == problems.BAD_ROW
        found = found or told or str(raw.content).lstrip().startswith("{")
        other = True
        yield raw
    if other and not found:
        raise problems.not_json_lines()


def _named(raw: Raw, columns: list[str]) -> set[str]:
    """Return the pictures that a line names and that are read."""
    try:
        record = record_of(raw, columns)
    except LineError:
        return set()
    return set(names_under(record.get("images"))[:MOST]) if isinstance(record, dict) else set()


def _parts(
    records: Iterator[Raw], chunk_lines: int, named: Callable[[Raw], set[str]] | None, most: int
) -> Iterator[Part]:
    first: Raw | None = None
    lines = end = 0
    pictures = set[str]()
    for raw in records:
        found = named(raw) if named else set[str]()
        too_many = bool(pictures) and not found <= pictures and len(pictures | found) > most
        if first is not None and (lines == chunk_lines or end - first.start >= CHUNK_BYTES or too_many):
            # Up to the next record, not to the end of this one, so that blank lines belong to a chunk.
            yield Part(first.line, first.start, raw.start - first.start, lines)
            first, lines, pictures = None, 0, set[str]()
        pictures |= found
        first = first or raw
        lines, end = lines + 1, raw.end
    if first is not None:
        yield Part(first.line, first.start, end - first.start, lines)
