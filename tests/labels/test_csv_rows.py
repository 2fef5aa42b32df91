"""Rows of CSV files, sound and broken."""

import io

import pytest

from labels.csv_rows import CsvRow, CsvRows, text_lines


def read(content: str, width: int | None = None, most: int = 1000) -> list[CsvRow]:
    rows = CsvRows(text_lines(io.StringIO(content, newline=""), most), most=most)
    rows.width = width
    return list(rows)


def test_rows_know_their_lines_and_blank_ones_are_passed_over() -> None:
    found = read('id,text\r\n\r\n1,"a\nb ""c"""\n,\n2,d')
    assert [(row.first, row.last, row.cells) for row in found] == [
        (1, 1, ["id", "text"]),
        (3, 4, ["1", 'a\nb "c"']),
        (6, 6, ["2", "d"]),
    ]


def test_a_quotation_mark_left_open_costs_its_own_row() -> None:
    sound = "".join(f'{n},"text {n}"\n' for n in range(2, 2001))
    bad, *rest = read('1,"open\n' + sound, most=10**6)
    assert (bad.first, bad.last, bad.cells) == (1, 1, ["1"])
    assert "close each" in bad.problem
    assert [row.cells[0] for row in rest] == [str(n) for n in range(2, 2001)]


def test_one_at_the_end_of_the_file_is_told_too() -> None:
    assert [bool(row.problem) for row in read('1,a\n2,"open\n3,b\n')] == [False, True, False]


def test_one_that_another_closes_is_told_by_the_number_of_cells() -> None:
    found = read('1,"open,x\n2,"\n3,a,b\n', width=3)
    assert [(row.first, bool(row.problem)) for row in found] == [(1, True), (2, True), (3, False)]
    assert "under 3 headings" in found[0].problem


@pytest.mark.parametrize(
    ("name", "end"),
    [("{}", ""), ("SKU-{}", ""), ("{:08x}-4b2a", ""), ("{}", ",290"), ("ก{}", "")],
)
def test_one_that_an_inch_mark_closes_is_told_by_the_rows_in_between(name: str, end: str) -> None:
    lines = [f"{name.format(n)},ข้อความ {n}{end}\n" for n in range(1, 42)]
    lines[0] = lines[0].replace("ข้อความ", '"ครีม')
    lines[39] = lines[39].replace("ข้อความ 40", 'จอ 5"')
    bad, *rest = read("".join(lines), width=2 + bool(end), most=10**6)
    assert (bad.first, bad.last, "over 40 lines, most of which are rows" in bad.problem) == (1, 1, True)
    assert [row.cells[0] for row in rest] == [name.format(n) for n in range(2, 42)]
    assert rest[38].cells[1] == 'จอ 5"'


@pytest.mark.parametrize(
    "text",
    [
        "ชาขิง\nราคา 290",
        "ชาขิง\n1,290 บาท",
        "ส่วนผสม\nขิง, น้ำตาล\nชา, เกลือ",
        "จอ 5\n\n7 นิ้ว, สีดำ\n8 นิ้ว",
        "a\n2,b\nc\nd",
        "สีที่มี\n3,แดง",
    ],
)
def test_a_text_over_several_lines_is_one_row(text: str) -> None:
    found = read(f'1,"{text}"\n2,b\n', width=2)
    assert [(row.problem, row.cells) for row in found] == [("", ["1", text]), ("", ["2", "b"])]


@pytest.mark.parametrize(
    ("own", "following", "text"),
    [
        ("SKU01", "SKU02", "ส่วนผสม\nCollagen, Biotin"),
        ("SKU01,ครีม", "SKU02,b", "ส่วนผสม\nAqua, Glycerin, Niacinamide"),
        ("SKU01", "SKU02", "ส่วนผสม\nCollagen,Biotin 500"),
        ("A01", "A02", "วิตามิน\nB12,โฟลิก 400"),
        ("1001", "1002", "เลือก\n30, 60"),
        ("1001", "1002", "โปร\n2,500 mg\n30, เม็ด\n60, เม็ด"),
        ("45", "46", "ราคา\n60,ลด 490\n90,ลด 690\n120,ลด 890\n150,ลด 990\n180,ลด 1090"),
        ("2", "3", "โอเมก้า\n3,6"),
        ("1", "2", "ซื้อ\n2,แถม 1\n3,แถม 2"),
        ("1", "2", "".join(f"{n},ขั้นที่ {n}\n" for n in range(1, 15)) + "15,พัก 5"),
        ("45", "46", "ราคา" + "".join(f"\n{n},ลด {n}" for n in range(50, 200, 10))),
        ("8850000000017", "8850000000024", "ชุดนี้มี\n8850000000031,ครีม 50\n8850000000048,สบู่ 2"),
        ("collagen", "vitamins", "ส่วนผสม\naloevera,1\nlavender,2\nrosemary,3\ncinnamon,4\nginseng1,5"),
    ],
)
def test_lines_of_a_text_that_look_like_rows_are_text(own: str, following: str, text: str) -> None:
    found = read(f'{own},"{text}"\n{following},b\n', width=2 + own.count(","))
    assert [(row.problem, row.cells) for row in found] == [
        ("", [*own.split(","), text]),
        ("", [*following.split(","), "b"]),
    ]


@pytest.mark.parametrize(
    ("own", "swallowed", "following"),
    [
        ('1,"ครีม', ['2,จอ 5"'], "3,b"),
        ('1,"ครีม', ["2,สบู่", '3,จอ 5"'], "4,b"),
        ('SKU-09,"ครีม', ["SKU-10,ชา", "", 'SKU-11,จอ 5"'], 'SKU-12,"b'),
        ('17,"ครีม,290,a.jpg', ['18,จอ 5",300,b.jpg'], "19,ชา,1,c.jpg"),
        ('SKU771,"ครีม,290,a.jpg', ['SKU482,จอ 5",300,b.jpg'], "SKU905,ชา,1,c.jpg"),
        ('0b5e6a34-9f0c-4f43-8a77-0c1d2e3f4a5b,"ครีม', ['e1a2b3c4-0d0e-4f00-9a9b-112233445566,จอ 5"'], "x,b"),
    ],
)
def test_few_swallowed_rows_are_told_by_the_next_row_or_by_the_shape_of_the_table(
    own: str, swallowed: list[str], following: str
) -> None:
    content = "\n".join([own, *swallowed, following, "end" + "," * own.count(",")])
    bad, *rest = read(content + "\n", width=own.count(",") + 1)
    assert (bad.first, bad.last, bad.cells) == (1, 1, own.split(",")[:1])
    assert "most of which are rows" in bad.problem
    assert [row.cells[0] for row in rest if row.cells] == [
        line.partition(",")[0] for line in [*swallowed, following, "end"] if line
    ]


def test_one_that_the_opening_mark_of_a_later_row_closes_is_told() -> None:
    bad, *rest = read('1,"ครีม\n2,ชา\n3,"\nสบู่"\n4,b\n', width=2)
    assert (bad.last, bool(bad.problem)) == (1, True)
    assert [row.cells for row in rest] == [["2", "ชา"], ["3", "\nสบู่"], ["4", "b"]]


@pytest.mark.parametrize(
    ("own", "text", "following"),
    [
        ("1", "ซื้อ\n2,แถม 1\n3,แถม 2", "5,b"),
        ("1", "ซื้อ\n2,แถมสบู่", "3,b"),
        ("1", "ชุด\n2,ครีมกลางวัน\n3,ครีมกลางคืน", "4,b"),
        ("1", "ส่วนผสม\n" + "".join(f"{n},ขั้นที่ {n}\n" for n in range(2, 15)) + "15,พัก 5", "2,b"),
        ("SKU771,ครีม,290", "ชุดนี้มี\nSKU482,สบู่,2 ก้อน", "SKU905,ชา,1,b"),
        ("SKU771,ครีม,290", "ชุดนี้มี\nSKU482,สบู่,2,ก้อน\nราคา 5", "SKU905,ชา,1,b"),
    ],
)
def test_a_list_in_a_text_does_not_lead_to_the_next_row(own: str, text: str, following: str) -> None:
    found = read(f'{own},"{text}"\n{following}\n', width=2 + own.count(","))
    assert [(row.problem, row.cells) for row in found] == [
        ("", [*own.split(","), text]),
        ("", following.split(",")),
    ]


def test_a_part_of_a_file_is_read_as_in_the_whole_if_its_next_line_is_known() -> None:
    content = '7,"ครีม\n8,จอ 5"\n'
    assert [bool(row.problem) for row in read(content + "9,b\n", width=2)] == [True, False, False]
    assert [bool(row.problem) for row in read(content + "20,b\n", width=2)] == [False, False]
    assert [bool(row.problem) for row in read(content, width=2)] == [False]


@pytest.mark.parametrize("content", ["1," + "x" * 50, '1,"' + "x\n" * 50])
def test_a_row_has_a_greatest_length(content: str) -> None:
    found = read(content + "\n2,b\n", most=20)
    assert found[0].too_long
    assert found[-1].cells == ["2", "b"]
