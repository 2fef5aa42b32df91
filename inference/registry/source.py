"""Looks numbers up in a snapshot of the official licence registers, and reads small ones from CSV.

The registers' own portals take seconds to minutes to answer, so numbers are looked up in a local snapshot
whose date and age are shown with every answer. Snapshots imported with ``ruthan registry import`` are read by
:mod:`inference.registry.snapshot`; a CSV file is held in memory.

Format of the CSV file: UTF-8 (a byte order mark is accepted), comma separated, first line ``# snapshot:
YYYY-MM-DD`` (Buddhist or Common Era), then a header with ``number,kind,product_name,holder,status``. ``kind``
is a value of :class:`labels.schema.LicenceKind`, ``status`` is ``active`` or ``cancelled``. Instead of the
first line there may be a column ``as_of`` with the date of each row; the latest is the snapshot's date. Other
columns are ignored.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, Self

from inference.text.surface import Surface
from labels.csv_rows import CsvRows, text_lines
from labels.schema import LicenceKind

_COLUMNS: Final = ("number", "kind", "product_name", "holder", "status")
_SNAPSHOT: Final = re.compile(r"#\s*snapshot\s*:\s*(.*?)[\s,]*$", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SIGNS: Final = re.compile(r"[^0-9A-Zก-ฮ/]")
_CENTURY: Final = re.compile(r"/25(?=\d\d(?!\d))")
_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d+/)")
_BUDDHIST_FROM: Final = 2400
_BUDDHIST_ERA: Final = 543

MAX_AGE_DAYS: Final = 30
"""Default age in days from which a snapshot is reported as old."""


class RegistryError(ValueError):
    """The snapshot file cannot be read; the message names the row and says what to do."""


class RecordStatus(StrEnum):
    """Whether a licence is in force."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class RegistryRecord:
    """One licence in the snapshot."""

    number: str
    kind: LicenceKind
    product_name: str
    holder: str
    status: RecordStatus
    status_written: str = ""
    """The register's own word for the status: revoked, suspended and expired also count as cancelled."""
    as_of: date | None = None
    """The date of this record, if it differs from the snapshot's."""


def comparable(number: str) -> str:
    """A number normalized for comparison.

    Plain digits, upper case, no separators but the slash, no leading zeros.

    A year written 25yy after the slash counts as yy.
    """
    key = _SIGNS.sub("", Surface(number).text.upper())
    return _ZEROS.sub("", _CENTURY.sub("/", key)) if "/" in key else key


_PREFIXES: Final = {
    LicenceKind.FOOD_AD_PERMIT: "ฆอ",
    LicenceKind.DRUG_AD_PERMIT: "ฆท",
    LicenceKind.DEVICE_AD_PERMIT: "ฆพ",
    LicenceKind.CLINIC_AD_PERMIT: "ฆสพ",
    LicenceKind.HAZARD_REGISTRATION: "วอส",
}
_SAME_SERIES: Final = {
    LicenceKind.TRADITIONAL_REGISTRATION: LicenceKind.HERBAL_REGISTRATION,
    LicenceKind.HERBAL_REGISTRATION: LicenceKind.TRADITIONAL_REGISTRATION,
}
"""Kinds that share one number series: only the year in the number tells which kind it is."""
_SAME_DIGITS: Final = {
    LicenceKind.FOOD_SERIAL: LicenceKind.COSMETIC_NOTIFICATION,
    LicenceKind.COSMETIC_NOTIFICATION: LicenceKind.FOOD_SERIAL,
}


def registry_key(kind: LicenceKind, number: str) -> str:
    """The lookup key of a number: :func:`comparable` without the kind's own prefix."""
    return comparable(number).removeprefix(_PREFIXES.get(kind, ""))


class Records(Protocol):
    """The storage behind a registry."""

    def __len__(self) -> int:
        """The number of records."""

    def get(self, kind: LicenceKind, key: str) -> RegistryRecord | None:
        """The record under this :func:`registry_key`, or ``None``."""

    def kinds(self) -> frozenset[LicenceKind]:
        """The kinds that have at least one record."""


class Registry:
    """The licences of one snapshot, looked up by kind and number.

    Args:
        records: the storage.
        snapshot_date: the date of the snapshot.
        max_age_days: the age in days from which the snapshot is reported as old.
    """

    def __init__(self, records: Records, snapshot_date: date, max_age_days: int = MAX_AGE_DAYS) -> None:
        self.snapshot_date = snapshot_date
        self.max_age_days = max_age_days
        self._records = records
        self._kinds = records.kinds()

    def __len__(self) -> int:
        return len(self._records)

    def now(self) -> "Registry":
        """This registry itself, since it never changes."""
        return self

    def lookup(self, kind: LicenceKind, number: str) -> RegistryRecord | None:
        """The record of a number, or ``None``; spacing and hyphens in the number do not matter."""
        record = self._records.get(kind, registry_key(kind, number))
        other = _SAME_SERIES.get(kind)
        if record is None and other is not None:
            return self._records.get(other, registry_key(other, number))
        return record

    def same_digits(self, kind: LicenceKind, number: str) -> RegistryRecord | None:
        """A record of another kind with the same thirteen digits, or ``None``."""
        other = _SAME_DIGITS.get(kind)
        return self._records.get(other, registry_key(other, number)) if other is not None else None

    def covers(self, kind: LicenceKind) -> bool:
        """Whether the snapshot holds any number of this kind; if not, a missing number means nothing."""
        return kind in self._kinds or _SAME_SERIES.get(kind) in self._kinds

    @classmethod
    def load(cls, path: str | Path, max_age_days: int = MAX_AGE_DAYS) -> Self:
        """Read a registry from a CSV file.

        Raises:
            RegistryError: the file cannot be read; the message names the line and the fix.
        """
        path = Path(path)
        try:
            content = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise RegistryError(f"{path}: not UTF-8 at byte {error.start}: save it as CSV UTF-8") from error
        except OSError as error:
            raise RegistryError(f"{path}: cannot be read: {error.strerror}") from error
        first, _, rest = content.partition("\n")
        skip, snapshot = 0, None
        if match := _SNAPSHOT.match(first.strip()):
            skip, snapshot, content = 1, _date(match[1], f"{path}, line 1"), rest
        records: dict[tuple[LicenceKind, str], tuple[int, RegistryRecord]] = {}
        for row, dated, record in _rows(content, path, skip):
            key = record.kind, registry_key(record.kind, record.number)
            if key in records:
                earlier = records[key][0]
                raise RegistryError(
                    f"{path}, line {row}: {record.number} is already on line {earlier}: keep one"
                )
            records[key] = row, record
            snapshot = max(snapshot or dated, dated) if dated else snapshot
        if snapshot is None:
            raise RegistryError(
                f"{path}: no snapshot date: begin with '# snapshot: YYYY-MM-DD' or fill a column as_of"
            )
        held = _InMemory({key: record for key, (_, record) in records.items()})
        return cls(held, snapshot, max_age_days)


class RegistrySource(Protocol):
    """Provides the registry to check a listing against, which may change over time."""

    def now(self) -> Registry | None:
        """The current registry; ``None`` if none is loaded."""


class _InMemory:
    def __init__(self, records: dict[tuple[LicenceKind, str], RegistryRecord]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def get(self, kind: LicenceKind, key: str) -> RegistryRecord | None:
        return self._records.get((kind, key))

    def kinds(self) -> frozenset[LicenceKind]:
        return frozenset(kind for kind, _ in self._records)


def _rows(content: str, path: Path, skipped: int) -> Iterator[tuple[int, date | None, RegistryRecord]]:
    rows = CsvRows(text_lines(io.StringIO(content, newline="")), skip_spaces=True, first_line=skipped + 1)
    header = next(rows, None)
    if header and header.problem:
        where = f"{path}, line {header.first}"
        raise RegistryError(f"{where}: the header cannot be read: {header.problem}")
    columns = header.cells if header else []
    missing = [c for c in _COLUMNS if c not in columns]
    if missing:
        raise RegistryError(
            f"{path}, line {skipped + 1}: header lacks {', '.join(missing)}; needed: {','.join(_COLUMNS)}"
        )
    rows.width = len(columns)
    for found in rows:
        row = found.first
        where = f"{path}, line {row}"
        if found.problem:
            raise RegistryError(f"{where}: {found.problem}")
        fields = dict(zip(columns, found.cells, strict=False))
        values = {c: fields.get(c, "").strip() for c in _COLUMNS}
        if not comparable(values["number"]):
            raise RegistryError(f"{where}: number is empty")
        try:
            kind = LicenceKind(values["kind"])
            if kind is LicenceKind.AMBIGUOUS:
                raise ValueError
        except ValueError:
            allowed = ", ".join(k for k in LicenceKind if k is not LicenceKind.AMBIGUOUS)
            raise RegistryError(f"{where}: kind is {values['kind']!r}; allowed: {allowed}") from None
        try:
            status = RecordStatus(values["status"].lower())
        except ValueError:
            raise RegistryError(
                f"{where}: status is {values['status']!r}; allowed: active, cancelled"
            ) from None
        as_of = fields.get("as_of", "").strip()
        record = RegistryRecord(values["number"], kind, values["product_name"], values["holder"], status)
        yield row, _date(as_of, where) if as_of else None, record


def _date(written: str, where: str) -> date:
    match = _DATE.fullmatch(written)
    try:
        if match is None:
            raise ValueError
        year = int(match[1])
        return date(year - _BUDDHIST_ERA if year >= _BUDDHIST_FROM else year, int(match[2]), int(match[3]))
    except ValueError:
        raise RegistryError(f"{where}: date {written!r} is not YYYY-MM-DD (B.E. or C.E.)") from None
