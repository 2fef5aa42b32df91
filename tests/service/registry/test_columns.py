"""Headings are known in Thai and English, and a doubt is an error."""

import pytest

from service.registry.columns import Column, ColumnsUnusable, parse_mapping, recognise


@pytest.mark.parametrize(
    "headings",
    [
        ("number", "product_name", "status"),
        ("Licence No.", "Product Name (TH)", "Status"),
        ("เลขสารบบอาหาร", "ชื่อผลิตภัณฑ์ (ภาษาไทย)", "สถานะ"),
        ("\ufeffเลขที่ใบรับจดแจ้ง", " ชื่อเครื่องสําอาง ", "สถานะ*"),
        ("เลขทะเบียนตำรับยา", "ชื่อการค้า", "สถานะใบอนุญาต"),
    ],
)
def test_headings_are_known(headings: tuple[str, ...]) -> None:
    layout = recognise(["ลำดับ", *headings, "หมายเหตุ"], {})
    assert layout is not None
    assert layout.places == {Column.NUMBER: (1,), Column.PRODUCT_NAME: (2,), Column.STATUS: (3,)}
    assert layout.key_heading == headings[0]


def test_names_in_two_columns_are_joined_and_repetitions_left_out() -> None:
    layout = recognise(["เลขที่", "ชื่อภาษาไทย", "ชื่อภาษาอังกฤษ", "สถานะ"], {})
    assert layout is not None
    assert layout.cells(["1", " กาแฟ ", "Coffee", "คงอยู่"])[Column.PRODUCT_NAME] == "กาแฟ / Coffee"
    assert layout.cells(["1", "A", "A"]) == {Column.NUMBER: "1", Column.PRODUCT_NAME: "A", Column.STATUS: ""}


def test_rows_that_are_no_headings() -> None:
    assert recognise(["รายงานเลขสารบบ", "", ""], {}) is None
    assert recognise(["เลขที่"], {}) is None
    assert recognise(["ชื่อผลิตภัณฑ์", "สถานะ"], {}) is None


def test_columns_can_be_named_by_hand_and_win() -> None:
    mapping = parse_mapping("Newcode=number, สถานะล่าสุด = status,")
    layout = recognise(["เลขที่", "NEWCODE", "สถานะ", "สถานะ ล่าสุด"], mapping)
    assert layout is not None
    assert layout.places == {Column.NUMBER: (1,), Column.STATUS: (3,)}


def test_a_doubt_or_a_wrong_mapping_says_what_to_do() -> None:
    with pytest.raises(ColumnsUnusable, match="both 'เลขที่ใบอนุญาต' and 'เลขสารบบ' could be the number"):
        recognise(["เลขที่ใบอนุญาต", "เลขสารบบ", "สถานะ"], {})
    for given in ("a", "a=b", "=number"):
        with pytest.raises(ColumnsUnusable, match="is not HEADING=COLUMN"):
            parse_mapping(given)
