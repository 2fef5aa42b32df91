"""Files as people have them."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from inference.bulk.sources import count_records, records_of
from inference.input import BadLine, InputError, listings_from
from labels.schema import Listing


def html(content: bytes, path: Path) -> Listing:
    return Listing(id="page", description=f"{path.name} {len(content)}")


def read(content: bytes, name: str = "-") -> list[Listing | BadLine]:
    return list(listings_from(content, Path(name), html))


def texts(content: bytes, name: str = "-") -> list[tuple[str, str]]:
    return [
        (i.id, i.text) if isinstance(i, Listing) else (str(i.number), i.problem) for i in read(content, name)
    ]


def test_json_lines() -> None:
    content = '{"id": 1, "text": "ก"}\n\n{"id": "2", "title": "ข", "description": null}\n'.encode()
    for name in ("-", "a.jsonl", "a.ndjson", "a.txt"):
        assert texts(content, name) == [("1", "ก"), ("2", "ข\n")]
    assert texts(b"\xef\xbb\xbf" + content) == [("1", "ก"), ("2", "ข\n")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{oops", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[1]", "must be an object"),
        (b'{"text": "x"}', 'no "id"'),
        (b'{"id": "2"}', "no text"),
        (b'{"id": "2", "text": 5}', "must be a text"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"id": ' + b"9" * 5000 + b', "text": "x"}', "not JSON"),
    ],
)
def test_a_bad_line_is_told_in_its_place_and_the_rest_is_read(line: bytes, problem: str) -> None:
    good = b'{"id": "%d", "text": "x"}'
    first, bad, last = read(b"\n".join([good % 1, line, good % 3]))
    assert isinstance(bad, BadLine)
    assert bad.number == 2
    assert problem in bad.problem
    assert [i.id for i in (first, last) if isinstance(i, Listing)] == ["1", "3"]


def test_csv_and_tsv() -> None:
    content = '\ufeffid,title,description,price\n1,ก,"ข\nค",5\n,x,y,z\n3,"a ""b""",,\n'.encode()
    assert texts(content, "a.csv")[0] == ("1", "ก\nข\nค")
    bad = texts(content, "a.csv")[1]
    assert bad[0] == "4"
    assert '"id"' in bad[1]
    assert texts(content, "a.csv")[2] == ("3", 'a "b"\n')
    assert texts(b"id\ttext\n1\tx, y\n", "a.tsv") == [("1", "x, y")]


def test_a_short_row_has_empty_fields() -> None:
    assert texts(b"id,text\n1\n2,x, ,\n", "a.csv") == [("1", ""), ("2", "x")]


def test_a_text_whose_commas_are_not_quoted_is_not_cut_off() -> None:
    bad, good = read("id,text\n1,ครีม 1,590 บาท,รักษามะเร็ง\n2,x\n".encode(), "a.csv")
    assert isinstance(bad, BadLine)
    assert (bad.number, "in quotes" in bad.problem) == (2, True)
    assert isinstance(good, Listing)


def test_a_quotation_mark_left_open_costs_its_own_row() -> None:
    rows = "".join(f'{n},"ครีม {n}"\n' for n in range(2, 2001))
    bad, *good = read(f'id,text\n1,"ครีม\n{rows}'.encode(), "a.csv")
    assert isinstance(bad, BadLine)
    assert (bad.number, bad.problem[:7]) == (2, "not CSV")
    assert [i.id for i in good if isinstance(i, Listing)] == [str(n) for n in range(2, 2001)]


@pytest.mark.parametrize(
    ("content", "says"), [(b"id,text,text\n1,a,b\n", "two columns text"), (b'id,"text\n1,a\n', "line 1")]
)
def test_a_header_that_cannot_be_read_is_told(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(content, "a.csv")


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"id,price\n1,2\n", b"text\nx\n"])
def test_a_table_without_the_columns_says_which_it_needs(content: bytes) -> None:
    with pytest.raises(InputError, match="it needs id, and text or title and description"):
        read(content, "a.csv")


def test_plain_text_is_one_listing() -> None:
    assert texts("ครีม\n{ลด}".encode(), "shop.txt") == [("shop.txt", "ครีม\n{ลด}")]
    for text in ("ครีม", "{ลดราคา} ครีม", "[{ใหม่}] ครีม", "{", "id, ครีม\ntext", "title,text\nครีม", "1,text"):
        assert texts(text.encode()) == [("stdin", text)]


def test_a_table_is_told_by_its_header() -> None:
    found = [("1", "ก"), ("2", "ข")]
    for name in ("-", "a.txt", "listings"):
        for content in (
            "id,text\n1,ก\n2,ข\n",
            "\ufeffid,text\r\n1,ก\r\n2,ข\r\n",
            '\n"text", id \nก,1\nข,2\n',
            "id,text\r1,ก\r2,ข\r",
            "id\tdescription\n1\tก\n2\tข\n",
        ):
            assert texts(content.encode(), name) == found
    for header in ("id;text", "ID,Text", "id,text,text"):
        with pytest.raises(InputError, match="columns"):
            read(f"{header}\n1,ก,ข\n".encode())


def test_a_json_array_says_what_to_give() -> None:
    for content in ('[{"id": "1", "text": "ก"}]', '[\n  {\n    "id": "1"', "[ {} ]"):
        for name in ("-", "a.txt"):
            with pytest.raises(InputError, match="is a JSON array: give JSON Lines, one object per line"):
                read(content.encode(), name)
    for content in ("{}", '{\n "id": "1"', "{'id': '1'}"):
        assert all(isinstance(item, BadLine) for item in read(content.encode()))


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_another_encoding_says_how_to_convert(name: str) -> None:
    with pytest.raises(InputError, match=r"not UTF-8 .*iconv -f WINDOWS-874"):
        read("id,text\n1,ครีม".encode("cp874"), name)


@pytest.mark.parametrize("content", [b"", b" \n\t\n"])
@pytest.mark.parametrize("name", ["-", "a.jsonl", "a.csv", "a.txt"])
def test_an_empty_file_says_what_to_give(content: bytes, name: str) -> None:
    with pytest.raises(InputError, match="is empty: give"):
        read(content, name)


@pytest.mark.parametrize(
    "content", [b"<!DOCTYPE html><p>", b"\n <html>", b'\xef\xbb\xbf<?xml version="1.0"?>']
)
def test_a_page_is_told_by_its_content(content: bytes) -> None:
    assert texts(content, "x") == [("page", f"x {len(content)}")]


def test_a_page_is_told_by_its_suffix() -> None:
    assert texts(b"{}", "x.html") == [("page", "x.html 2")]


def test_fields_not_known_are_kept_aside() -> None:
    (item,) = read(json.dumps({"id": "1", "text": "x", "likes": 3}).encode())
    assert isinstance(item, Listing)
    assert item.extra == {"likes": 3}


def test_a_bad_line_keeps_its_id() -> None:
    lines = [
        b'{"id": "a", "text": 5}',
        b'{"id": 7, "text": "cut',
        b'{"id": "x\\"y", "text": "cut',
        b'{"text": "x"}',
        b'{"id": "b", "text": "x", "reach": 1e999}',
    ]
    found = read(b"\n".join(lines), "a.jsonl")
    assert [item.id for item in found if isinstance(item, BadLine)] == ["a", "7", None, None, "b"]
    bad, good = read(b"id,text,reach\nn1,a,-1\nn2,a,1\n", "a.csv")
    assert (isinstance(bad, BadLine), bad.id, good.id) == (True, "n1", "n2")
    for content in (b"n1,a,b\n", b'n1,"a\n', b'n1,"a" b\n', b'n1,"a\nb",c\n'):
        row = read(b"id,text\n" + content, "a.csv")[0]
        assert (row.id, isinstance(row, BadLine)) == ("n1", True)


def test_a_row_that_is_not_utf_8_costs_only_itself(tmp_path: Path) -> None:
    content = "id,text\n1,ครีม\n2,?\n3,สบู่\n".encode().replace(b"?", b"\xff")
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    for first, bad, last in (read(content, "a.csv"), [x.content for x in records_of(path, 0)]):
        assert [x.text for x in (first, last) if isinstance(x, Listing)] == ["ครีม", "สบู่"]
        assert bad == BadLine(3, "not UTF-8: save the file as UTF-8", "2")


def test_most_rows_or_a_header_in_another_encoding_refuse_the_table() -> None:
    for content in (b"id,text\n1,x\n2,\xff\n3,\xff\n", b"id,text,\xff\n1,x\n2,x\n"):
        with pytest.raises(InputError, match="not UTF-8"):
            read(content, "a.csv")


def test_utf_16_says_how_to_convert() -> None:
    with pytest.raises(InputError, match=r"iconv -f UTF-16 "):
        read("id,text\n1,ครีม".encode("utf-16"), "a.csv")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,text\n1,ครีม".encode("utf-16-le"), "like UTF-16 without"),
        ('{"id": "1", "text": "ครีมบำรุงผิวหน้าขาวใส"}'.encode("utf-16-be"), "like UTF-16 without"),
        ("ครีมบำรุงผิวหน้าขาวใสลดสิวฝ้ากระ".encode("utf-16-le"), "like UTF-16 without"),
        ("ชุดชาชงสมุนไพร\nราคา 290\n".encode("utf-16-be"), "like UTF-16 without"),
        (b"\x1f\x8b\x08", "is compressed with gzip"),
        (b"PK\x03\x04", "is an Excel workbook or a zip archive"),
    ],
)
def test_a_packed_file_or_unmarked_utf_16_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        read(content, name)
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        list(records_of(path, 0))


def test_a_nul_byte_in_a_line_costs_no_other_line() -> None:
    first, bad, last = read(
        b'{"id": "1", "text": "a"}\n{"id": "2", "text": "\0"}\n{"id": "3", "text": "c"}', "a.jsonl"
    )
    assert (first.id, isinstance(bad, BadLine), last.id) == ("1", True, "3")
    assert [item.id for item in read(b"id,text\n1,a\n2,\0\n3,c", "a.csv")] == ["1", "2", "3"]


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_each_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [["id", "text"], [1, "ก"], [None, None], ["", "no id"], ["3", "x", *[""] * 499, "far"]],
        [["id", "title", "description"], ["9", "ข", "ค"]],
    )
    found = texts(path.read_bytes(), path.name)
    assert [(name, text) for name, text in found if name in "19"] == [("1", "ก"), ("9", "ข\nค")]
    (number, said), (far, beyond) = found[1:3]
    assert (number, far) == ("4", "5")
    assert 'no "id"' in said
    assert "beyond column 500" in beyond
    assert "sheet" in beyond
    assert [record.number for record in records_of(path, 0, skip=2)] == [2, 3]
    assert count_records(path) == 4


def test_a_workbook_that_is_no_table_of_listings_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id", "text"], ["1", "ก"]], [["note"]])
    with pytest.raises(InputError, match=r"a.xlsx, sheet .* has the columns note"):
        read(path.read_bytes(), path.name)
    with pytest.raises(InputError, match="not a readable workbook"):
        read(b"PK\3\4", "a.xlsx")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n\r\n<html>", "page.mhtml"),
        (b"From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n<html>", "-"),
        (b"Subject: x\n\ntext", "mail.eml"),
        (b'<?xml version="1.0"?>\n<!-- shop -->\n<rss version="2.0"><channel/></rss>', "-"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>", "a.txt"),
        (b"<products><product/></products>", "products.XML"),
    ],
)
def test_web_archives_and_feeds_are_no_texts(content: bytes, name: str) -> None:
    with pytest.raises(InputError, match=r"save the page as HTML, or .* ruthan crawl"):
        read(content, name)


def test_xhtml_is_a_page_and_a_text_may_begin_with_a_mark() -> None:
    page = b'<?xml version="1.0"?><html><body>feed</body></html>'
    assert texts(page, "p.html") == [("page", f"p.html {len(page)}")]
    assert texts(page) == [("page", f"- {len(page)}")]
    for unit in (b"<!---->", b"a: "):
        assert len(texts(unit * 290, "a.txt")) == 1  # in no time
    assert texts(b"<feedback> MIME-Version: 1.0", "a.txt") == [("a.txt", "<feedback> MIME-Version: 1.0")]


def test_a_long_table_with_lone_carriage_returns_is_utf_8() -> None:
    row = '1,"ครีมหน้าขาว รักษาสิวฝ้า",590\r'.encode()
    found = texts(b"id,text,pricex\r" + 90_000 * row, "a.csv")
    assert len(found) == 90_000
    assert set(found) == {("1", "ครีมหน้าขาว รักษาสิวฝ้า")}
    one_bad = texts(b"id,text,pricex\r" + row + b"2,\xa1,\r" + row, "a.csv")
    assert [number for number, _ in one_bad] == ["1", "3", "1"]
