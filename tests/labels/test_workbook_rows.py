"""Workbooks are read row by row with sheet and number, within limits, and no cell is lost silently."""

import io
import time
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from labels.workbook_rows import MAX_COLUMNS, BadWorkbook, workbook_rows


def saved(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(sheet_xml: str) -> bytes:
    """Return a workbook whose only sheet is this XML."""
    out = io.BytesIO()
    plain = io.BytesIO(saved(Sheet=[["name", "description"]]))
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet_xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return out.getvalue()


NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'


def sheet(rows: str, before: str = "") -> bytes:
    return with_sheet(
        f'<?xml version="1.0"?><worksheet {NS}>{before}<sheetData><row r="1">{CELL.format("name")}</row>{rows}'
        "</sheetData></worksheet>"
    )


def test_every_sheet_is_read_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(
        saved(
            อาหาร=[["id", "วัน", " "], [], [1.0, datetime(2026, 11, 1), "ชา\nหอม"], [" ", None]],
            ว่าง=[],
            ยา=[[], [True, 1.5, datetime(2026, 11, 1, 9, 30), date(2026, 11, 2), None, "="]],
        )
    )
    assert [(row.sheet, row.number, row.cells) for row in workbook_rows(path)] == [
        ("อาหาร", 1, ["id", "วัน"]),
        ("อาหาร", 3, ["1", "2026-11-01", "ชา\nหอม"]),
        ("ยา", 2, ["TRUE", "1.5", "2026-11-01T09:30:00", "2026-11-02", "", "="]),
    ]


def test_a_number_keeps_the_leading_zeros_of_its_format() -> None:
    book = openpyxl.Workbook()
    for row in (
        [7, 7.0, 123456, -7, 1.5, 7, 7, "7"],
        ["00000", "000", "00000", "0000", "00000", "0", "#,##0"],
    ):
        book.active.append(row)
    for column in range(1, 8):
        book.active.cell(1, column).number_format = book.active.cell(2, column).value
    out = io.BytesIO()
    book.save(out)
    assert next(workbook_rows(out.getvalue())).cells == [
        "00007",
        "007",
        "123456",
        "-0007",
        "1.5",
        "7",
        "7",
        "7",
    ]


def test_a_number_whose_style_is_missing_is_read() -> None:
    rows = workbook_rows(sheet('<row r="2"><c s="99"><v>7</v></c></row>'))
    assert [row.cells for row in rows] == [["name"], ["7"]]


def test_characters_that_excel_escapes_are_read() -> None:
    texts = {
        "ครีม_x000D_\nรักษา_x000d_": "ครีม\r\nรักษา\r",
        "_x005F_x000D_": "_x000D_",
        "a_x0009_b": "a\tb",
        "_xD83D_ _x00_ x000D_": "_xD83D_ _x00_ x000D_",
    }
    rows = workbook_rows(saved(s=[[text] for text in texts]))
    assert [row.cells for row in rows] == [[text] for text in texts.values()]


def test_a_caller_of_one_sheet_is_told_of_the_second() -> None:
    rows = workbook_rows(saved(a=[], b=[["id"], [1]], c=[["x"]]), one_sheet=True)
    assert [next(rows).number, next(rows).number] == [1, 2]
    with pytest.raises(BadWorkbook, match="several sheets, b and c") as caught:
        next(rows)
    assert "หลายชีต (b และ c)" in caught.value.thai


@pytest.mark.costly
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["x"] * MAX_COLUMNS + [None] * 40 + ["far"], "a cell in column 541, beyond column 500"),
        (["x" * 32_000] * 140, "longer than 4,194,304 characters"),
    ],
)
def test_a_long_row_is_told_and_never_cut(cells: list[Any], says: str) -> None:
    first, long, last = workbook_rows(saved(s=[["x"] * MAX_COLUMNS, cells, ["y"]]))
    assert (len(first.cells), last.cells, first.problem, last.problem) == (MAX_COLUMNS, ["y"], "", "")
    assert (long.where, long.cells) == ("sheet s, row 2", [])
    assert says in long.problem
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in long.problem_thai)


def test_wrong_dimensions_hide_no_cell() -> None:
    row = f'<row r="2">{CELL.format("a")}{CELL.format("b")}</row><row r="3">{CELL.format("c")}</row>'
    rows = list(workbook_rows(sheet(row, before='<dimension ref="A1:A2"/>')))
    assert [row.cells for row in rows] == [["name"], ["a", "b"], ["c"]]


@pytest.mark.costly
def test_rows_are_bounded_wherever_they_are() -> None:
    with pytest.raises(
        BadWorkbook, match=r"more than 1,048,576 rows .*at sheet Sheet, row 1048577"
    ) as caught:
        list(workbook_rows(sheet(f'<row r="9999999">{CELL.format("x")}</row>')))
    assert caught.value.too_large


@pytest.mark.slow(8)
def test_memory_is_bounded() -> None:
    body = sheet(f'<row r="2">{CELL.format("a" * 150_000_000)}</row>')
    assert len(body) < 1_000_000
    with pytest.raises(
        BadWorkbook, match=r"takes more than 300 MB of memory to read .after sheet Sheet, row 1."
    ):
        list(workbook_rows(body, memory=300_000_000))


@pytest.mark.slow(6)
def test_time_is_bounded_and_that_of_the_consumer_is_not_counted() -> None:
    rows = workbook_rows(saved(s=[["x"], ["y"]]), seconds=5)
    next(rows)
    time.sleep(0.1)
    assert next(rows).cells == ["y"]
    with pytest.raises(BadWorkbook, match=r"takes more than 0\.8 seconds"):
        list(workbook_rows(sheet(f"<row>{CELL.format('x')}</row>" * 400_000), seconds=0.8))


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO(sheet(""))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/media/1.bin", b"\0")
        archive.filelist[-1].file_size = 1_100_000_000
    with pytest.raises(BadWorkbook, match="unpacks to more than"):
        list(workbook_rows(out.getvalue()))


@pytest.mark.costly
@pytest.mark.parametrize("body", [b"PK\x03\x04 torn", b"no workbook", b"{}", saved(s=[["x"]])[:-40]])
def test_what_is_no_workbook_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(BadWorkbook, match="not a readable workbook"):
        list(workbook_rows(body))
