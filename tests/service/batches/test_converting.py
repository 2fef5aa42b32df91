"""Files in other encodings, and workbooks, are converted to what the batch readers accept."""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from labels.workbook_rows import MAX_COLUMNS
from service.batches.converting import CHARSETS, as_json_lines, as_utf_8, with_line_feeds
from service.batches.examining import examine
from service.batches.formats import Format
from service.batches.problems import BadFile, FileTooLarge
from service.batches.reading import LineError, raw_records, record_of

TEXT = "id,text\n1,ครีม 😀\n"


@pytest.mark.parametrize("charset", [name for name in CHARSETS if name.startswith("utf-16")])
def test_utf_16_becomes_utf_8(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(TEXT.encode(CHARSETS[charset]))
    as_utf_8(path, charset, 1000)
    assert path.read_text(encoding="utf-8") == TEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_in_the_order_in_which_its_ascii_is_ascii(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(TEXT.encode(encoding))
    as_utf_8(path, "utf-16", 1000)
    assert path.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "utf-16be"])
def test_utf_8_said_to_be_utf_16_is_read_as_utf_8(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(TEXT.encode())
    as_utf_8(path, charset, 1000)
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_table_whose_lines_end_with_carriage_returns_has_line_feeds(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    long = "x" * (2**20 - len("id,text\r1,"))
    for content, converted in (
        ('\ufeffid,text\r1,"ก\nข"\r\r2,ค\r', '\ufeffid,text\n1,"ก\nข"\n\n2,ค\n'),
        (f"id,text\r1,{long}\r\n2,ค\r", f"id,text\n1,{long}\r\n2,ค\n"),
        (f"id,text\r1,{long[1:]}\r\n2,ค\r", f"id,text\n1,{long[1:]}\r\n2,ค\n"),
        (f"id,text\r1,{long[1:]}\r2,ค", f"id,text\n1,{long[1:]}\n2,ค"),
        ('id,text\n1,"ก\rข"\n', 'id,text\n1,"ก\rข"\n'),
        ('id,text\r\n1,"ก\rข"\r\n', 'id,text\r\n1,"ก\rข"\r\n'),
        ("id,text", "id,text"),
    ):
        path.write_bytes(content.encode())
        with_line_feeds(path)
        assert path.read_bytes() == converted.encode()
        assert list(tmp_path.iterdir()) == [path]


def test_a_long_file_is_cut_within_no_letter(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    content = "ก😀" * 600_000
    path.write_bytes(content.encode("utf-16"))
    as_utf_8(path, None, 10_000_000)
    assert path.read_text(encoding="utf-8") == content


def test_what_is_said_to_be_utf_8_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"id,text\n1,\xff\n")
    as_utf_8(path, None, 5)
    assert path.read_bytes() == b"id,text\n1,\xff\n"


@pytest.mark.parametrize(
    ("charset", "bad"),
    [("windows-874", b"\x81"), ("utf-16", b"\x00\xd8"), ("utf-16le", b"\x00\xd8"), ("utf-16be", b"\xd8\x00")],
)
@pytest.mark.parametrize(
    "template",
    ["id,text\n{}", '{{"id": "1", "text": "ก"}}\n{{"id": "2", "text": "?"}}\n{{"id": "3", "text": "ค"}}'],
)
def test_a_damaged_line_costs_only_itself(tmp_path: Path, charset: str, bad: bytes, template: str) -> None:
    path, kind = tmp_path / "upload", Format.CSV if template.startswith("id") else Format.JSONL
    before, after = template.format("1,ก\n2,ข?\n3,ค\n").split("?")
    rest = CHARSETS[charset] if charset != "utf-16" else "utf-16-le"  # which has no byte order mark
    path.write_bytes(before.encode(CHARSETS[charset]) + bad + after.encode(rest))
    as_utf_8(path, charset, 1000)
    found = examine(path, kind, 10, 10, charset)
    with path.open("rb") as file:
        first, second, third = list(raw_records(file, kind))[-3:]
    columns = found.columns
    assert [str(record_of(raw, columns)["text"]) for raw in (first, third)] == ["ก", "ค"]  # type: ignore[index]
    with pytest.raises(LineError, match="not in the encoding of the file") as caught:
        record_of(second, columns)
    assert (caught.value.problem.code, second.line) == ("not_utf_8", 3 if kind is Format.CSV else 2)


@pytest.mark.parametrize(
    ("content", "line"), [(b"id,text\x81\n1,a\n2,b\n", 1), (b"id,text\n1,\x81\n2,\x82\n3,b\n", 2)]
)
def test_another_encoding_than_the_one_said_names_the_line(tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    as_utf_8(path, "tis-620", 1000)
    with pytest.raises(BadFile, match=rf"not tis-620, .*\(line {line}\)") as caught:
        examine(path, Format.CSV, 10, 10, "tis-620")
    assert f"tis-620 ตามที่ระบุใน Content-Type (บรรทัด {line})" in caught.value.thai


def test_utf_8_said_to_be_windows_874_is_refused_even_if_one_line_alone_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    english = "".join(f"{n},cream\n" for n in range(1, 6))
    content = f"id,text\n{english}6,ยา\n7,ขาวใส ลดสิว\n".encode()
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"not windows-874, .*\(line 8\)"):
        as_utf_8(path, "windows-874", 1000)
    assert path.read_bytes() == content


def test_the_bound_is_that_of_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(("ก" * 1000).encode("cp874"))
    with pytest.raises(FileTooLarge):
        as_utf_8(path, "windows-874", 2999)
    as_utf_8(path, "windows-874", 3000)


def book(path: Path, *sheets: Sequence[Sequence[object]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def test_rows_keep_their_numbers_and_cells_without_a_heading_are_kept_aside(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        [" id ", "text", None, "price"],
        [1, "ก\nข", "x", 2.0],
        [],
        ["2", None, None, None, "beside"],
    ]
    path = book(tmp_path / "upload", [], rows, [])
    as_json_lines(path, 10, 10_000)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0] == lines[1] == lines[3] == ""
    assert lines[2] == '{"id": "1", "text": "ก\\nข", "price": "2", "column 3": "x"}'
    assert lines[4] == '{"id": "2", "text": "", "column 5": "beside"}'
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.costly
@pytest.mark.parametrize(
    ("sheets", "says"),
    [
        ([[["id", "name"]]], "it needs id, and text"),
        ([[["id", "text"], [1, "x"]], [["notes"]]], "rows on several sheets"),
        ([[["id", "text", *["y"] * MAX_COLUMNS]]], "sheet Sheet, row 1: has a cell in column 502"),
        ([[["id", "text", "text"]]], "twice"),
    ],
)
def test_a_workbook_that_cannot_be_used_says_why(tmp_path: Path, sheets: Any, says: str) -> None:
    path = book(tmp_path / "upload", *sheets)
    with pytest.raises(BadFile, match=says) as caught:
        as_json_lines(path, 10, 10_000)
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in caught.value.thai)


def test_a_row_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "text"], [1, "ครีม"], [2, "x", *["y"] * MAX_COLUMNS], [3, "สบู่"]]
    path = book(tmp_path / "upload", rows)
    as_json_lines(path, 10, 10_000)
    with path.open("rb") as file:
        first, bad, last = raw_records(file, Format.JSONL)
    assert record_of(first, []) == {"id": "1", "text": "ครีม"}
    assert record_of(last, []) == {"id": "3", "text": "สบู่"}
    with pytest.raises(LineError, match="sheet Sheet, row 3: has a cell in column 502") as caught:
        record_of(bad, [])
    assert (caught.value.problem.code, bad.line) == ("bad_row", 3)
    assert "แถว 3: มีข้อมูลในคอลัมน์ที่ 502" in caught.value.problem.thai


@pytest.mark.costly
def test_a_workbook_has_the_bounds_of_a_batch(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "text"], *([n, "x" * 50] for n in range(5))]
    with pytest.raises(FileTooLarge, match="more than 4 listings"):
        as_json_lines(book(tmp_path / "a", rows), 4, 10_000)
    with pytest.raises(FileTooLarge, match="larger than 100 bytes"):
        as_json_lines(book(tmp_path / "b", rows), 10, 100)
