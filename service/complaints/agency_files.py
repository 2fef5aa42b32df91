"""Writes the file of complaints for an agency: CSV or XLSX, Thai headings, no formulas."""

import csv
from collections.abc import Iterator, Sequence
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Final

from service.complaints.words import CATEGORIES
from service.store.tables.complaint_tables import Complaint, ComplaintCategory, ComplaintExport
from service.text.csv_injection import plain_cell
from service.text.thai_calendar import BUDDHIST_ERA, local_day

HEADINGS: Final = (
    "เลขที่เรื่อง", "วันที่รับเรื่อง", "วันที่ร้องเรียน", "ประเภทเรื่อง", "ชื่อสินค้า", "ผู้ขาย", "ลิงก์", "รายละเอียด", "ข้อความโฆษณา",
    "เลขที่จากต้นทาง", "ชื่อผู้ร้อง", "ข้อมูลติดต่อ",
)  # fmt: skip


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


def written(rows: Sequence[Complaint], form: FileFormat) -> bytes:
    """Return the file's content; CSV is UTF-8 with a byte order mark, for spreadsheets."""
    lines = [list(HEADINGS), *_lines(rows)]
    if form is FileFormat.CSV:
        text = StringIO(newline="")
        csv.writer(text).writerows(lines)
        return text.getvalue().encode("utf-8-sig")
    return _workbook(lines)


def _lines(rows: Sequence[Complaint]) -> Iterator[list[str]]:
    for row in rows:
        received, on = local_day(row.received_at), row.complained_on
        cells = (
            row.number,
            f"{received.day}/{received.month}/{received.year + BUDDHIST_ERA}",
            f"{on.day}/{on.month}/{on.year + BUDDHIST_ERA}" if on else "",
            CATEGORIES[ComplaintCategory(row.category)],
            row.title,
            row.seller,
            row.url,
            row.detail,
            row.advertised,
            row.external_id or "",
            row.contact_name,
            row.contact,
        )
        yield [plain_cell(cell) for cell in cells]


def _workbook(lines: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 (slow to import)
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("เรื่องร้องเรียน")
    for line in lines:
        # A workbook cannot contain control characters.
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell) for cell in line])
    made = BytesIO()
    book.save(made)
    return made.getvalue()
