"""Writes the finished result of a bulk run as JSON Lines or as a table."""

import csv
import json
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final

from inference.input import InputError
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
    "truncated": "bool",
    "model": "string",
    "screened_out": "bool",
    "screen_score": "double",
    "line": "int64",
    "problem": "string",
    "pictures": "string",
}
"""Columns of the table and their types; lists are stored as JSON in their cell."""

_ROWS_AT_ONCE = 4096


def check_suffix(out: Path) -> None:
    """Raise :class:`InputError` for an unsupported file type or a missing package."""
    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"{out}: the result is written as .jsonl, .csv or .parquet")
    if out.suffix.lower() == ".parquet":
        _pyarrow()


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
            table.writerows(_rows(lines))
            text.flush()
            text.detach()
        else:
            pa, parquet = _pyarrow()
            schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
            rows = _rows(lines)
            with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
                while part := list(islice(rows, _ROWS_AT_ONCE)):
                    writer.write_table(pa.Table.from_pylist(part, schema))
    lines.unlink()


def _rows(lines: Path) -> Iterator[dict[str, Any]]:
    with lines.open("rb") as file:
        for line in file:
            found = json.loads(line)
            yield {
                name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for name in COLUMNS
                if (value := found.get(name)) is not None
            }


def _pyarrow() -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415 - of the extra, and heavy
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise InputError("Parquet needs pyarrow: install it with: pip install 'ruthan[bulk]'") from error
    return pa, parquet
