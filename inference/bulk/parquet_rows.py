"""Reads the rows of a Parquet file so that an odd cell costs only its own row."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from inference.input import BadLine, InputError, check_columns
from inference.records import RecordError, id_of, listing_from_record
from labels.schema import Listing

COLUMNS: Final = frozenset(Listing.model_fields) - {"extra"} | {"text", "reach"}
"""Columns that are read; the others may hold anything."""

_ROWS_AT_ONCE: Final = 256
_MAX_EXACT: Final = 2**53
"""Up to here, floats hold every whole number."""


def pyarrow_modules() -> Any:
    """The packages ``pyarrow`` and ``pyarrow.parquet``.  Raises :class:`InputError` if they are missing."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - of the extra, and heavy
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise InputError("Parquet needs pyarrow: install it with: pip install 'ruthan[bulk]'") from error
    return pa, parquet


def count_rows(path: Path) -> int:
    """The number of rows of a file.  Raises as :func:`parquet_rows`."""
    return int(_opened(path).metadata.num_rows)


def parquet_rows(path: Path) -> Iterator[Listing | BadLine]:
    """The listings and bad rows of a Parquet file.

    Raises:
        InputError: it is no Parquet file or damaged, a required column is missing, or one is named twice.
        OSError: it cannot be opened.
    """
    number = 0
    for batch in _batches(path):
        names = batch.schema.names
        columns = {name: _column(batch.column(k)) for k, name in enumerate(names) if name in COLUMNS}
        for row in range(batch.num_rows):
            number += 1
            yield _listing_of(number, {name: column[row] for name, column in columns.items()})


def _opened(path: Path) -> Any:
    pa, parquet = pyarrow_modules()
    try:
        file = parquet.ParquetFile(path)
        names = file.schema_arrow.names
    except pa.ArrowException as error:
        raise InputError(f"{path} is not a Parquet file: {error}") from error
    check_columns(names, str(path))
    return file


def _batches(path: Path) -> Iterator[Any]:
    pa, _ = pyarrow_modules()
    try:
        yield from _opened(path).iter_batches(batch_size=_ROWS_AT_ONCE, columns=sorted(COLUMNS))
    except pa.ArrowException as error:
        raise InputError(f"{path} is damaged: {error}") from error


def _column(column: Any) -> Any:
    """A column with its times as text: those of Python lack nanoseconds and far years."""
    pa, _ = pyarrow_modules()
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp(kind.unit))  # in UTC, whatever its zone
    return column.cast(pa.string()) if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else column


def _listing_of(number: int, cells: Mapping[str, Any]) -> Listing | BadLine:
    record: dict[str, Any] = {}
    problem = ""
    for name, cell in cells.items():
        try:
            record[name] = _plain(cell.as_py())
        except Exception as error:  # pyarrow raises many kinds
            problem = problem or f'"{name}" cannot be read: {error}'
    given = record.get("id")
    if isinstance(given, float) and given.is_integer() and abs(given) <= _MAX_EXACT:
        record["id"] = int(given)  # a whole number in a column with empty cells
    try:
        return BadLine(number, problem, id_of(record)) if problem else listing_from_record(record)
    except RecordError as error:
        return BadLine(number, str(error), id_of(record))


def _plain(value: Any) -> Any:
    """Return a value as JSON would hold it."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
