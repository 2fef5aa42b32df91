"""Writes the finished result of a bulk run as JSON Lines or as a table."""

import csv
import json
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final

from inference.bulk.parquet_rows import pyarrow_modules
from inference.input import InputError
from labels.csv_injection import plain_cell
from labels.files.whole import whole_file

SUFFIXES: Final = frozenset({".jsonl", ".csv", ".parquet"})

COLUMNS: Final = {
    "id": "string",
    "verdict": "string",
    "risk": "double",
    "product_class": "string",
    "product_class_probability": "double",
    "offer": "bool",
    "offer_probability": "double",
    "claims": "string",
    "licences": "string",
    "contacts": "string",
    "findings": "string",
    "facts": "string",
    "truncated": "bool",
    "model": "string",
    "screened_out": "bool",
    "screen_score": "double",
    "line": "int64",
    "problem": "string",
    "pictures": "string",
}
"""Columns of the table and their types; lists are stored as JSON in their cell."""

_EVERY_TABLE: Final = frozenset({"id", "verdict", "model", "line", "problem"})
"""Columns of every table of results, also of earlier versions."""
_EVERY_LINE: Final = ({"verdict", "model"}, {"screened_out", "model"}, {"line", "problem"})
"""Fields of each kind of line of a result."""

_ROWS_AT_ONCE = 4096


def check_suffix(out: Path) -> None:
    """Raise :class:`InputError` for an unsupported file type or a missing package."""
    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"{out}: the result is written as .jsonl, .csv or .parquet")
    if out.suffix.lower() == ".parquet":
        pyarrow_modules()


def partial_of(out: Path) -> tuple[Path, Path]:
    """The paths at which the result of ``out`` grows, and its progress is recorded."""
    return out.with_name(out.name + ".partial"), out.with_name(out.name + ".partial.json")


def is_result(path: Path) -> bool:
    """Whether a file is the result of a run, or empty, so that nothing is lost if it is replaced."""
    if path.stat().st_size == 0:
        return True
    try:
        if path.suffix.lower() == ".parquet":
            _, parquet = pyarrow_modules()
            return set(parquet.read_schema(path).names) >= _EVERY_TABLE
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as table:
                return set(next(csv.reader(table), [])) >= _EVERY_TABLE
        with path.open("rb") as lines:
            first = json.loads(lines.readline())
    except (ValueError, csv.Error, RecursionError):  # pyarrow's error is a ValueError
        return False
    return isinstance(first, dict) and any(set(first) >= fields for fields in _EVERY_LINE)


def finish(lines: Path, out: Path) -> None:
    """Convert the partial result to ``out``, which is written atomically."""
    suffix = out.suffix.lower()
    if suffix == ".jsonl":
        lines.replace(out)
        return
    with whole_file(out) as file:
        if suffix == ".csv":
            text = TextIOWrapper(file, encoding="utf-8-sig", newline="")  # the byte order mark is for Excel
            table = csv.DictWriter(text, list(COLUMNS))
            table.writeheader()
            table.writerows(map(_plain, _rows(lines)))
            text.flush()
            text.detach()
        else:
            pa, parquet = pyarrow_modules()
            schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
            rows = _rows(lines)
            with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
                while part := list(islice(rows, _ROWS_AT_ONCE)):
                    writer.write_table(pa.Table.from_pylist(part, schema))
    lines.unlink()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose texts no spreadsheet takes for formulas."""
    return {name: plain_cell(value) if isinstance(value, str) else value for name, value in row.items()}


def _rows(lines: Path) -> Iterator[dict[str, Any]]:
    with lines.open("rb") as file:
        for line in file:
            found = json.loads(line)
            yield {
                name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for name in COLUMNS
                if (value := found.get(name)) is not None
            }
