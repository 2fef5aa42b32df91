"""The input files of a bulk run and their records."""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from inference.input import (
    JSON_LINES,
    TABLES,
    WORKBOOKS,
    BadLine,
    InputError,
    json_lines,
    table,
    table_rows,
    table_text,
    workbook,
)
from inference.records import RecordError, id_of, listing_from_record
from labels.schema import Listing

PARQUET: Final = frozenset({".parquet"})
_KINDS = JSON_LINES | TABLES | WORKBOOKS | PARQUET
_NO_PYARROW = "Parquet needs pyarrow: install it with: pip install 'ruthan[bulk]'"
_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Record:
    """A record of an input file: index of the file in the run, index of the record, and content."""

    file: int
    number: int
    content: Listing | BadLine


def files_of(inputs: Sequence[str]) -> list[Path]:
    """The files named by paths, folders (recursively) and globs, each once, sorted by name.

    Raises:
        InputError: an input matches nothing, or is a file of an unsupported type.
    """
    found: dict[Path, None] = {}
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            named = sorted(p for p in path.rglob("*") if p.suffix.lower() in _KINDS and p.is_file())
        elif path.is_file():
            named = [path]
        else:
            matches = glob.glob(given, recursive=True)  # noqa: PTH207 - absolute patterns too
            named = sorted(p for p in map(Path, matches) if p.is_file())
        if not named:
            raise InputError(f"{given}: no file of listings there (JSON Lines, CSV, TSV, XLSX or Parquet)")
        found |= dict.fromkeys(named)
    for path in found:
        if path.suffix.lower() not in _KINDS:
            raise InputError(
                f"{path}: give JSON Lines (.jsonl), CSV (.csv, .tsv, .xlsx) or Parquet (.parquet)"
            )
    return list(found)


def records_of(path: Path, file: int, skip: int = 0) -> Iterator[Record]:
    """The records of a file from the one numbered ``skip`` on, streamed.

    Raises:
        InputError: the file is in another encoding, not a table of listings, or cannot be read.
    """
    for number, content in enumerate(islice(_contents(path), skip, None), skip):
        yield Record(file, number, content)


def count_records(path: Path) -> int:
    """The number of records that :func:`records_of` yields; 0 if the file is unreadable."""
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        return int(_parquet(path).metadata.num_rows)
    try:
        if suffix in WORKBOOKS:
            return sum(1 for _ in workbook(path, path))
        if suffix in JSON_LINES:
            with path.open("rb") as lines:
                return sum(1 for line in lines if line.strip())
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            return sum(1 for _ in table_rows(text, path)[1])
    except (InputError, OSError):
        return 0


def _contents(path: Path) -> Iterator[Listing | BadLine]:
    suffix = path.suffix.lower()
    try:
        if suffix in PARQUET:
            yield from _parquet_rows(path)
        elif suffix in WORKBOOKS:
            yield from workbook(path, path)
        elif suffix in JSON_LINES:
            with path.open("rb") as lines:
                yield from json_lines(lines)
        else:
            with path.open("rb") as content, table_text(content, path) as text:
                yield from table(text, path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error


def _parquet(path: Path):  # type: ignore[no-untyped-def]  # pyarrow has no types
    try:
        import pyarrow as pa  # noqa: PLC0415 - of the extra, and heavy
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise InputError(f"{path}: {_NO_PYARROW}") from error
    try:
        return parquet.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise InputError(f"{path} is not a Parquet file: {error}") from error


def _parquet_rows(path: Path) -> Iterator[Listing | BadLine]:
    number = 0
    for batch in _parquet(path).iter_batches(batch_size=_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            number += 1
            try:
                yield listing_from_record(row)
            except RecordError as error:
                yield BadLine(number, str(error), id_of(row))
