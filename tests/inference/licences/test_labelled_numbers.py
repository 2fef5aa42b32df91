"""The licence field of a marketplace is read as what it claims to be."""

import pytest

from inference.contacts import find_contacts
from inference.licences import find_numbers
from labels.schema import LicenceKind, NumberShape


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("หมายเลขใบอนุญาต/อย. 5669882", "5669882"),
        ("หมายเลขใบอนุญาต/อย.\n5669882\nปริมาณ 30 แคปซูล", "5669882"),
        ("หมายเลขใบอนุญาต/อย.: 12345678901234567", "12345678901234567"),
        ("เลขที่ อย. ๑๒๓๔๕๖๗", "1234567"),
    ],
)
def test_a_short_or_long_number_in_the_field_is_a_misshapen_licence(text: str, number: str) -> None:
    (found,) = find_numbers(text)
    assert (found.kind, found.number, found.shape) == (LicenceKind.FOOD_SERIAL, number, NumberShape.INVALID)
    assert "13 หลัก" in found.reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("หมายเลขใบอนุญาต/อย. 10-1-12345-5-0001", LicenceKind.FOOD_SERIAL),
        ("หมายเลขใบอนุญาต/อย. 10-1-6400012345", LicenceKind.COSMETIC_NOTIFICATION),
        ("หมายเลขใบอนุญาต/อย. ฆอ. 123/2560", LicenceKind.FOOD_AD_PERMIT),
    ],
)
def test_a_whole_number_in_the_field_stays_what_it_is(text: str, kind: LicenceKind) -> None:
    (found,) = find_numbers(text)
    assert (found.kind, found.shape) == (kind, NumberShape.VALID)


@pytest.mark.parametrize(
    "text", ["เลข อย. 12 กล่อง", "เลขที่ อย. 1234 บาท", "หมายเลขใบอนุญาต/อย. รอตรวจสอบ", "สายด่วน อย. 1556"]
)
def test_amounts_prices_and_hotlines_are_none(text: str) -> None:
    assert find_numbers(text) == []


def test_a_mobile_phone_behind_the_label_stays_a_contact() -> None:
    text = "เลข อย. 081-234-5678"
    assert find_numbers(text) == []
    assert [contact.value for contact in find_contacts(text)] == ["0812345678"]


@pytest.mark.parametrize("text", ["เลข อย. 02-123-4567", "เลข อย.:12/05/2566", "เลข อย. 2026-12-31"])
def test_phones_and_dates_in_the_field_are_no_numbers(text: str) -> None:
    assert find_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("หมายเลขใบอนุญาต/อย. 1016400019767 ราคา 590 บาท", "10-1-6400019767"),
        ("เลขที่จดเเจ้ง 1016712345", "10-1-6712345"),
        ("ใบรับแจ้งรายการละเอียด 661120012345", "66-1-1-2-0012345"),
        ("ฆสพ.สสจ.ชบ. 12/2566", "ฆสพ.สสจ.ชบ. 12/2566"),
        ("ฆสพ.สสจ.ชลบุรี 12/2566", "ฆสพ.สสจ.ชลบุรี 12/2566"),
        ("ฆสพ.ชลบุรี 12/2566", "ฆสพ.ชลบุรี 12/2566"),
        ("ฆสพ.สสจ.ที่ 12/2566", "ฆสพ.สสจ. 12/2566"),
        ("ฆอ.1,234/2565", "ฆอ. 1234/2565"),
    ],
)
def test_numbers_are_read_as_sellers_write_them(text: str, number: str) -> None:
    (found,) = find_numbers(text)
    assert (found.number, found.shape) == (number, NumberShape.VALID)
