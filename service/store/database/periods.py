"""Periods of time in queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Span:
    """A span of time in the store; both ends aware."""

    since: datetime
    before: datetime


def within(column: Any, span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether the moment in a column lies within the span."""
    return column >= span.since, column < span.before
