"""Periods of time in queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Span:
    """A time span in the store; both ends are timezone-aware."""

    since: datetime
    before: datetime


def within(column: Any, span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether the time in a column is within the span."""
    return column >= span.since, column < span.before
