"""Prices are parsed the same way everywhere."""

import pytest

from crawler.pages.prices import price_in, price_of
from crawler.records.rows import listing_from_row

WRITTEN = {
    "1.290,00 บาท": "1290.00", "1,290.00 บาท": "1290.00", "1,290 บาท": "1290", "1.290 บาท": "1290",
    "฿1,290": "1290", "THB 1,290.00": "1290.00", "฿ 1.290,00": "1290.00", "1\u00a0290 บาท": "1290",
    "๑,๒๙๐ บาท": "1290", "590.-": "590", "590,-": "590", "290฿": "290", "99,00 บาท": "99.00", "1290,5 บาท": "1290.5",
    "ราคา 590 บาท จาก 790 บาท": "590", "2 ขวด 590 บาท": "590", "ลด 50% เหลือ 290 บาท": "290",
    "3 แถม 1 ราคา 590 บาท": "590", "0.125 บาท": "0.125", "1,234,567.89 บาท": "1234567.89",
    "เหลือเพียง...590 บาท": "590", "เพียง..1,290 บาท": "1290",
}  # fmt: skip


@pytest.mark.parametrize(("written", "price"), WRITTEN.items())
def test_a_price_in_baht_is_the_same_to_every_reader(written: str, price: str) -> None:
    assert price_of(written) == price
    assert price_in(f"ยาดมหอม {written} ส่งฟรี") == (price, "THB")
    listing = listing_from_row({"title": "ยาดม", "price": written}, "test")
    assert (listing.price, listing.currency) == (price, "THB")


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("1290", "1290"), ("1290.0000", "1290.0000"), ("590.000", "590.000"), (590, "590.00"), (0.5, "0.50"),
        ("12,50", "12.50"), ("1.234.567,89", "1234567.89"), ("290 - 590", "290"), ("", ""), ("ฟรี", ""), (True, ""),
        (None, ""), (float("inf"), ""), ("ติดต่อสอบถาม", ""),
    ],
)  # fmt: skip
def test_numbers_of_data_keep_their_decimal_point(written: object, price: str) -> None:
    assert price_of(written) == price


def test_a_text_without_a_sign_of_baht_has_no_price() -> None:
    assert price_in("โทร 081-234-5678 รับ 3 ขวด") == ("", "")
