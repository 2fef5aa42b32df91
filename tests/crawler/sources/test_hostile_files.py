"""Files that are made to hurt: links out of the folder, letters that no file holds, workbooks without end."""

import io
import json
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from crawler.dropfolder.reading import Unreadable, read_file
from crawler.dropfolder.workbook import BadWorkbook, workbook_rows
from service.store import open_store

from ..servers.running import run_plan

SURROGATE = "\\ud83d"
"""Half of an emoji, as JSON spells it."""


@pytest.mark.slow
def test_links_and_lone_surrogates_end_in_their_folders(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("ความลับของเครื่อง", encoding="utf-8")
    (inbox / "linked.txt").symlink_to(secret)
    (inbox / "nowhere.txt").symlink_to(tmp_path / "none")
    (inbox / "half.jsonl").write_text(
        f'{{"id": "1", "title": "ชา {SURROGATE}", "description": "หอม {SURROGATE} ชื่นใจ", "ของ{SURROGATE}": "x"}}\n'
    )
    (inbox / "whole.txt").write_text("ยาหม่องตลับเขียว", encoding="utf-8")
    (Path(os.fsdecode(os.fsencode(inbox) + b"/\xff\xfe.txt"))).write_text("ชื่อแฟ้มเพี้ยน", encoding="utf-8")
    ran = run_plan(tmp_path, {"sources": [{"source": "files", "folder": str(inbox), "origin": "partner"}]})
    assert "Traceback" not in ran.err
    left = sorted(x.name for x in inbox.iterdir() if not x.is_dir())
    assert left == []
    assert {"half.jsonl", "whole.txt"} <= {x.name for x in (inbox / "done").iterdir()}
    refused = {x.name for x in (inbox / "refused").iterdir()}
    assert {"linked.txt", "linked.txt.reason.txt", "nowhere.txt"} <= refused
    assert "symbolic link" in (inbox / "refused" / "linked.txt.reason.txt").read_text(encoding="utf-8")
    assert secret.read_text(encoding="utf-8") == "ความลับของเครื่อง"
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        texts = {row.text for row in store.listings.page(limit=10).rows}
    assert texts == {"ชา \ufffd\nหอม \ufffd ชื่นใจ", "ยาหม่องตลับเขียว", "ชื่อแฟ้มเพี้ยน"}


def test_a_link_is_not_read_even_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ก", encoding="utf-8")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    with pytest.raises(Unreadable, match="symbolic link"):
        list(read_file(tmp_path / "b.txt", "x"))


def workbook(sheet_xml: str) -> bytes:
    """A workbook whose only sheet is this XML."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["name", "description"])
    plain = io.BytesIO()
    book.save(plain)
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = sheet_xml.encode()
            new.writestr(name, data)
    return out.getvalue()


NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>description</t></is></c></row>'


def sheet(rows: str) -> str:
    return f'<?xml version="1.0"?><worksheet {NS}><sheetData>{HEAD}{rows}</sheetData></worksheet>'


CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'


def test_a_workbook_is_read_in_a_process_of_its_own() -> None:
    rows = list(workbook_rows(workbook(sheet(f'<row r="3">{CELL.format("ชา")}{CELL.format("หอม")}</row>'))))
    assert [(x.number, x.cells) for x in rows] == [(1, ["name", "description"]), (3, ["ชา", "หอม"])]


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="9999999">{CELL.format("x")}</row>',
        "".join(
            f'<row r="{n}"><c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in range(2, 60_000)
        ),
    ],
    ids=["a row far down", "a cell far right in each row"],
)
def test_rows_and_cells_are_bounded(rows: str) -> None:
    with pytest.raises(BadWorkbook, match=r"more than .* rows or .* cells"):
        list(workbook_rows(workbook(sheet(rows))))


def test_memory_is_bounded() -> None:
    body = workbook(sheet(f'<row r="2">{CELL.format("a" * 150_000_000)}</row>'))
    assert len(body) < 1_000_000
    with pytest.raises(BadWorkbook, match="takes more than 300 MB of memory"):
        list(workbook_rows(body, memory=300_000_000))


def test_time_is_bounded() -> None:
    with pytest.raises(BadWorkbook, match="not read within"):
        list(workbook_rows(workbook(sheet(f"<row>{CELL.format('x')}</row>" * 400_000)), seconds=0.8))


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO(workbook(sheet("")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(12):
            archive.writestr(f"xl/media/{number}.bin", b"\0" * 100_000_000)
    with pytest.raises(BadWorkbook, match="unpacks to more than"):
        list(workbook_rows(out.getvalue()))


@pytest.mark.parametrize("body", [b"PK\x03\x04 torn", b"no workbook", json.dumps({}).encode()])
def test_what_is_no_workbook_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(BadWorkbook, match="not a readable workbook"):
        list(workbook_rows(body))
