import csv
import io
from collections.abc import Iterator

import openpyxl
import pytest

from service.complaints.agency_files import HEADINGS, FileFormat, file_name, written
from service.complaints.intake import filing_of
from service.settings import Settings
from service.store import Store, open_store
from service.store.complaints.exports import ComplaintForAgency
from service.store.tables.complaint_tables import Agency, ComplaintExport

FORMULAS = [
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    " =1+1",
    "\n=1",
    "＝1+1",
    "＠x",
]


@pytest.fixture
def exported(settings: Settings) -> Iterator[tuple[ComplaintExport, list[ComplaintForAgency]]]:
    with open_store(settings.database.url) as store:
        yield _made(store)


def _made(store: Store) -> tuple[ComplaintExport, list[ComplaintForAgency]]:
    for number, text in enumerate(FORMULAS):
        filing = filing_of(
            {
                "category": "late",
                "detail": f"x{text}",
                "title": text,
                "seller": text,
                "contact": text,
                "contact_name": text,
                "external_id": f"{text}{number}",
                "url": text,
                "advertised": f"{text}\x07",
                "complained_on": "2026-11-24",
            }
        )
        store.complaints.file(filing, "form", "form")
    made, rows = store.complaint_exports.make(Agency.ETDA, "cli")
    assert made is not None
    assert len(rows) == len(FORMULAS)
    return made, rows


def no_formula(cell: str) -> bool:
    return not cell.lstrip().startswith(tuple("=+-@＝＋－＠")) and not cell.startswith(("\t", "\r", "\n"))


def test_no_cell_of_a_csv_is_a_formula(exported: tuple[ComplaintExport, list[ComplaintForAgency]]) -> None:
    made, rows = exported
    data = written(rows, FileFormat.CSV)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert tuple(head) == HEADINGS
    assert len(lines) == len(rows)
    assert all(no_formula(cell) for line in lines for cell in line)
    assert lines[0][4] == f"'{FORMULAS[0]}"
    assert lines[0][2] == "24/11/2569"
    assert file_name(made, FileFormat.CSV) == "complaints-etda-0001.csv"


def test_no_cell_of_a_workbook_is_a_formula(
    exported: tuple[ComplaintExport, list[ComplaintForAgency]],
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(exported[1], FileFormat.XLSX)))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert all(no_formula(cell.value) for cell in cells)
    assert book.active.cell(2, 5).value == f"'{FORMULAS[0]}"
