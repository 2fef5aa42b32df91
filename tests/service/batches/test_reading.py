import io
import json

import pytest

from service.batches.formats import Format
from service.batches.problems import MAX_RECORD_BYTES
from service.batches.reading import NEXT_BYTES, LineError, Raw, raw_records, record_of


def read(content: str | bytes, kind: Format) -> list[Raw]:
    raw = content.encode() if isinstance(content, str) else content
    return list(raw_records(io.BytesIO(raw), kind))


def code(raw: Raw, columns: list[str] | None = None) -> str:
    with pytest.raises(LineError) as caught:
        record_of(raw, columns or [])
    assert caught.value.problem.thai
    assert caught.value.problem.english
    return caught.value.problem.code


def test_json_lines_keep_their_numbers_over_blank_lines_and_a_byte_order_mark() -> None:
    found = read('\ufeff{"id": 1}\r\n\r\n  \n{"id": 2}', Format.JSONL)
    assert [(raw.line, record_of(raw, [])) for raw in found] == [(1, {"id": 1}), (4, {"id": 2})]
    assert (found[0].start, found[0].end, found[1].end) == (0, 14, 28)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "x",
        '{"a": NaN}',
        pytest.param('{"a": ' + "9" * 5000 + "}", id="long number"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_line_that_is_no_json(line: str) -> None:
    (raw,) = read(line, Format.JSONL)
    assert code(raw) == "not_json"


def test_a_line_that_is_too_long_is_passed_over_without_the_others() -> None:
    content = b'{"id": 1}\n' + b"x" * (MAX_RECORD_BYTES + 5) + b'\n{"id": 2}\n'
    first, long, last = read(content, Format.JSONL)
    assert (record_of(first, []), record_of(last, []), last.line) == ({"id": 1}, {"id": 2}, 3)
    assert (code(long), long.line, long.content, long.end) == ("too_long", 2, "", last.start)


def test_rows_over_several_lines() -> None:
    content = 'id,text\r\n1,"ก\nข ""ค"""\n,\n\n2,ง\n'
    header, first, second = read(content, Format.CSV)
    assert header.content == ["id", "text"]
    assert (first.line, record_of(first, ["id", "text"])) == (2, {"id": "1", "text": 'ก\nข "ค"'})
    assert (second.line, record_of(second, ["id", "text"])) == (6, {"id": "2", "text": "ง"})
    assert content.encode()[first.start : first.end].decode() == '1,"ก\nข ""ค"""\n'


def test_a_quotation_mark_left_open_costs_one_line() -> None:
    found = read('id,text\n1,"open\n2,sound\n3,"too"\n4,"a"b\n5,"end', Format.CSV)
    assert [raw.line for raw in found] == [1, 2, 3, 4, 5, 6]
    assert [raw.line for raw in found if raw.problem] == [2, 5, 6]
    assert code(found[1]) == "not_csv"
    assert found[3].content == ["3", "too"]


def test_a_row_over_several_lines_has_as_many_cells_as_the_header() -> None:
    found = read('id,title,text\n1,"open,x\n2,"\n3,a,b', Format.CSV)
    assert [(raw.line, raw.problem is None) for raw in found] == [
        (1, True),
        (2, False),
        (3, False),
        (4, True),
    ]


def test_a_record_of_many_lines_is_bounded() -> None:
    line = "x" * 1000 + "\n"
    content = '1,"' + line * (MAX_RECORD_BYTES // 1000 + 10) + "2,sound\n"
    found = read(content, Format.CSV)
    assert (found[0].line, code(found[0])) == (1, "too_long")
    assert (found[1].line, found[-1].content) == (2, ["2", "sound"])


@pytest.mark.parametrize("row", ["1", "1,a,b"])
def test_a_row_has_as_many_cells_as_the_header(row: str) -> None:
    (raw,) = read(row, Format.CSV)
    assert code(raw, ["id", "text"]) == "wrong_cells"


@pytest.mark.parametrize(
    ("content", "kind", "place"),
    [
        ('{"id": 1, "text": "ก"}\n{"id": 2, "text": "?"}\n{"id": 3, "text": "ค"}', Format.JSONL, 20),
        ("1,ก\n2,กข?\n3,ค", Format.CSV, 5),
    ],
)
def test_a_line_that_is_not_utf_8_costs_only_itself(content: str, kind: Format, place: int) -> None:
    first, bad, last = read(content.encode().replace(b"?", b"\xff"), kind)
    columns = ["id", "text"]
    assert [str(record_of(x, columns)["id"]) for x in (first, last)] == ["1", "3"]  # type: ignore[index]
    assert (code(bad, columns), bad.line) == ("not_utf_8", 2)
    assert bad.problem is not None
    assert f"(character {place} of" in bad.problem.english


def test_a_row_over_several_lines_is_not_utf_8_if_one_of_them_is_not() -> None:
    first, last = read(b'1,"\xe0\xb8\x81\n\xff"\n2,x\n', Format.CSV)
    assert (code(first), first.line) == ("not_utf_8", 1)
    assert record_of(last, ["id", "text"]) == {"id": "2", "text": "x"}


def test_a_chunk_reads_as_the_whole_does() -> None:
    rows = ['1,"a\nb"', '2,"open', "3,x", '4,"q"', "", '5,"z""z"', '6,"bad"x', "7,y"]
    rows += ['8,"open', "9,x", '10,5"', "11,y", '12,"in a\n13,set 5"', "15,z", '16,"last']
    content = "\n".join(["id,text", *rows]).encode()
    whole = read(content, Format.CSV)
    for first in range(1, len(whole)):
        for last in range(first, len(whole)):
            start, end = whole[first].start, whole[last].end
            part = io.BytesIO(content[start : end + NEXT_BYTES])
            again = list(raw_records(part, Format.CSV, line=whole[first].line, start=start, columns=2))
            again = [raw for raw in again if raw.start < end]
            assert [(r.line, r.start, r.end, r.content) for r in again] == [
                (r.line, r.start, r.end, r.content) for r in whole[first : last + 1]
            ]


def test_a_json_text_is_not_split_at_other_line_ends() -> None:
    (raw,) = read(json.dumps({"id": "1", "text": "a\u2028b\x85c"}, ensure_ascii=False), Format.JSONL)
    assert record_of(raw, []) == {"id": "1", "text": "a\u2028b\x85c"}


def test_an_empty_cell_says_nothing_except_of_the_text() -> None:
    columns = ["id", "title", "description", "price", "color"]
    (_, row) = read(",".join(columns) + "\n1,,x,,\n", Format.CSV)
    assert record_of(row, columns) == {"id": "1", "title": "", "description": "x"}
