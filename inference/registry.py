"""A snapshot of the official licence registers, imported from a CSV file.

The registers' own portals answer in seconds to minutes, so nothing here asks them: numbers are looked up
in a snapshot whose date is shown with every answer.

Format: UTF-8 (a byte order mark is accepted), comma separated, first line ``# snapshot: YYYY-MM-DD``
(Buddhist or Common Era), then a header with ``number,kind,product_name,holder,status``. ``kind`` is a
value of :class:`labels.schema.LicenceKind`, ``status`` is ``active`` or ``cancelled``. Instead of the
first line there may be a column ``as_of`` with the date of each row; the latest is the snapshot's date.
Further columns are left alone.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from inference.surface import Surface
from labels.schema import LicenceKind
from labels.taxonomy import ProductClass

_COLUMNS: Final = ("number", "kind", "product_name", "holder", "status")
_SNAPSHOT: Final = re.compile(r"#\s*snapshot\s*:\s*(.*?)[\s,]*$", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_BUDDHIST_FROM: Final = 2400
_BUDDHIST_ERA: Final = 543


class RegistryError(ValueError):
    """The snapshot file cannot be read; the message names the row and says what to do."""


class RecordStatus(StrEnum):
    """Whether a licence is in force."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class RegistryRecord:
    """One licence of the snapshot."""

    number: str
    kind: LicenceKind
    product_name: str
    holder: str
    status: RecordStatus


_FOOD: Final = frozenset({ProductClass.FOOD, ProductClass.FOOD_SUPPLEMENT})
_DRUG: Final = frozenset({ProductClass.DRUG, ProductClass.NARCOTIC_PSYCHOTROPIC})
_HERBAL: Final = frozenset({ProductClass.HERBAL})
_DEVICE: Final = frozenset({ProductClass.MEDICAL_DEVICE})
_SERVICE: Final = frozenset({ProductClass.HEALTH_SERVICE})
_COSMETIC: Final = frozenset({ProductClass.COSMETIC})
_CLASSES: Final[dict[LicenceKind, frozenset[ProductClass]]] = {
    LicenceKind.FOOD_SERIAL: _FOOD,
    LicenceKind.COSMETIC_NOTIFICATION: _COSMETIC,
    LicenceKind.DRUG_REGISTRATION: _DRUG,
    # Traditional drugs became herbal products in 2564 and keep their numbers.
    LicenceKind.TRADITIONAL_REGISTRATION: _HERBAL | {ProductClass.DRUG},
    LicenceKind.HERBAL_REGISTRATION: _HERBAL,
    LicenceKind.DEVICE_LICENCE: _DEVICE,
    LicenceKind.HAZARD_REGISTRATION: frozenset({ProductClass.HOUSEHOLD_HAZARD}),
    LicenceKind.CLINIC_LICENCE: _SERVICE,
    LicenceKind.FOOD_AD_PERMIT: _FOOD,
    LicenceKind.DRUG_AD_PERMIT: frozenset({ProductClass.DRUG}),
    LicenceKind.DEVICE_AD_PERMIT: _DEVICE,
    LicenceKind.CLINIC_AD_PERMIT: _SERVICE,
    LicenceKind.HERBAL_AD_PERMIT: _HERBAL,
    # No advertising permit exists for cosmetics and hazardous substances.
    LicenceKind.AD_PERMIT: _FOOD | _HERBAL | _DEVICE | _SERVICE | {ProductClass.DRUG},
    LicenceKind.AMBIGUOUS: _FOOD | _COSMETIC,
}


def kind_matches_class(kind: LicenceKind, product_class: ProductClass) -> bool:
    """Whether a number of this kind belongs on a product of this class."""
    return product_class in _CLASSES[kind]


def comparable(number: str) -> str:
    """A number as it is compared: folded digits, upper case, no separators but the slash, no leading zeros.

    A year written 25yy after the slash counts as yy.
    """
    folded = Surface(number).text.upper()
    key = re.sub(r"[^0-9A-Zก-ฮ/]", "", folded)
    key = re.sub(r"/25(?=\d\d(?!\d))", "/", key)
    return re.sub(r"(?<!\d)0+(?=\d+/)", "", key)


class Registry:
    """Licences of one snapshot, looked up by kind and number."""

    def __init__(self, records: Iterable[RegistryRecord], snapshot_date: date) -> None:
        self.snapshot_date = snapshot_date
        self._records = {(r.kind, comparable(r.number)): r for r in records}

    def __len__(self) -> int:
        return len(self._records)

    def lookup(self, kind: LicenceKind, number: str) -> RegistryRecord | None:
        """The record of that number, or ``None``. How the number is spaced or hyphenated does not matter."""
        return self._records.get((kind, comparable(number)))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a snapshot file; :class:`RegistryError` names the line that is wrong and what it should be."""
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
            key = record.kind, comparable(record.number)
            if key in records:
                earlier = records[key][0]
                raise RegistryError(
                    f"{path}, line {row}: {record.number} stands on line {earlier} already: keep one"
                )
            records[key] = row, record
            snapshot = max(snapshot or dated, dated) if dated else snapshot
        if snapshot is None:
            raise RegistryError(
                f"{path}: no snapshot date: begin with '# snapshot: YYYY-MM-DD' or fill a column as_of"
            )
        return cls((record for _, record in records.values()), snapshot)


def _rows(content: str, path: Path, skipped: int) -> Iterator[tuple[int, date | None, RegistryRecord]]:
    reader = csv.DictReader(io.StringIO(content, newline=""), skipinitialspace=True)
    missing = [c for c in _COLUMNS if c not in (reader.fieldnames or ())]
    if missing:
        raise RegistryError(
            f"{path}, line {skipped + 1}: header lacks {', '.join(missing)}; needed: {','.join(_COLUMNS)}"
        )
    for fields in reader:
        row = reader.line_num + skipped
        where = f"{path}, line {row}"
        values = {c: (fields[c] or "").strip() for c in _COLUMNS}
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
        as_of = (fields.get("as_of") or "").strip()
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
