"""A table of figures, rendered in a page and as CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from markupsafe import Markup

from labels.csv_injection import plain_cell
from service.console.core.thai_time import thai_date
from service.text.thai_calendar import BANGKOK, local_day

BYTE_ORDER_MARK = "\ufeff"
"""Byte order mark, which makes spreadsheets read Thai as UTF-8."""

UNKNOWN = "ไม่ทราบ"

Value = str | int | float | date | None
"""``None`` is unknown or not disclosed; it is never shown as zero."""


class Kind(StrEnum):
    """The kind of values in a column."""

    WORDS = "words"
    COUNT = "count"
    SHARE = "share"
    """Between 0 and 1."""
    SECONDS = "seconds"
    SCORE = "score"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """A column: its Thai heading, its CSV heading ``name``, and ``nothing``, shown for no value."""

    name: str
    thai: str
    kind: Kind = Kind.COUNT
    nothing: str = "–"


@dataclass(frozen=True)
class FigureTable:
    """A table; ``name`` is part of its CSV's address, and the first column names the row.

    ``links`` are addresses of pages about the rows: none, or one per row.
    """

    name: str
    thai: str
    english: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    chart: Markup = field(default_factory=Markup)
    notes: Sequence[str] = ()
    links: Sequence[str] = ()


def shown(column: Column, value: Value) -> str:
    """Format a cell for the page."""
    if value is None:
        return column.nothing
    if isinstance(value, date):
        return thai_date(value if isinstance(value, datetime) else midnight(value))
    if isinstance(value, str):
        return value
    write = _WRITTEN.get(column.kind)
    return f"{value:,}" if write is None else write(value)


def as_csv(table: FigureTable) -> str:
    """Return the table as CSV: times in hours, shares between 0 and 1, unknown values as empty cells."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(plain_cell(column.name) for column in table.columns)
    for row in table.rows:
        writer.writerow(_cell(column, value) for column, value in zip(table.columns, row, strict=True))
    return BYTE_ORDER_MARK + out.getvalue()


def thai_span(seconds: float) -> str:
    """Format a duration in a suitable unit: ``45 นาที``, ``3.5 ชม.`` or ``12.0 วัน``."""
    minutes = seconds / 60
    if minutes < 1:
        return "ไม่ถึง 1 นาที"
    if minutes < 60:
        return f"{minutes:.0f} นาที"
    return f"{minutes / 60:.1f} ชม." if minutes < 48 * 60 else f"{minutes / 60 / 24:.1f} วัน"


_WRITTEN: dict[Kind, Callable[[float], str]] = {
    Kind.SHARE: lambda value: f"{value:.1%}",
    Kind.SECONDS: thai_span,
    Kind.SCORE: lambda value: f"{value:.3f}",
}


def midnight(day: date) -> datetime:
    """Return the start of a day in Bangkok."""
    return datetime(day.year, day.month, day.day, tzinfo=BANGKOK)


def _cell(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return plain_cell(value)
    if isinstance(value, date):
        # A moment is a day in Bangkok, as on the page.
        return (local_day(value) if isinstance(value, datetime) else value).isoformat()
    if column.kind is Kind.SECONDS:
        return f"{value / 3600:.3f}"
    return f"{value:.4f}" if column.kind in (Kind.SHARE, Kind.SCORE) else str(value)
