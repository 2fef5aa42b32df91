import gzip
import json
from pathlib import Path

import pytest

from inference.pictures.named import MOST
from service.batches.examining import CHUNK_BYTES, Contents, examine
from service.batches.formats import Format
from service.batches.problems import MAX_RECORD_BYTES, BadFile, FileTooLarge
from service.batches.reading import unread_row


@pytest.fixture
def look(tmp_path: Path):
    def look(content: bytes | str, kind: Format = Format.JSONL, lines: int = 100, chunk: int = 2) -> Contents:
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return examine(path, kind, lines, chunk)

    return look


def test_the_chunks_cover_the_file(look) -> None:
    content = '\ufeff{"id":1}\nnot json\n\n{"id":2}\n[]\n{"id":3}\n\n'
    found = look(content)
    assert (found.received, found.columns) == (5, [])
    assert [(part.first_line, part.lines) for part in found.parts] == [(1, 2), (4, 2), (6, 1)]
    raw = content.encode()
    parts = [raw[part.start : part.start + part.length] for part in found.parts]
    assert b"".join(parts) == raw.rstrip(b"\n") + b"\n"
    assert parts[1] == b'{"id":2}\n[]\n'


def test_a_chunk_ends_early_where_its_lines_are_long(look) -> None:
    line = '{"id": 1, "text": "' + "x" * (CHUNK_BYTES // 2) + '"}\n'
    assert [part.lines for part in look(line * 5, chunk=100).parts] == [2, 2, 1]


def test_a_table(look) -> None:
    found = look("\ufeffid, title ,description\n1,a,b\n2,c,d\n3,e,f\n", Format.CSV)
    assert (found.columns, found.received) == (["id", "title", "description"], 3)
    assert [(part.first_line, part.lines) for part in found.parts] == [(2, 2), (4, 1)]


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", Format.JSONL, "no listing"),
        (b" \n\n", Format.JSONL, "no listing"),
        (b"\xef\xbb\xbf", Format.CSV, "no listing"),
        (b"id,text\n\n,\n", Format.CSV, "no listing"),
        (b'[\n  {"id": 1}', Format.CSV, "has the columns"),
        (b'["a"]\n', Format.JSONL, "one object per line"),
        (b"id,text\n1,x\n", Format.JSONL, "one object per line"),
        (b"id,name\n1,x\n", Format.CSV, "columns id, name: it needs id, and text"),
        (b"text\nx\n", Format.CSV, "columns text: it needs id"),
        (b"id;text\n1;x\n", Format.CSV, "put commas between the columns, not ;"),
        (b"id\ttext\n", Format.CSV, "not tab"),
        (b"id,text,text\n1,x,y\n", Format.CSV, "text occurs twice"),
        (b'"id,text\n', Format.CSV, "cannot be read as CSV"),
        ('{"id": "1", "text": "ก"}'.encode("utf-16"), Format.JSONL, "is UTF-16: UTF-8 is accepted"),
        ('{"id": "1", "text": "ก"}'.encode("utf-16-le"), Format.JSONL, "looks like UTF-16 without"),
        ('{"id": "1", "text": "ก"}'.encode("cp874"), Format.JSONL, "iconv -f WINDOWS-874"),
        ("ครีมทาผิว\nชาสมุนไพร\n".encode("cp874"), Format.JSONL, "iconv -f WINDOWS-874"),
        (b"id,text\n1,x\n2,\xff\n", Format.JSONL, "one object per line"),
        (gzip.compress(b"{}", mtime=0), Format.JSONL, "Content-Encoding: gzip"),
        (b"PK\x03\x04rest", Format.CSV, "Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(look, content, kind, says) -> None:
    with pytest.raises(BadFile, match=says) as caught:
        look(content, kind)
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in caught.value.thai)


@pytest.mark.parametrize(
    ("content", "kind"), [("id,text\n1,ก\n2,?\n", Format.CSV), ('{"id": "1"}\n{"id": "?"}\n', Format.JSONL)]
)
def test_a_damaged_line_is_no_reason_to_refuse_the_file(look, content: str, kind: Format) -> None:
    assert look(content.encode().replace(b"?", b"\xff"), kind).received == 2


def test_one_long_line_is_told_to_be_a_list_and_not_to_be_too_long(look) -> None:
    with pytest.raises(BadFile, match="one object per line"):
        look(b"[" + b" " * MAX_RECORD_BYTES + b"]\n")


def test_rows_of_a_workbook_that_all_have_a_problem_are_told_one_by_one(look) -> None:
    rows = "".join(
        unread_row(f"row {n}: too many columns", f"แถว {n}: มีคอลัมน์มากเกินไป") + "\n" for n in (2, 3)
    )
    assert look(rows).received == 2


def test_most_lines_or_a_header_in_another_encoding_are(look) -> None:
    with pytest.raises(BadFile, match=r"not UTF-8 \(line 3\)"):
        look(b"id,text\n1,x\n2,\xff\n3,\xff\n", Format.CSV)
    with pytest.raises(BadFile, match=r"not UTF-8 \(line 1\)"):
        look(b"id,text,\xff\n1,x\n2,y\n", Format.CSV)


def test_an_archive_is_cut_by_the_pictures_that_its_lines_name(tmp_path: Path) -> None:
    many = [f"{n}.png" for n in range(MOST + 5)]
    given: list[object] = [
        [], "", "a.png", "a.png|b.png", ["https://shop.example/c.png"], "a.png", ["d.png"], "none",
        many, many[:2], [], "a.png", *[None] * 12,
    ]  # fmt: skip
    lines = [json.dumps({"id": n, "text": "ก", "images": images}) + "\n" for n, images in enumerate(given)]
    cells = ["|".join(images) if isinstance(images, list) else images or "" for images in given]
    table = ["id,text,images\n", *(f"{n},ก,{cell}\n" for n, cell in enumerate(cells))]
    path = tmp_path / "upload"
    for kind, content in ((Format.JSONL, lines), (Format.CSV, table)):
        path.write_text("".join(content), encoding="utf-8")
        found = examine(path, kind, 100, 10, chunk_pictures=2)
        assert [part.lines for part in found.parts] == [6, 2, 3, 10, 3], kind
        assert [part.lines for part in examine(path, kind, 100, 10).parts] == [10, 10, 4]


def test_the_number_of_lines_is_bounded(look) -> None:
    assert look('{"id":1}\n' * 100).received == 100
    with pytest.raises(FileTooLarge, match="more than 100 listings"):
        look('{"id":1}\n' * 101)


@pytest.mark.parametrize("kind", list(Format))
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_told_with_its_own_advice(look, kind: Format, encoding: str) -> None:
    with pytest.raises(BadFile, match="iconv -f UTF-16") as caught:
        look('id,text\n{"id": "1", "text": "x"}\n'.encode(encoding), kind)
    assert "UTF-16" in caught.value.thai
    assert "874" not in caught.value.thai + str(caught.value)


def test_no_columns_are_none_in_thai_too(look) -> None:
    with pytest.raises(BadFile, match="columns none") as caught:
        look('"a\n1,2\n', Format.CSV)
    assert "none" not in caught.value.thai
    assert "ไม่มีชื่อคอลัมน์" in caught.value.thai


def test_a_nul_byte_in_a_line_costs_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"id,text\n1,a\n2,\0\n3,c\n")
    assert examine(path, Format.CSV, 10, 10).received == 3
