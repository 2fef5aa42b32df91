"""The input files of a bulk run and their records."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from inference.bulk.parquet_rows import count_rows, parquet_rows
from inference.bulk.result import partial_of
from inference.input import (
    JSON_LINES,
    TABLES,
    WORKBOOKS,
    BadLine,
    InputError,
    check_columns,
    json_lines,
    table,
    table_rows,
    table_text,
    workbook,
)
from labels.schema import Listing

PARQUET: Final = frozenset({".parquet"})
_KINDS = JSON_LINES | TABLES | WORKBOOKS | PARQUET
_NOTHING = "no file of listings there (JSON Lines, CSV, TSV, XLSX or Parquet)"


@dataclass(frozen=True)
class Record:
    """A record of an input file: index of the file in the run, index of the record, and content."""

    file: int
    number: int
    content: Listing | BadLine


def files_of(inputs: Sequence[str], out: Path | None = None) -> list[Path]:
    """The files named by paths, folders (recursively) and globs, each once, sorted by name.

    Args:
        out: the result, which is left out of folders and globs, as is its partial result.

    Raises:
        InputError: an input matches nothing, is a file of an unsupported type, or is ``out``.
    """
    partial = {path.resolve() for path in partial_of(out)} if out else set()
    result = out.resolve() if out else None
    found: dict[Path, Path] = {}
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            named = sorted(p for p in path.rglob("*") if p.suffix.lower() in _KINDS and p.is_file())
        elif path.is_file():
            if path.resolve() == result:
                raise InputError(f"{given} is read, so the result cannot be written there: name another file")
            named = [path]
        else:
            matches = glob.glob(given, recursive=True)  # noqa: PTH207 - absolute patterns too
            named = sorted(p for p in map(Path, matches) if p.is_file())
        if not named:
            raise InputError(f"{given}: {_NOTHING}")
        for path in named:
            found.setdefault(path.resolve(), path)
    files = [path for real, path in found.items() if real != result and real not in partial]
    if not files:
        raise InputError(f"{', '.join(inputs)}: {_NOTHING}")
    for path in files:
        if path.suffix.lower() not in _KINDS:
            raise InputError(
                f"{path}: give JSON Lines (.jsonl), CSV (.csv, .tsv, .xlsx) or Parquet (.parquet)"
            )
    return files


def records_of(path: Path, file: int, skip: int = 0) -> Iterator[Record]:
    """The records of a file from the one numbered ``skip`` on, streamed.

    Raises:
        InputError: the file is in another encoding, not a table of listings, or cannot be read.
    """
    for number, content in enumerate(islice(_contents(path), skip, None), skip):
        yield Record(file, number, content)


def count_records(path: Path) -> int:
    """The number of records that :func:`records_of` yields.

    It raises the same errors: what is counted before the first record is scored does not stop the run later.
    """
    suffix = path.suffix.lower()
    with _errors_of(path):
        if suffix in PARQUET:
            return count_rows(path)
        if suffix in WORKBOOKS:
            return sum(1 for _ in workbook(path, path))
        with path.open("rb") as content:
            if suffix in JSON_LINES:
                return sum(1 for line in content if line.strip())
            with table_text(content, path) as text:
                columns, rows = table_rows(text, path)
                check_columns(columns, str(path))
                return sum(1 for _ in rows)


def _contents(path: Path) -> Iterator[Listing | BadLine]:
    suffix = path.suffix.lower()
    with _errors_of(path):
        if suffix in PARQUET:
            yield from parquet_rows(path)
        elif suffix in WORKBOOKS:
            yield from workbook(path, path)
        elif suffix in JSON_LINES:
            with path.open("rb") as lines:
                yield from json_lines(lines)
        else:
            with path.open("rb") as content, table_text(content, path) as text:
                yield from table(text, path)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
