"""Numbers announced as a licence that fit none: invalid, with the reason for the announced kind."""

from datetime import date

import pytest

from inference.licences import find_numbers
from labels.schema import LicenceKind, NumberShape

TODAY = date(2026, 11, 24)
DIGITS = "1099999999999"
"""Neither a food serial nor a cosmetic notification, since the third digit is 9."""


@pytest.mark.parametrize(
    ("word", "kind", "number", "reason"),
    [
        ("อย.", LicenceKind.FOOD_SERIAL, "10-9-99999-9-9999", "หลักที่สามของเลขสารบบอาหารต้องเป็น 1-4 แต่เป็น 9"),
        ("สารบบ", LicenceKind.FOOD_SERIAL, "10-9-99999-9-9999", "หลักที่สามของเลขสารบบอาหารต้องเป็น 1-4 แต่เป็น 9"),
        (
            "จดแจ้ง",
            LicenceKind.COSMETIC_NOTIFICATION,
            "10-9-9999999999",
            "หลักที่สามของเลขจดแจ้งเครื่องสำอางต้องเป็น 1 หรือ 2 แต่เป็น 9",
        ),
    ],
)
def test_thirteen_digits_that_fit_no_kind_are_judged_as_the_announced_one(
    word: str, kind: LicenceKind, number: str, reason: str
) -> None:
    text = f"{word} {DIGITS}"
    (found,) = find_numbers(text, today=TODAY)
    assert (found.kind, found.number, found.shape, found.reason) == (
        kind,
        number,
        NumberShape.INVALID,
        reason,
    )
    assert text[found.start : found.end] == DIGITS


@pytest.mark.parametrize("word", ["เลข", "โทร", "เลขพัสดุ"])
def test_thirteen_digits_that_fit_no_kind_and_follow_no_such_word_are_no_licence(word: str) -> None:
    assert find_numbers(f"{word} {DIGITS}", today=TODAY) == []


@pytest.mark.parametrize("year", ["61", "2561"])
def test_a_drug_registration_without_its_letters_is_invalid_whatever_the_year_looks_like(year: str) -> None:
    (found,) = find_numbers(f"เลขทะเบียนยา 12/{year}", today=TODAY)
    assert (found.kind, found.number) == (LicenceKind.DRUG_REGISTRATION, "12/61")
    assert found.shape is NumberShape.INVALID
    assert found.reason == (
        "เลขทะเบียนยาไม่มีอักษรนำหน้า ต้องขึ้นต้นด้วย 1A-2F (ยาแผนปัจจุบัน) หรือ G-N (ยาแผนโบราณและสมุนไพร)"
    )


@pytest.mark.parametrize("digits", ["1234567890", "123456789012"])
def test_a_digit_too_few_or_too_many_after_a_clinics_word_is_its_invalid_number(digits: str) -> None:
    (found,) = find_numbers(f"ใบอนุญาตสถานพยาบาล {digits}", today=TODAY)
    assert (found.kind, found.shape) == (LicenceKind.CLINIC_LICENCE, NumberShape.INVALID)


@pytest.mark.parametrize(
    "text",
    [
        "เลขที่ใบอนุญาต 1234567890",
        "เลขที่ใบอนุญาต 123456",
        "ใบอนุญาตสถานพยาบาล 123456",
        "ใบอนุญาตสถานพยาบาล 0234567890",
    ],
)
def test_other_digits_after_a_licence_word_are_no_clinics_number(text: str) -> None:
    assert find_numbers(text, today=TODAY) == []
