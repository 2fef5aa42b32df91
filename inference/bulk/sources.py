"""The files of a bulk run: which they are, and their records one after another."""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from inference.input import JSON_LINES, TABLES, BadLine, InputError, json_lines, not_utf_8, table, table_rows
from inference.records import RecordError, id_of, listing_from_record
from labels.schema import Listing

PARQUET: Final = frozenset({".parquet"})
_KINDS = JSON_LINES | TABLES | PARQUET
_NO_PYARROW = "Parquet needs pyarrow: install it with: pip install 'ruthan[bulk]'"
_ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Record:
    """A record of a file: which file of the run, which record in it (from 0), and what it holds."""

    file: int
    number: int
    content: Listing | BadLine


def files_of(inputs: Sequence[str]) -> list[Path]:
    """The files that paths, folders (with all below them) and globs name, each once, in order of their names.

    Raises:
        InputError: an input names nothing, or a file of a kind that holds no listings.
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
            raise InputError(f"{given}: no file of listings there (JSON Lines, CSV, TSV or Parquet)")
        found |= dict.fromkeys(named)
    for path in found:
        if path.suffix.lower() not in _KINDS:
            raise InputError(f"{path}: give JSON Lines (.jsonl), CSV (.csv, .tsv) or Parquet (.parquet)")
    return list(found)


def records_of(path: Path, file: int, skip: int = 0) -> Iterator[Record]:
    """The records of a file from the one numbered ``skip`` on; never more than a few are held.

    Raises:
        InputError: the file is not UTF-8, no table of listings, or cannot be read.
    """
    for number, content in enumerate(islice(_contents(path), skip, None), skip):
        yield Record(file, number, content)


def count_records(path: Path) -> int:
    """How many records :func:`records_of` gives, without looking into them; 0 if it is unreadable."""
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        return int(_parquet(path).metadata.num_rows)
    try:
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
        elif suffix in JSON_LINES:
            with path.open("rb") as lines:
                yield from json_lines(lines)
        else:
            with path.open(encoding="utf-8-sig", newline="") as text:
                yield from table(text, path)
    except UnicodeDecodeError as error:
        with path.open("rb") as start:
            raise not_utf_8(path, start.read(2)) from error
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
        raise InputError(f"{path} is no Parquet file: {error}") from error


def _parquet_rows(path: Path) -> Iterator[Listing | BadLine]:
    number = 0
    for batch in _parquet(path).iter_batches(batch_size=_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            number += 1
            try:
                yield listing_from_record(row)
            except RecordError as error:
                yield BadLine(number, str(error), id_of(row))
