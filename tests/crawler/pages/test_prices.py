"""Prices are parsed the same way everywhere."""

import pytest

from crawler.pages.prices import price_in, price_of
from crawler.pages.structured.facts import facts_of
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
        (None, ""), (float("inf"), ""), ("ติดต่อสอบถาม", ""), (-1, ""), (-590.0, ""), ("-1", ""), ("\u22121.00", ""),
        ("-1 บาท", ""), ("- 590 บาท", "590"), ("1E+03", "1000.00"), ("1.29e3", "1290.00"), ("5e-1", "0.50"), ("1e13", ""),
        ("9e999999", ""), ("-20% ฿290", "290"), ("-20% 1,290 บาท", "1290"), ("\u221220 % 290", "290"), ("-20%", ""),
        ("-50 บาท เหลือ 290 บาท", "50"), ("-1,290.-", ""), ("-฿1", ""), ("-.5", ""),
    ],
)  # fmt: skip
def test_numbers_of_data_keep_their_decimal_point(written: object, price: str) -> None:
    assert price_of(written) == price


@pytest.mark.parametrize(
    ("written", "price", "currency"),
    [
        ({"original": 990, "sale": 590}, "590", None),
        ({"price": 990, "sale_price": "฿590"}, "590", "THB"),
        ({"min": 100, "max": 200}, "100", None),
        ({"decimals": 2, "value": 129000}, "129000", None),
        ({"amount": 1290, "currency": "THB"}, "1290", "THB"),
        ({"now": {"text": "ราคา", "amount": "1,290.00", "currencyCode": "THB"}}, "1290.00", "THB"),
        ([{"value": 100}, {"value": 200}], "100", None),
        ([100, 200], "100", None),
        ({"text": "สอบถาม"}, None, None),
    ],
)
def test_one_price_is_read_of_an_object(written: object, price: str | None, currency: str | None) -> None:
    listing = listing_from_row({"title": "ยาดม", "price": written}, "test")
    assert (listing.price, listing.currency) == (price, currency)


def test_a_text_without_a_sign_of_baht_has_no_price() -> None:
    assert price_in("โทร 081-234-5678 รับ 3 ขวด") == ("", "")


@pytest.mark.parametrize("kind", ["ListPrice", "StrikethroughPrice", "SRP", "MSRP"])
def test_a_crossed_out_price_of_markup_comes_last(kind: str) -> None:
    crossed = {"priceType": f"https://schema.org/{kind}", "price": 990, "priceCurrency": "THB"}
    offers = {"priceSpecification": [crossed, {"price": 590, "priceCurrency": "THB"}]}
    assert facts_of({"offers": offers}, "").price == "590.00"
    assert facts_of({"offers": {"priceSpecification": crossed}}, "").price == "990.00"


@pytest.mark.parametrize(
    ("price", "declared", "currency"),
    [("๑,๒๙๐ บาท", None, "THB"), ("฿1,290", "", "THB"), ("1290", None, ""), ("1,290 บาท", "THB", "THB")],
)
def test_the_currency_may_stand_in_the_price_of_markup(
    price: str, declared: str | None, currency: str
) -> None:
    found = facts_of({"offers": {"price": price, "priceCurrency": declared}}, "")
    assert (found.price, found.currency) == ("1290", currency)
