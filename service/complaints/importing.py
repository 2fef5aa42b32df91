"""Imports complaints from a CSV file or workbook; rejected lines are reported with the reason."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TextIO

from labels.csv_injection import plain_cell, unquoted_cell
from labels.taxonomy import Platform, platform_term
from service.complaints.columns import COMPLAINTS, Column, ReportColumn, category_of
from service.complaints.intake import ComplaintUnusable, filing_of
from service.registry.columns import closed
from service.registry.dates import is_no_date, read_date
from service.registry.table import Row, Table
from service.store import Store
from service.store.audit import names as audit_names
from service.store.database.running_numbers import read
from service.store.tables.complaint_tables import ComplaintCategory
from service.text.spellings import lacks_zero

REPORT: Final = ("line", ReportColumn.WHAT, ReportColumn.NUMBER, ReportColumn.WHY_TH, "why", *Column)
"""The columns of the report."""
_TOLD: Final = 100


@dataclass
class Imported:
    """The result of an import, in lines."""

    new: int = 0
    known: int = 0
    refused: int = 0
    remarks: int = 0
    """Stored lines that a person should check."""
    tied: int = 0
    """Complaints that belong to a listing."""
    first_refusals: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Number of all lines."""
        return self.new + self.known + self.refused


class _LineRefused(ValueError):
    def __init__(self, thai: str, english: str) -> None:
        super().__init__(english)
        self.thai = thai


def import_complaints(
    store: Store,
    path: Path,
    report: TextIO,
    *,
    source: str,
    category: ComplaintCategory | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Import the complaints of a file; rejected lines are written to ``report`` with all their cells.

    Each line is stored by itself: repeat a killed import to complete it.  A line without a number is
    recognized by its text for 30 days.  ``category`` applies to lines without one. Of a corrected report,
    only the rejected lines are stored, and those that got another number. Raises
    :class:`~service.registry.table.FileUnreadable`.
    """
    done = Imported()
    write = csv.writer(report).writerow
    write(REPORT)
    for line in Table(path, words=COMPLAINTS):
        row, is_stored = _as_written(store, line)
        if is_stored:
            done.known += 1
            continue
        for what, number, thai, english in _take(store, row, source, category, done):
            cells = [row.cells.get(column, "") for column in Column]
            write([plain_cell(cell) for cell in (row.where, what, number, thai, english, *cells)])
        if done.lines % _TOLD == 0:
            progress(done.lines)
    return done


def _as_written(store: Store, row: Row) -> tuple[Row, bool]:
    """A row as it was before a report was made of it, and whether it is stored according to that report."""
    cells: dict[str, str] = {column: row.cells[column] for column in Column if column in row.cells}
    if not all(column in row.cells for column in ReportColumn):
        return replace(row, cells=cells), False
    cells = {column: unquoted_cell(cell) for column, cell in cells.items()}
    what = row.cells[ReportColumn.WHAT].lower()
    is_stored = what == "look" or (what == "known" and _keeps_number(store, row, cells))
    return replace(row, cells=cells), is_stored


def _keeps_number(store: Store, row: Row, cells: Mapping[str, str]) -> bool:
    """Whether a row has the number of the complaint that the report names, not one given to it since."""
    number = read(row.cells[ReportColumn.NUMBER])
    known = store.complaints.find(*number) if number else None
    return known is not None and known.external_id == cells.get(Column.EXTERNAL_ID)


def _take(
    store: Store, row: Row, source: str, category: ComplaintCategory | None, done: Imported
) -> Iterator[tuple[str, str, str, str]]:
    """Store one line; returns its remark for the report."""
    try:
        if row.fault:
            raise _LineRefused("อ่านบรรทัดนี้ไม่ได้ โปรดตรวจเครื่องหมายคำพูด", row.fault)
        filing = filing_of(_fields(row, category))
    except (_LineRefused, ComplaintUnusable) as error:
        done.refused += 1
        if len(done.first_refusals) < 3:
            done.first_refusals.append(f"{row.where}: {error}")
        yield "refused", "", error.thai, str(error)
        return
    receipt = store.complaints.file(filing, source, audit_names.CLI)
    if receipt.status == "new":
        done.new += 1
        done.tied += receipt.listing_id is not None
    else:
        done.known += 1
    if receipt.status == "differs":
        done.remarks += 1
        thai = "เลขที่เรื่องนี้มีอยู่แล้วแต่เนื้อความต่างกัน ระบบเก็บฉบับแรกไว้"
        english = "this number is already stored with another text: the first is kept"
        yield "known", receipt.number, thai, english
    elif row.doubt:
        done.remarks += 1
        yield "look", receipt.number, "รายการนี้ยาวต่อเนื่องหลายบรรทัด โปรดตรวจว่าเครื่องหมายคำพูดครบคู่", row.doubt


def _fields(row: Row, category: ComplaintCategory | None) -> dict[str, object]:
    fields: dict[str, object] = {name: value for name, value in row.cells.items() if value.strip()}
    if written := row.cells.get(Column.CATEGORY, "").strip():
        found = category_of(written)
        if found is None:
            known = ", ".join(ComplaintCategory)
            raise _LineRefused(
                f"ไม่รู้จักประเภทเรื่อง {written!r}", f"{written!r} is not a category: write one of {known}"
            )
        fields[Column.CATEGORY] = found.value
    elif category is not None:
        fields[Column.CATEGORY] = category.value
    if written := row.cells.get(Column.PLATFORM, "").strip():
        fields[Column.PLATFORM] = _platform(written)
    written = row.cells.get(Column.COMPLAINED_ON, "")
    if not is_no_date(written):
        try:
            fields[Column.COMPLAINED_ON] = read_date(written)
        except ValueError as error:
            raise _LineRefused(f"อ่านวันที่ {written!r} ไม่ได้", str(error)) from error
    else:
        fields.pop(Column.COMPLAINED_ON, None)
    if written := row.cells.get(Column.CONTACT, ""):
        # Several columns are joined.
        parts = (f"0{part}" if lacks_zero(part) else part for part in written.split(" / "))
        fields[Column.CONTACT] = " / ".join(parts)
    return fields


def _platform(written: str) -> str:
    wanted = closed(written)
    for platform in Platform:
        if wanted in (closed(platform.value), closed(platform_term(platform).thai)):
            return platform.value
    known = ", ".join(Platform)
    raise _LineRefused(f"ไม่รู้จักช่องทาง {written!r}", f"{written!r} is not a platform: write one of {known}")
