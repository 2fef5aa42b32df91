"""Every accepted kind of file as a bomb, truncated, and of the wrong type, and the message for each.

Limits of workbooks are tested in tests/labels/test_workbook_rows.py, backup archives in tests/service/backup,
hostile pages of a crawl in tests/crawler/test_hostile.py.
"""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from struct import pack

import openpyxl
import pytest

from crawler.dropfolder.reading import Unreadable, read_file
from inference.pictures.errors import PictureError
from inference.pictures.reader import PictureReader
from service.batches.converting import as_json_lines, as_utf_8
from service.batches.examining import examine
from service.batches.formats import Format
from service.batches.problems import BadFile
from service.batches.reading import LineError, raw_records, record_of
from service.batches.upload import Upload

pytestmark = pytest.mark.attack

PAGE = (
    b'<html><script type="application/ld+json">%s</script></html>'
    % json.dumps({"@type": "Product", "name": "ชา", "description": "หอม", "offers": {"price": "1"}}).encode()
)
LAUGHS = b'<!DOCTYPE r [<!ENTITY a "ha">%s]><rss><item><title>&j;</title></item></rss>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
NESTED_PARTS = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)
)
TORN_PART = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
    b"<h1>tea</h1><p>good"
)


def warc(*pages: bytes) -> bytes:
    records = []
    for number, page in enumerate(pages):
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            "WARC-Date: 2026-11-01T00:00:00Z\r\nWARC-Target-URI: https://shop.example/\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + http + b"\r\n\r\n"))
    return b"".join(records)


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a picture with one grey channel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def workbook(rows: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


PNG = png(1, 1, b"\0\0")
BOOK = workbook([["title"], ["ชา"]])

INBOX: dict[str, tuple[bytes, list[str]]] = {
    # File name: its content, and the expected messages, an empty text for each listing.
    "rows.csv": (b"title\n" + b"x\n" * 60, ["more than 50 rows"]),
    "torn.csv": (b'title,price\n"a,1\nb,2\n', ["line 2: not CSV", ""]),
    "picture.csv": (PNG, ["it is a picture (PNG)"]),
    "book.tsv": (BOOK, ["it is a workbook or a zip archive"]),
    "deep.json": (b"[" * 100_000, ["line 1: not JSON of a listing: nested too deeply"]),
    "deep.jsonl": (b'{"title": "a"}\n' + b'{"a":' * 100_000, ["", "line 2: not JSON of a listing: nested"]),
    "long.jsonl": (b'{"title": "%s"}\n' % (b"a" * 5_000_000), ["longer than 4,194,304 characters"]),
    "digits.jsonl": (b'{"title": "a", "price": %s}' % (b"9" * 5000), ["line 1: not JSON"]),
    "torn.jsonl": (b'{"title": "a"}\n{"title": "b', ["", "line 2: not JSON"]),
    "packed.jsonl": (gzip.compress(b"{}"), ["it is compressed with gzip"]),
    "laughs.xml": (LAUGHS, [""]),  # its title is the name of the entity
    "torn.xml": (
        b"<rss><item><title>a</title></item><item><ti",
        ["", "the file ends inside an element"],
    ),
    "picture.xml": (PNG, ["it is a picture (PNG)"]),
    "large.html": (b"<p>x</p>" * 2_100_000, ["the page is larger than 16 MB"]),
    "document.html": (b"%PDF-1.7 ...", ["it is a PDF file"]),
    "nested.mhtml": (NESTED_PARTS, ["nested too deeply"]),
    "torn.mhtml": (TORN_PART, ["the file ends inside the page"]),
    "picture.mht": (PNG, ["it is a picture (PNG)"]),
    "bomb.warc.gz": (warc(b"<p>" * 6_000_000, PAGE), ["larger than 16 MB", ""]),
    "torn.warc.gz": (warc(PAGE, PAGE)[:-30], ["", "damaged or cut short: it ends inside a record"]),
    "torn.warc": (
        gzip.decompress(warc(PAGE, PAGE))[:-30],
        ["", "damaged or cut short: it ends inside a record"],
    ),
    "picture.warc": (PNG, ["damaged or cut short", "not a readable WARC file"]),
    "torn.xlsx": (BOOK[:-40], ["not a readable workbook"]),
    "table.xlsx": (b"title,price\na,1\n", ["not a readable workbook"]),
    "nul.txt": (b"\0" * 5000, ["it holds no text"]),
    "picture.txt": (PNG, ["it is a picture (PNG)"]),
    "program.exe": (b"MZ", ["a kind of file that is not known"]),
}


@pytest.mark.parametrize("name", INBOX)
def test_the_inbox_says_of_each_file_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("crawler.dropfolder.reading.MAX_ROWS", 50)
    content, expected = INBOX[name]
    path = tmp_path / name
    path.write_bytes(content)
    said = []
    try:
        for found in read_file(path, "partner"):
            assert (found.listing is None) == bool(found.problem)
            said.append(f"{found.place}: {found.problem}" if found.problem else "")
    except Unreadable as error:
        said = [text for text in said if text] + [str(error)]
    assert len(said) == len(expected), said
    for text, part in zip(said, expected, strict=True):
        assert (part in text) if part else not text


def uploaded(content: bytes, gzipped: bool = False) -> Callable[[Path, Format], None]:
    def take(path: Path, kind: Format) -> None:
        with Upload(path, gzipped, 1_000_000) as upload:
            upload.feed(content)
            upload.finish()
        as_utf_8(path, None, 1_000_000)
        examine(path, kind, 100, 10)
        with path.open("rb") as file:
            for raw in raw_records(file, kind):
                record_of(raw, ["id", "text"])

    return take


def as_workbook(content: bytes) -> Callable[[Path, Format], None]:
    def take(path: Path, _: Format) -> None:
        path.write_bytes(content)
        as_json_lines(path, 100, 1_000_000)

    return take


BATCHES: dict[str, tuple[Callable[[Path, Format], None], Format, str]] = {
    "gzip bomb": (
        uploaded(gzip.compress(bytes(50_000_000)), True),
        Format.JSONL,
        "larger than 1,000,000 bytes",
    ),
    "gzip cut short": (
        uploaded(gzip.compress(b'{"id": "1"}')[:-5], True),
        Format.JSONL,
        "not complete gzip data",
    ),
    "no gzip": (uploaded(b'{"id": "1"}', True), Format.JSONL, "not complete gzip data"),
    "too many lines": (uploaded(b'{"id": "1"}\n' * 101), Format.JSONL, "more than 100 listings"),
    "deep line": (uploaded(b'{"id": "1"}\n' + b'{"a":' * 50_000), Format.JSONL, "not JSON"),
    "line cut short": (uploaded(b'{"id": "1"}\n{"id": '), Format.JSONL, "not JSON"),
    "picture": (uploaded(PNG), Format.JSONL, "not UTF-8"),
    "row cut short": (uploaded(b'id,text\n1,x\n2,"y'), Format.CSV, "not CSV"),
    "workbook as CSV": (uploaded(BOOK), Format.CSV, "the file is an Excel workbook"),
    "workbook of many rows": (
        as_workbook(workbook([["id", "text"], *(["1", "x"] for _ in range(101))])),
        Format.JSONL,
        "more than 100 listings",
    ),
    "workbook cut short": (as_workbook(BOOK[:-40]), Format.JSONL, "not a readable workbook"),
    "CSV as workbook": (as_workbook(b"id,text\n1,x\n"), Format.JSONL, "not a readable workbook"),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_says_of_each_file_what_is_wrong(tmp_path: Path, name: str) -> None:
    take, kind, says = BATCHES[name]
    with pytest.raises((BadFile, LineError), match=says):
        take(tmp_path / "upload", kind)


ENGINE = """
class Engine:
    name = "none 1"
    def read(self, pixels):
        return []
"""
PICTURES: dict[str, tuple[bytes, str]] = {
    "a hundred thousand pixels square": (png(100_000, 100_000), "picture_too_many_pixels"),
    "few bytes, many pixels": (png(60_000, 60_000, bytes(1_000_000)), "picture_too_many_pixels"),
    "cut short": (png(200, 200, bytes(201 * 200))[:-40], "picture_damaged"),
    "without its pixels": (png(200, 200), "picture_damaged"),
    "a workbook": (BOOK, "picture_unknown_type"),
    "a page": (PAGE, "picture_unknown_type"),
    "nothing": (b"", "picture_unknown_type"),
}


def test_the_reader_of_pictures_says_of_each_file_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL")
    (tmp_path / "engine_of_hostile_files.py").write_text(ENGINE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    said = {}
    with PictureReader("engine_of_hostile_files:Engine") as reader:
        for name, (content, _) in PICTURES.items():
            with pytest.raises(PictureError) as caught:
                reader.read(content)
            said[name] = caught.value.code
        assert reader.read(png(200, 200, bytes(201 * 200))).lines == ()
    assert said == {name: code for name, (_, code) in PICTURES.items()}
