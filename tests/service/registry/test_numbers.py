"""Numbers of a register take the form in which they are found in listings, or say why not."""

from datetime import date

import pytest

from inference.licences import find_numbers
from inference.registry.source import registry_key
from labels.schema import LicenceKind
from service.registry.numbers import NumberUnreadable, kinds_from, read_number

K = LicenceKind
TODAY = date(2026, 11, 24)

# As a register writes it, its kind, and a listing that shows it.
NUMBERS = [
    ("10-1-15456-5-0001", K.FOOD_SERIAL, "อย. 10-1-15456-5-0001"),
    ("1011545650001", K.FOOD_SERIAL, "เลขสารบบ ๑๐-๑-๑๕๔๕๖-๕-๐๐๐๑"),
    ("อย. 10 1 15456 5 0001", K.FOOD_SERIAL, "อย 1011545650001"),
    ("1016400019767", K.COSMETIC_NOTIFICATION, "เลขจดแจ้ง 10-1-6400019767"),
    ("10-1-5512345", K.COSMETIC_NOTIFICATION, "เลขที่ใบรับจดแจ้ง 1015512345"),
    ("68222 0005243", K.DEVICE_LICENCE, "เครื่องมือแพทย์ 68-2-2-2-0005243"),
    ("10101000123", K.CLINIC_LICENCE, "ใบอนุญาตสถานพยาบาลเลขที่ 10101000123"),
    ("1A 12/2535", K.DRUG_REGISTRATION, "ทะเบียนยา 1A12/35"),
    ("2C15/61 (NBC)", K.DRUG_REGISTRATION, "เลขทะเบียน 2C 15/61(NBC)"),
    ("G20/42", K.TRADITIONAL_REGISTRATION, "ทะเบียนยาเลขที่ G 20/42"),
    ("G 50123/64", K.HERBAL_REGISTRATION, "ทะเบียนสมุนไพร G 50123/64"),
    ("1/2560", K.HAZARD_REGISTRATION, "อย. วอส. 1/2560"),
    ("12/2567", K.FOOD_AD_PERMIT, "ฆอ. 12/2567"),
    ("ฆพ.743/2569", K.DEVICE_AD_PERMIT, "ฆพ 743/2569"),
    ("สบส. 7013/2567", K.CLINIC_AD_PERMIT, "ฆสพ.สบส 7013/2567"),
    ("12/2567", K.HERBAL_AD_PERMIT, "ใบอนุญาตโฆษณาผลิตภัณฑ์สมุนไพรเลขที่ 12/2567"),
]


@pytest.mark.parametrize(("written", "kind", "listing"), NUMBERS, ids=[f"{k} {w}" for w, k, _ in NUMBERS])
def test_the_stored_and_the_found_form_meet(written: str, kind: LicenceKind, listing: str) -> None:
    stored = read_number(written, (kind,), today=TODAY)
    (found,) = find_numbers(listing, today=TODAY)
    assert stored[0] is kind is found.kind
    assert registry_key(*stored) == registry_key(found.kind, found.number)


@pytest.mark.parametrize(
    ("heading", "written", "kind"),
    [
        ("เลขสารบบอาหาร", "1011545650001", K.FOOD_SERIAL),
        ("เลขที่ใบรับจดแจ้ง", "1016400019767", K.COSMETIC_NOTIFICATION),
        ("เลขที่", "10-1-15456-5-0001", K.FOOD_SERIAL),
        ("เลขที่", "10-1-6400019767", K.COSMETIC_NOTIFICATION),
        ("เลขทะเบียน", "1A 12/35", K.DRUG_REGISTRATION),
        ("เลขที่อนุญาตโฆษณา", "ฆอ. 12/2567", K.FOOD_AD_PERMIT),
    ],
)
def test_without_a_kind_the_heading_and_the_number_tell(
    heading: str, written: str, kind: LicenceKind
) -> None:
    assert read_number(written, heading=heading, today=TODAY)[0] is kind


def test_a_word_for_the_goods_leaves_the_number_to_tell() -> None:
    food = kinds_from(" อาหาร ")
    assert read_number("1011545650001", food, today=TODAY)[0] is K.FOOD_SERIAL
    assert read_number("ฆอ. 12/2567", food, today=TODAY) == (K.FOOD_AD_PERMIT, "ฆอ. 12/2567")
    assert read_number("G 20/42", kinds_from("ผลิตภัณฑ์สมุนไพร"), today=TODAY)[0] is K.TRADITIONAL_REGISTRATION
    assert kinds_from("food_serial") == (K.FOOD_SERIAL,)
    assert kinds_from("แคปซูล") == ()


@pytest.mark.parametrize(
    ("written", "kinds", "why"),
    [
        ("", (), "no number"),
        ("1.01155E+12", (K.FOOD_SERIAL,), "rounded"),
        ("2035-12-01", (K.DRUG_REGISTRATION,), "converted the number"),
        ("99-1-15456-5-0001", (K.FOOD_SERIAL,), "ไม่ใช่รหัสจังหวัด"),
        ("10-1-15499-5-0001", (K.FOOD_SERIAL,), "ยังมาไม่ถึง"),
        ("10-1-15456-5-001", (K.FOOD_SERIAL,), "12 หลัก"),
        ("10-1-15456-5-0001 (กาแฟ)", (K.FOOD_SERIAL,), "more than digits"),
        ("1016406050001", (), "fits several kinds"),
        ("กาแฟ", (), "not written like"),
        ("1A 12/35, 1A 13/35", (K.DRUG_REGISTRATION,), "alone"),
        ("G 20/42", (K.DRUG_REGISTRATION,), "is a traditional_registration"),
        ("12/35", (K.DRUG_REGISTRATION,), "ไม่มีอักษรนำหน้า"),
        ("ฆท. 12/2567", (K.FOOD_AD_PERMIT,), "is a drug_ad_permit"),
    ],
)
def test_what_cannot_be_read_says_why(written: str, kinds: tuple[LicenceKind, ...], why: str) -> None:
    with pytest.raises(NumberUnreadable, match=why):
        read_number(written, kinds, "เลขที่", TODAY)
