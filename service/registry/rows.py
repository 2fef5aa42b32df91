"""Parses one row of a register into a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from inference.registry.source import RecordStatus, RegistryRecord
from labels.schema import LicenceKind
from service.registry.columns import Column
from service.registry.dates import is_no_date, read_date
from service.registry.numbers import NumberUnreadable, kinds_from, read_number
from service.registry.status_words import StatusUnknown, expiry_in, read_status
from service.registry.table import Row

_LONGEST: Final = 1000
"""Most characters stored of a name or a holder."""


class RowUnreadable(ValueError):
    """A row that is not a record; the message says why."""


@dataclass(frozen=True)
class Reading:
    """How to parse the rows of one import.

    Attributes:
        kind: the kind of every number, if the files do not have it.
        status: the status of rows without one.
        status_words: status words given explicitly.
        today: the date that years and expiry dates are compared with.
    """

    kind: LicenceKind | None = None
    status: RecordStatus | None = None
    status_words: Mapping[str, RecordStatus] = field(default_factory=dict)
    today: date = field(default_factory=date.today)


@dataclass(frozen=True)
class Read:
    """A record, its row's date if any, and a doubt about it, or empty."""

    record: RegistryRecord
    as_of: date | None
    doubt: str = ""


def read_row(row: Row, reading: Reading) -> Read:
    """Parse a row; raises :class:`RowUnreadable` with the reason."""
    if row.fault:
        raise RowUnreadable(row.fault)
    cells = row.cells
    kinds = (reading.kind,) if reading.kind else kinds_from(cells.get(Column.KIND, ""))
    try:
        kind, number = read_number(cells[Column.NUMBER], kinds, row.heading, reading.today)
        written = cells.get(Column.STATUS, "")
        status = read_status(written, reading.status_words) if written else reading.status
    except (NumberUnreadable, StatusUnknown) as error:
        raise RowUnreadable(str(error)) from error
    as_of, doubt = _day(cells.get(Column.AS_OF, ""), row.doubt)
    if as_of is not None and as_of > reading.today:
        as_of, doubt = None, f"the date {as_of} is in the future: ignored"
    expires, doubt = _day(cells.get(Column.EXPIRES, ""), doubt)
    expires = expires or expiry_in(written, reading.status_words)
    if expires is not None and expires < (as_of or reading.today) and status is not RecordStatus.CANCELLED:
        status, written = RecordStatus.CANCELLED, f"หมดอายุ ({expires.isoformat()})"
    if status is None and expires is not None:
        status = RecordStatus.ACTIVE
    if status is None:
        raise RowUnreadable("the status is empty: give --status if the file has only licences in force")
    name, holder = (cells.get(c, "")[:_LONGEST] for c in (Column.PRODUCT_NAME, Column.HOLDER))
    return Read(RegistryRecord(number, kind, name, holder, status, written[:100]), as_of, doubt)


def _day(written: str, doubt: str) -> tuple[date | None, str]:
    if is_no_date(written):
        return None, doubt
    try:
        return read_date(written), doubt
    except ValueError as error:
        return None, "; ".join(filter(None, (doubt, f"{error}: ignored")))
