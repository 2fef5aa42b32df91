"""Rows are read with line numbers from CSV in every encoding and from workbooks; none is lost silently."""

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from service.registry.columns import Column, parse_mapping
from service.registry.table import FileUnreadable, Table

HEAD = "เลขสารบบอาหาร,ชื่อผลิตภัณฑ์,สถานะ\n"
ROW = "10-1-15456-5-0001,กาแฟ,คงอยู่\n"


def write(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "register.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "tis-620", "cp874", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(
    tmp_path: Path, encoding: str, delimiter: str, newline: str
) -> None:
    content = (HEAD + ROW).replace(",", delimiter).replace("\n", newline)
    (row,) = Table(write(tmp_path, content, encoding))
    assert row.where == "2"
    assert row.heading.strip("\ufeff") == "เลขสารบบอาหาร"
    assert dict(row.cells) == {
        Column.NUMBER: "10-1-15456-5-0001",
        Column.PRODUCT_NAME: "กาแฟ",
        Column.STATUS: "คงอยู่",
    }


def test_titles_above_the_headings_empty_lines_and_a_snapshot_line(tmp_path: Path) -> None:
    table = Table(write(tmp_path, "# snapshot: 2569-11-01\nรายงาน,,\n\n" + HEAD + ",,\n" + ROW))
    assert [row.where for row in table] == ["6"]
    assert table.snapshot == "2569-11-01"


def test_a_mistake_in_a_line_is_told_with_the_line(tmp_path: Path) -> None:
    # A comma without quotation marks, and a quotation mark that is never closed.
    content = HEAD + "1,กาแฟ, โบราณ,คงอยู่\n" + ROW + '2,"กาแฟ,คงอยู่\n' + ROW * 3
    faults = [(row.where, row.fault[:10]) for row in Table(write(tmp_path, content))]
    assert faults == [("2", "has 4 cell"), ("3", ""), ("4", "not CSV (u"), ("5", ""), ("6", ""), ("7", "")]
    # Closed again by a mark one line on: that line is read all the same.
    content = HEAD + '1,"กาแฟ,คงอยู่\n2,"ชา",คงอยู่\n'
    broken, sound = Table(write(tmp_path, content))
    assert (broken.where, broken.fault[:7], sound.where, sound.fault) == ("2", "not CSV", "3", "")
    (row,) = Table(write(tmp_path, HEAD + '1,"กาแฟ\nโบราณ",คงอยู่\n'))
    assert (row.where, row.fault) == ("2-3", "")
    assert "quotation mark" in row.doubt


def test_a_field_of_any_length_and_nul(tmp_path: Path) -> None:
    rows = list(Table(write(tmp_path, HEAD + "1," + "ก" * 300_000 + ",คงอยู่\n2,\0ชา\0,คงอยู่\n")))
    assert [len(row.cells[Column.PRODUCT_NAME]) for row in rows] == [300_000, 2]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "none of the first 30 lines"),
        (b"a,b\n1,2\n", "none of the first 30 lines"),
        (HEAD.encode() + b"1,\xe0\xb8\x81\xff\xfe,x\n" * 2, "neither UTF-8 .see line 2. nor Windows-874"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04 no zip", "not a readable workbook"),
        ("เลขสารบบ,เลขที่ใบอนุญาต,สถานะ\n1,2,คงอยู่\n".encode(), "could be the number"),
        (
            ("รายงาน,,\n" + HEAD.replace("สถานะ", '"สถานะ') + ROW).encode(),
            "line 2: the headings cannot be read: not CSV .unexpected end of data.: .* close each",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(FileUnreadable, match=says):
        list(Table(write(tmp_path, content)))


def test_a_missing_file() -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        list(Table(Path("none.csv")))


@pytest.mark.parametrize(
    ("encoding", "bad"), [("utf-8", b"\xff"), ("cp874", b"\xfc"), ("utf-16", b"\x00\xd8")]
)
def test_a_broken_character_costs_only_its_row(tmp_path: Path, encoding: str, bad: bytes) -> None:
    before, after = (HEAD + "1,ชา,คงอยู่\n2,ก?,คงอยู่\n3,กาแฟ,คงอยู่\n").split("?")
    path = write(tmp_path, before.encode(encoding) + bad + after.encode(encoding.replace("16", "16-le")))
    found = list(Table(path))
    assert [(row.where, "not in the encoding" in row.fault) for row in found] == [
        ("2", False),
        ("3", True),
        ("4", False),
    ]
    assert [row.cells[Column.PRODUCT_NAME] for row in found if not row.fault] == ["ชา", "กาแฟ"]


def test_headings_named_by_hand(tmp_path: Path) -> None:
    path = write(tmp_path, "Newcode,ก,ข\n1,กาแฟ,คงอยู่\n")
    (row,) = Table(path, parse_mapping("newcode=number,ก=product_name,ข=status"))
    assert row.cells[Column.STATUS] == "คงอยู่"


def test_a_workbook_with_several_sheets(tmp_path: Path) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "อาหาร"
    first.append(["ทะเบียนอาหาร"])
    first.append(["เลขสารบบอาหาร", "ชื่อผลิตภัณฑ์", "สถานะ", "วันหมดอายุ"])
    first.append([1011545650001, "กาแฟ", "คงอยู่", datetime(2026, 11, 1)])
    first.append([None, None, None])
    first.append(["10-1-15456-5-0002", "ชา", "ยกเลิก"])
    book.create_sheet("หมายเหตุ").append(["ข้อความ"])
    book.create_sheet("ว่าง")
    second = book.create_sheet("ยา")
    second.append(["เลขทะเบียน", "สถานะ"])
    second.append(["1A 12/35", "คงอยู่"])
    path = tmp_path / "register.xlsx"
    book.save(path)
    rows = list(Table(path))
    assert [(row.where, row.cells.get(Column.NUMBER), bool(row.fault)) for row in rows] == [
        ("อาหาร!3", "1011545650001", False),
        ("อาหาร!5", "10-1-15456-5-0002", False),
        ("หมายเหตุ!1", None, True),
        ("ยา!2", "1A 12/35", False),
    ]
    assert rows[0].cells[Column.EXPIRES] == "2026-11-01"
