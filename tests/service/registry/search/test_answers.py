"""Odd but valid answers are parsed, and invalid ones are never taken for "no such number"."""

import json

import pytest

from service.registry.columns import Column, parse_mapping
from service.registry.search.answers import InvalidAnswer, rows_of

ROW = {"number": "10-1-15456-5-0001", "name": "กาแฟ", "status": "คงอยู่"}
TABLE = "<table><tr><th>เลขสารบบ</th><th>ชื่อผลิตภัณฑ์</th><th>สถานะ</th></tr>{}</table>"
LINE = "<tr><td>10-1-15456-5-0001</td><td>กาแฟ</td><td>คงอยู่</td></tr>"


def body(value: object, encoding: str = "utf-8") -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(encoding)


@pytest.mark.parametrize(
    "answer",
    [
        body([ROW]),
        body(ROW),
        body({"data": [ROW], "total": 1}),
        body({"data": [ROW], "errors": []}),
        body({"result": {"items": [ROW]}}),
        body({"d": json.dumps([ROW], ensure_ascii=False)}),
        body(json.dumps([ROW], ensure_ascii=False)),
        b"\xef\xbb\xbf\r\n " + body([ROW]),
        body([ROW], "cp874"),
        body([ROW], "tis-620"),
        ("<html><body>" + TABLE.format(LINE)).encode(),
        ("<?xml version='1.0' encoding='utf-8'?><html>" + TABLE.format(LINE) + "</html>").encode("cp874"),
        ("<p>พบ 10 รายการ</p><table><tr><td>ก</td></tr></table>" + TABLE.format(LINE)).encode(),
    ],
)
def test_rows_are_found_however_they_come(answer: bytes) -> None:
    (row,) = rows_of(answer, {})
    assert (row.cells[Column.NUMBER], row.cells[Column.PRODUCT_NAME]) == ("10-1-15456-5-0001", "กาแฟ")


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b'{"data": [], "total": 0}',
        TABLE.format("").encode(),
        TABLE.format("<tr><td colspan='3'>ไม่พบข้อมูล</td></tr>").encode(),
        "<html><body><p>ไม่พบรายการที่ค้นหา</p></body></html>".encode("cp874"),
        "<html><body>พบ 0 รายการ</body></html>".encode(),
    ],
)
def test_answers_that_say_there_is_none(answer: bytes) -> None:
    assert rows_of(answer, {}) == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"", "an empty answer"),
        (b" \r\n", "an empty answer"),
        (b"null", "without one list"),
        (b'{"error": "timeout"}', "without one list"),
        (b'{"Message": "An error has occurred."}', "without one list"),
        (b'[{"number": "1"', "broken JSON"),
        (b'["x", "y"]', "without one list"),
        (b'{"a": [{"number": 1}], "b": [{"number": 2}]}', "without one list"),
        (b'[{"x": 1, "y": 2}]', "without known fields: x, y"),
        (
            b"<html><h1>Server Error</h1><script>var t='ng-binding no data found'</script></html>",
            "Server Error",
        ),
        ("<html><body>พบ 10 รายการ</body></html>".encode(), "without a table"),
        (b"<html>", "without a table"),
        (b"ORA-12154", "neither JSON nor HTML"),
        (b"\xe0\xb8\xff\xfe", "neither UTF-8 nor"),
    ],
)
def test_what_is_no_answer_says_what_it_is(answer: bytes, says: str) -> None:
    with pytest.raises(InvalidAnswer, match=says):
        rows_of(answer, {})


def test_fields_and_the_place_of_the_list_can_be_named() -> None:
    answer = body({"meta": [{"n": 1}], "hits": {"list": [{"Newcode": "1", "x": None, "cncnm": "คงอยู่"}]}})
    (row,) = rows_of(answer, parse_mapping("Newcode=number,x=holder,cncnm=status"), "hits.list")
    assert dict(row.cells) == {Column.NUMBER: "1", Column.HOLDER: "", Column.STATUS: "คงอยู่"}
    with pytest.raises(InvalidAnswer, match=r"JSON without hits\.none"):
        rows_of(answer, {}, "hits.none")
