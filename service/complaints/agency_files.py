"""Writes the file of complaints for an agency: CSV or XLSX, Thai headings, no formulas."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Final

from labels.csv_injection import plain_cell
from service.complaints.words import CATEGORIES
from service.store.complaints.exports import ComplaintForAgency
from service.store.tables.complaint_tables import ComplaintCategory, ComplaintExport
from service.text.thai_calendar import BUDDHIST_ERA, local_day

HEADINGS: Final = (
    "เลขที่เรื่อง", "วันที่รับเรื่อง", "วันที่ร้องเรียน", "ประเภทเรื่อง", "ชื่อสินค้า", "ผู้ขาย", "ลิงก์", "รายละเอียด", "ข้อความโฆษณา",
    "ผู้ร้องแจ้งเพิ่มเติม", "จำนวนภาพ", "ตอบรวมกับเรื่อง", "เลขที่จากต้นทาง", "ชื่อผู้ร้อง", "ข้อมูลติดต่อ",
)  # fmt: skip


_MOST_IN_CELL: Final = 32_767
"""How many characters a cell of a workbook can hold."""
_CUT: Final = " … (ข้อความยาวเกินช่อง ขอฉบับเต็มได้จากหน่วยงานผู้ส่ง)"


class FileFormat(StrEnum):
    """The format of the file."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Final = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_name(export: ComplaintExport, form: FileFormat) -> str:
    """Return a unique file name for an export."""
    return f"complaints-{export.agency}-{export.id:04d}.{form}"


def written(rows: Sequence[ComplaintForAgency], form: FileFormat) -> bytes:
    """Return the file's content; CSV is UTF-8 with a byte order mark, for spreadsheets."""
    lines = [list(HEADINGS), *_lines(rows)]
    if form is FileFormat.CSV:
        text = StringIO(newline="")
        csv.writer(text).writerows(lines)
        return text.getvalue().encode("utf-8-sig")
    return _workbook(lines)


def _lines(rows: Sequence[ComplaintForAgency]) -> Iterator[list[str]]:
    for found in rows:
        row = found.complaint
        cells = (
            row.number,
            _day(local_day(row.received_at)),
            _day(row.complained_on) if row.complained_on else "",
            CATEGORIES[ComplaintCategory(row.category)],
            row.title,
            row.seller,
            row.url,
            row.detail,
            row.advertised,
            "\n".join(f"{_day(local_day(event.at))} {event.text}" for event in found.added),
            str(found.photos),
            found.main,
            row.external_id or "",
            row.contact_name,
            row.contact,
        )
        yield [plain_cell(cell) for cell in cells]


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year + BUDDHIST_ERA}"


def _workbook(lines: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 (slow to import)
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("เรื่องร้องเรียน")
    for line in lines:
        # A workbook cannot contain control characters.
        sheet.append([_fitting(ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell)) for cell in line])
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _fitting(cell: str) -> str:
    """Return a text that a cell of a workbook can hold; what is cut off of it is said."""
    return cell if len(cell) <= _MOST_IN_CELL else cell[: _MOST_IN_CELL - len(_CUT)] + _CUT
