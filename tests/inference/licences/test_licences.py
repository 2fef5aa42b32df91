"""Licence and permit numbers, and nothing else, are found with offsets and judged by structure."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.licences import find_numbers
from inference.licences.provinces import ABBREVIATIONS, CODES
from inference.licences.structure import is_barcode, is_national_id
from inference.registry.source import Registry
from labels.schema import LicenceCheck, LicenceKind, NumberShape, RegistryStatus
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth

TODAY = date(2026, 11, 24)
K = LicenceKind
LONG = 200_000


def numbers(
    text: str, registry: Registry | None = None, product_name: str | None = None
) -> list[LicenceCheck]:
    found = find_numbers(text, registry, product_name=product_name, today=TODAY)
    ends = [0, *(c.end for c in found)]
    assert all(start <= c.start < c.end <= len(text) for start, c in zip(ends, found, strict=False))
    return found


def only(text: str, registry: Registry | None = None, product_name: str | None = None) -> LicenceCheck:
    found = numbers(text, registry, product_name)
    assert len(found) == 1, found
    return found[0]


_FOOD_SERIALS = [
    "76-1-17557-5-0300",
    "11-1-11054-1-0016",
    "13-1-06355-1-0003",
    "12-2-04661-2-0023",
    "50-1-02254-2-0052",
    "50-2-02147-2-0010",
    "14-1-16056-5-0031",
    "11-1-24162-5-0010",
    "10-1-15456-5-0001",
    "10-3-03468-5-0007",
]
VALID = [
    *((K.FOOD_SERIAL, serial, serial) for serial in _FOOD_SERIALS),
    (K.COSMETIC_NOTIFICATION, "10-1-6400019767", "10-1-6400019767"),
    (K.COSMETIC_NOTIFICATION, "40-1-6300038347", "40-1-6300038347"),
    (K.COSMETIC_NOTIFICATION, "10-1-6400013649", "10-1-6400013649"),
    (K.COSMETIC_NOTIFICATION, "10-1-5512345", "10-1-5512345"),
    (K.DRUG_REGISTRATION, "1A 12/35", "1A 12/35"),
    (K.DRUG_REGISTRATION, "1C 57/49", "1C 57/49"),
    (K.DRUG_REGISTRATION, "2C 15/2561(NBC)", "2C 15/61 (NBC)"),
    (K.DRUG_REGISTRATION, "1A12/35", "1A 12/35"),
    (K.TRADITIONAL_REGISTRATION, "G20/42", "G 20/42"),
    (K.TRADITIONAL_REGISTRATION, "K15/42", "K 15/42"),
    (K.TRADITIONAL_REGISTRATION, "G 330/53", "G 330/53"),
    (K.TRADITIONAL_REGISTRATION, "G 463/46", "G 463/46"),
    (K.TRADITIONAL_REGISTRATION, "K 39/57", "K 39/57"),
    (K.HERBAL_REGISTRATION, "G 51234/64", "G 51234/64"),
    (K.HERBAL_REGISTRATION, "G 188/66", "G 188/66"),
    (K.DEVICE_LICENCE, "68-2-2-2-0005243", "68-2-2-2-0005243"),
    (K.HAZARD_REGISTRATION, "วอส.1/2560", "วอส. 1/2560"),
    (K.HAZARD_REGISTRATION, "วอส. 318/65", "วอส. 318/2565"),
    (K.DEVICE_AD_PERMIT, "ฆพ.2475/2569", "ฆพ. 2475/2569"),
    (K.DEVICE_AD_PERMIT, "ฆพ.287/2567", "ฆพ. 287/2567"),
    (K.DEVICE_AD_PERMIT, "ฆพ.743/2569", "ฆพ. 743/2569"),
    (K.FOOD_AD_PERMIT, "ฆอ. 123/2567", "ฆอ. 123/2567"),
    (K.FOOD_AD_PERMIT, "ฆ.อ. ๑๒๓ / ๒๕๖๗", "ฆอ. 123/2567"),
    (K.DRUG_AD_PERMIT, "ฆท.เลขที่ 5/67", "ฆท. 5/2567"),
    (K.CLINIC_AD_PERMIT, "ฆสพ.สบส 7013/2567", "ฆสพ.สบส. 7013/2567"),
    (K.CLINIC_AD_PERMIT, "ฆสพ.ฉช.๒๖/๒๕๖๖", "ฆสพ.ฉช. 26/2566"),
    (K.CLINIC_AD_PERMIT, "ฆสพ.สบส : ๔๖๒๗ / ๒๕๖๘", "ฆสพ.สบส. 4627/2568"),
    (K.AD_PERMIT, "ฆษ. 12/2567", "ฆษ. 12/2567"),
]


AROUND = ("{}", "ของดี {} ราคา 350 บาท", "(เลขที่{})", "🌿{}\nส่งฟรี")


def test_a_number_of_each_kind() -> None:
    def check(kind: LicenceKind, written: str, normal: str, around: str) -> None:
        text = around.format(written)
        check = only(text)
        assert text[check.start : check.end] == written
        assert (check.kind, check.number, check.shape) == (kind, normal, NumberShape.VALID)
        assert check.status is RegistryStatus.NOT_LOADED
        assert check.reason

    every(((*valid, around) for valid in VALID for around in AROUND), check)


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("อย. 1011234550001", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("เลขสารบบอาหาร 10 1 12345 5 0001", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("อย.๑๐-๑-๑๒๓๔๕-๕-๐๐๐๑", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("อย 1 0 1 1 2 3 4 5 5 0 0 0 1 ราคา", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("เลข อย. 10.1.12345.5.0001", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("อย. 10_1_12345_5_0001", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("อย. 10/1/12345/5/0001", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("อย. 10 – 1 – 12345 – 5 – 0001", K.FOOD_SERIAL, "10-1-12345-5-0001"),
        ("เลขที่ใบรับจดแจ้ง 1016400019767", K.COSMETIC_NOTIFICATION, "10-1-6400019767"),
        ("จดแจ้ง 1015512345", K.COSMETIC_NOTIFICATION, "10-1-5512345"),
        ("เครื่องมือแพทย์เลขที่ 682220005243", K.DEVICE_LICENCE, "68-2-2-2-0005243"),
        ("สถานพยาบาลเลขที่ 10101055127", K.CLINIC_LICENCE, "10101055127"),
        ("ใบอนุญาตเลขที่ 10101055127", K.CLINIC_LICENCE, "10101055127"),
        ("เลขใบอนุญาตประกอบการ 10101012345", K.CLINIC_LICENCE, "10101012345"),
        ("ใบอนุญาตให้ประกอบกิจการสถานพยาบาลเลขที่ 10101055127", K.CLINIC_LICENCE, "10101055127"),
        ("ทะเบียนยาเลขที่ g 20/42", K.TRADITIONAL_REGISTRATION, "G 20/42"),
        ("ยาสมุนไพร ทะเบียน L 7/50", K.TRADITIONAL_REGISTRATION, "L 7/50"),
        ("Reg. No. 1a 188/38", K.DRUG_REGISTRATION, "1A 188/38"),
        ("ใบอนุญาตโฆษณาเลขที่ 341/2568", K.AD_PERMIT, "341/2568"),
        ("ใบอนุญาตโฆษณาอาหาร 341/68", K.FOOD_AD_PERMIT, "341/2568"),
        ("ใบอนุญาตโฆษณาผลิตภัณฑ์สมุนไพรที่ 341/2568", K.HERBAL_AD_PERMIT, "341/2568"),
        ("ยาดมสมุนไพร สดชื่น ใบอนุญาตโฆษณาที่ 341/2568", K.HERBAL_AD_PERMIT, "341/2568"),
    ],
)
def test_the_words_before_a_number_tell_its_kind(text: str, kind: LicenceKind, number: str) -> None:
    check = only(text)
    assert (check.kind, check.number, check.shape) == (kind, number, NumberShape.VALID)


def test_a_permit_without_prefix_after_a_herbal_registration_is_herbal() -> None:
    kinds = [c.kind for c in numbers("ทะเบียน G 188/60 ใบอนุญาตโฆษณาที่ 341/2568")]
    assert kinds == [K.TRADITIONAL_REGISTRATION, K.HERBAL_AD_PERMIT]


def test_thirteen_bare_digits_that_fit_two_kinds_are_ambiguous_and_name_both() -> None:
    check = only("เลข 1016406050002 บนกล่อง")
    assert (check.kind, check.shape, check.status) == (
        K.AMBIGUOUS,
        NumberShape.AMBIGUOUS,
        RegistryStatus.NOT_CHECKED,
    )
    assert "เลขสารบบอาหาร 10-1-64060-5-0002" in check.reason
    assert "เลขจดแจ้งเครื่องสำอาง 10-1-6406050002" in check.reason


@pytest.mark.parametrize(
    ("digits", "kind", "because"),
    [
        ("1011234550001", K.FOOD_SERIAL, "ปี พ.ศ. แต่เป็น 12"),
        ("1036406050002", K.FOOD_SERIAL, "ต้องเป็น 1 หรือ 2"),
        ("1016400019767", K.COSMETIC_NOTIFICATION, "ก่อนกฎหมายอาหาร"),
        ("1016407960000", K.COSMETIC_NOTIFICATION, "2579"),
    ],
)
def test_structure_decides_where_words_do_not(digits: str, kind: LicenceKind, because: str) -> None:
    check = only(f"ใบอนุญาตข้างกล่องมี {digits} ครับ")
    assert (check.kind, check.shape) == (kind, NumberShape.VALID)
    assert because in check.reason


def test_the_hyphens_tell_food_from_cosmetics_whatever_the_words() -> None:
    assert only("เลขจดแจ้ง 10-1-15456-5-0001").kind is K.FOOD_SERIAL
    assert only("เลข อย. 10-1-6400019767").kind is K.COSMETIC_NOTIFICATION


@pytest.mark.parametrize(
    ("text", "written", "kind", "because"),
    [
        ("13-125561-50004", "13-125561-50004", K.FOOD_SERIAL, "ขีดคั่นผิดตำแหน่ง"),
        ("อย. 13-125561-50004", "13-125561-50004", K.FOOD_SERIAL, "ขีดคั่นผิดตำแหน่ง"),
        ("อย. 10-1-12345-5-00012 ราคา 5", "10-1-12345-5-00012", K.FOOD_SERIAL, "มี 14 หลัก"),
        ("เลขสารบบ 10-1-1234-5-0001", "10-1-1234-5-0001", K.FOOD_SERIAL, "มี 12 หลัก"),
        ("อย. 101123455000 ราคา", "101123455000", K.FOOD_SERIAL, "มี 12 หลัก"),
        ("เลขสารบบอาหาร 10112345500012", "10112345500012", K.FOOD_SERIAL, "มี 14 หลัก"),
        ("อย. 10-1-12345-5-O001", "10-1-12345-5-O001", K.FOOD_SERIAL, "ตัวอักษร"),
        ("อย. 10-1-1234550001", "10-1-1234550001", K.FOOD_SERIAL, "ขีดคั่นผิดตำแหน่ง"),
        ("99-1-12345-5-0001", "99-1-12345-5-0001", K.FOOD_SERIAL, "รหัสจังหวัด"),
        ("10-7-12345-5-0001", "10-7-12345-5-0001", K.FOOD_SERIAL, "1-4"),
        ("10-1-12399-5-0001", "10-1-12399-5-0001", K.FOOD_SERIAL, "2599 ยังมาไม่ถึง"),
        ("อย. 8851234567890", "8851234567890", K.FOOD_SERIAL, "รหัสจังหวัด"),
        ("จดแจ้ง 10-3-6400019767", "10-3-6400019767", K.COSMETIC_NOTIFICATION, "1 หรือ 2"),
        ("จดแจ้ง 10-1-7900019767", "10-1-7900019767", K.COSMETIC_NOTIFICATION, "2579"),
        ("จดแจ้ง 99-1-6400019767", "99-1-6400019767", K.COSMETIC_NOTIFICATION, "รหัสจังหวัด"),
        ("จดแจ้ง 10-1-3900019767", "10-1-3900019767", K.COSMETIC_NOTIFICATION, "แต่เป็น 39"),
        ("จดแจ้ง 10-1-66-00017702", "10-1-66-00017702", K.COSMETIC_NOTIFICATION, "ขีดคั่นผิดตำแหน่ง"),
        ("จดแจ้ง 10-1-640001976", "10-1-640001976", K.COSMETIC_NOTIFICATION, "มี 12 หลัก"),
        ("75-2-2-2-0005243", "75-2-2-2-0005243", K.DEVICE_LICENCE, "2575"),
        ("49-2-2-2-0005243", "49-2-2-2-0005243", K.DEVICE_LICENCE, "แต่เป็น 49"),
        ("เครื่องมือแพทย์ 68-2-2-2-000524", "68-2-2-2-000524", K.DEVICE_LICENCE, "มี 11 หลัก"),
        ("สถานพยาบาลเลขที่ 1010105512", "1010105512", K.CLINIC_LICENCE, "11 หลัก"),
        ("ฆอ. 123/2599", "ฆอ. 123/2599", K.FOOD_AD_PERMIT, "2599"),
        ("ใบอนุญาตโฆษณาเลขที่ ขสพ.ชม. 123/2568", "ขสพ.ชม. 123/2568", K.CLINIC_AD_PERMIT, "ขสพ."),
        ("ใบอนุญาตโฆษณาเลขที่ 341/2599", "341/2599", K.AD_PERMIT, "2599"),
        ("ฆอ. 123/2024", "ฆอ. 123/2024", K.FOOD_AD_PERMIT, "พ.ศ."),
        ("ฆอ. 123 นะ", "ฆอ. 123", K.FOOD_AD_PERMIT, "ไม่มีปี"),
        ("ทะเบียนยาเลขที่ 12/35", "12/35", K.DRUG_REGISTRATION, "อักษรนำหน้า"),
        ("ทะเบียนยา 1A 12/85", "1A 12/85", K.DRUG_REGISTRATION, "2585"),
        ("ทะเบียน G 51234/55", "G 51234/55", K.HERBAL_REGISTRATION, "2562"),
    ],
)
def test_a_misprinted_number_is_invalid_and_the_reason_says_why(
    text: str, written: str, kind: LicenceKind, because: str
) -> None:
    check = only(text)
    assert text[check.start : check.end] == written
    assert (check.kind, check.shape, check.status) == (kind, NumberShape.INVALID, RegistryStatus.NOT_CHECKED)
    assert because in check.reason


@pytest.mark.parametrize(
    "text",
    [
        "โทร 081-234-5678 หรือ 0812345678, 02-123-4567",
        "อย. ครบ โทร 081-234-5678 081-234-5678",
        "+66 81 234 5678",
        "บาร์โค้ด 8850123456783",
        "8850123456783",
        "barcode 1011234550001",
        "ราคา 1,290 / 2,500 บาท",
        "กสิกร 123-4-56789-0",
        "เลขบัญชี 1011234550",
        "พร้อมเพย์ 1011234550001",
        "เลขบัตรประชาชน 1101700230708",
        "เลขประจำตัวผู้เสียภาษี 1011234550001",
        "เลขพัสดุ TH1011234550001",
        "คำสั่งซื้อ 1011234550001",
        "หมดอายุ 12/2569 ผลิต 06/69",
        "LOT G 05/69 EXP 12/2571",
        "ครั้งละ 1/2 เม็ด วันที่ 5/11",
        "ไซซ์ L 32/38 M 26/32",
        "หนัก 500 G 20/42",
        "https://shop.example/p/10-1-12345-5-0001?id=1011234550001",
        "www.shop.example/1011234550001",
        "shop.example.com/i/10-1-15456-5-0001",
        "10-1-xxxxx-5-xxxx",
        "ใบอนุญาตขายยา นว. 74/2558",
        "โฆษณา 2/4 ตอน",
        "ดูโฆษณาที่ 12/2568",
        "ดินสอ 2B 10/90",
        "12345678901234567890",
        "ขนาด 10 1 12345 ชิ้น",
        "5555555555555",
        "",
        "ไม่มีเลข",
    ],
)
def test_what_is_no_licence(text: str) -> None:
    assert numbers(text) == []


def test_a_bare_number_that_may_be_a_barcode_stays_open() -> None:
    check = only("เลข 4514603300116")
    assert check.shape is NumberShape.AMBIGUOUS
    assert "บาร์โค้ด" in check.reason


def test_several_numbers_in_order() -> None:
    text = "จดแจ้ง A 10-2-6600008841 B 10-2-6600008842 / อย. 10-1-15456-5-0001/10-1-15456-5-0002 (ฆอ. 1/2567)"
    assert [text[c.start : c.end] for c in numbers(text)] == [
        "10-2-6600008841",
        "10-2-6600008842",
        "10-1-15456-5-0001",
        "10-1-15456-5-0002",
        "ฆอ. 1/2567",
    ]


def test_provinces() -> None:
    assert len(CODES) == len(ABBREVIATIONS) == len(set(ABBREVIATIONS.values())) == 77
    assert {"10", "38", "96"} <= CODES
    assert not {"28", "59", "68", "78", "88", "97", "09"} & CODES


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    path = tmp_path / "registry.csv"
    path.write_text(
        "# snapshot: 2569-11-01\n"
        "number,kind,product_name,holder,status\n"
        "10-1-64060-5-0001,food_serial,ข้าวเกรียบกุ้ง สวนทดลอง,ก,active\n"
        "10-1-15456-5-0001,food_serial,กาแฟดอยทดลอง,ก,cancelled\n"
        "ฆอ. 12/2567,food_ad_permit,กาแฟดอยทดลอง,ก,active\n",
        encoding="utf-8",
    )
    return Registry.load(path)


def test_the_registry_settles_an_ambiguous_number(registry: Registry) -> None:
    check = only("ข้าวเกรียบ 1016406050001", registry)
    assert (check.kind, check.number) == (K.FOOD_SERIAL, "10-1-64060-5-0001")
    assert (check.shape, check.status) == (NumberShape.VALID, RegistryStatus.ACTIVE)


@pytest.mark.parametrize(
    ("text", "product_name", "status"),
    [
        ("ข้าวเกรียบอร่อย อย. 10-1-64060-5-0001", None, RegistryStatus.ACTIVE),
        ("ยาหมอเทวดา อย. 10-1-64060-5-0001", None, RegistryStatus.OTHER_PRODUCT),
        ("ของดี อย. 10-1-64060-5-0001", "ข้าวเกรียบกุ้ง", RegistryStatus.ACTIVE),
        ("กาแฟ อย. 10-1-15456-5-0001", None, RegistryStatus.CANCELLED),
        ("กาแฟ อย. 10-1-15456-5-0009", None, RegistryStatus.NOT_FOUND),
        ("กาแฟ ฆอ.๐๑๒/๖๗", None, RegistryStatus.ACTIVE),
        ("อย. 13-125561-50004", None, RegistryStatus.NOT_CHECKED),
    ],
)
def test_registry_status(
    registry: Registry, text: str, product_name: str | None, status: RegistryStatus
) -> None:
    check = only(text, registry, product_name)
    assert check.status is status
    assert ("2026-11-01" in check.reason) == (status is not RegistryStatus.NOT_CHECKED)


@pytest.mark.parametrize(
    ("text", "kind", "number", "status"),
    [
        # Written as a food serial, held as the cosmetic that the text names: sellers call every number อย.
        ("ครีมกุหลาบขาว อย. 10-1-64000-1-9767", K.COSMETIC_NOTIFICATION, "10-1-6400019767", "active"),
        ("ครีมกุหลาบขาว อย. 1016400019767", K.COSMETIC_NOTIFICATION, "10-1-6400019767", "active"),
        ("น้ำมะม่วงหาว อย. 10-1-64000-1-9767", K.FOOD_SERIAL, "10-1-64000-1-9767", "other_class"),
        ("กาแฟสูตรลับ อย. 10-1-65000-1-2345", K.FOOD_SERIAL, "10-1-65000-1-2345", "other_class"),
        ("น้ำมะม่วงหาว อย. 10-1-64060-5-0009", K.FOOD_SERIAL, "10-1-64060-5-0009", "not_found"),
        ("ยาเม็ด ทะเบียนยา 1A 12/35", K.DRUG_REGISTRATION, "1A 12/35", "registry_not_loaded"),
    ],
)
def test_a_number_of_another_class_or_of_a_kind_that_was_not_imported(
    tmp_path: Path, text: str, kind: LicenceKind, number: str, status: str
) -> None:
    path = tmp_path / "registry.csv"
    path.write_text(
        "# snapshot: 2569-11-01\nnumber,kind,product_name,holder,status\n"
        "10-1-6400019767,cosmetic_notification,ครีมกุหลาบขาว,ก,active\n"
        "10-1-6500012345,cosmetic_notification,GLOW WHITE SERUM,ก,active\n"
        "10-1-64060-5-0001,food_serial,ข้าวเกรียบกุ้ง,ก,active\n",
        encoding="utf-8",
    )
    check = only(text, Registry.load(path))
    assert (check.kind, check.number, check.status.value) == (kind, number, status)
    assert "ข้อมูล ณ 2026-11-01 อายุ 23 วัน" in check.reason


@pytest.mark.parametrize(("days", "old"), [(22, True), (23, False)])
def test_an_old_snapshot_is_said_to_be_old(tmp_path: Path, days: int, old: bool) -> None:
    path = tmp_path / "registry.csv"
    path.write_text(
        "# snapshot: 2569-11-01\nnumber,kind,product_name,holder,status\n10-1-64060-5-0001,food_serial,ก,ก,active\n"
    )
    check = only("อย. 10-1-64060-5-0002", Registry.load(path, max_age_days=days))
    assert ("ควรนำเข้าทะเบียนใหม่" in check.reason) is old


# The letter of permits is left out: before a digit it would make another number of the planted one.
_NOISE = st.text(
    st.sampled_from("กขคงมยรลสหอะาิีุูเแโไ่้๊็์ัำ \n()🌿💊👍🏽️\u200b\u200d\ufeff\u0e4d\u0301abcxyz,"), max_size=40
)
_SHOWN = [
    (K.FOOD_SERIAL, ("10", "1", "15456", "5", "0001"), "-"),
    (K.FOOD_SERIAL, ("50", "2", "02147", "2", "0010"), "-"),
    (K.COSMETIC_NOTIFICATION, ("10", "1", "6400019767"), "-"),
    (K.DEVICE_LICENCE, ("68", "2", "2", "2", "0005243"), "-"),
    (K.DRUG_REGISTRATION, ("1A 12", "35"), "/"),
    (K.TRADITIONAL_REGISTRATION, ("G 20", "42"), "/"),
    (K.FOOD_AD_PERMIT, ("ฆอ. 123", "2567"), "/"),
    (K.CLINIC_AD_PERMIT, ("ฆสพ.สบส. 7013", "2567"), "/"),
]
_DIGITS = [
    str.maketrans("0123456789", digits)
    for digits in ("0123456789", "๐๑๒๓๔๕๖๗๘๙", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
]
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u00ad"


@settings(deadline=None)
@given(
    before=_NOISE,
    after=_NOISE,
    shown=st.sampled_from(_SHOWN),
    table=st.sampled_from(_DIGITS),
    dash=st.sampled_from(_DASHES),
    hidden=st.lists(
        st.sampled_from(["", "", "", "\u200b", "\u2060", "\u200d\ufeff"]), min_size=40, max_size=40
    ),
)
def test_a_planted_number_is_found_at_its_place(
    before: str,
    after: str,
    shown: tuple[LicenceKind, tuple[str, ...], str],
    table: dict[int, int],
    dash: str,
    hidden: list[str],
) -> None:
    kind, parts, separator = shown
    visible = (dash if separator == "-" else separator).join(parts).translate(table)
    planted = "".join(c + h for c, h in zip(visible, hidden, strict=False)).rstrip("\u200b\u2060\u200d\ufeff")
    text = f"{before} {planted} {after}"
    check = only(text)
    assert text[check.start : check.end] == planted
    assert (check.kind, check.number, check.shape) == (kind, separator.join(parts), NumberShape.VALID)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    numbers(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789๐๑-–./_ ()\u200bอยฆทพส.สารบบจดแจ้งGK1A\n"), max_size=120))
def test_text_of_digits_and_signs(text: str) -> None:
    for check in numbers(text):
        assert any(c.isdigit() for c in text[check.start : check.end])


@pytest.mark.costly
@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "-",
        "1-",
        "1 ",
        "10-1-",
        "10-1-12345-5-0001 ",
        "1011234550001 ",
        "อย. 1-",
        "อย.",
        "ฆสพ.สบส.",
        "G 1",
        "1/2 ",
        *("\u200b", "1\u200b", "a-", "http://", "โฆษณาที่ ", "อย. (((((((((((((("),
    ],
)
def test_work_is_linear(unit: str) -> None:
    assert growth(lambda size: (unit * size)[:size], lambda t: find_numbers(t, today=TODAY), 40_000) < LINEAR


def test_a_device_number_may_begin_with_the_first_year_of_its_kind() -> None:
    assert only("50-2-2-2-0005243").shape is NumberShape.VALID


def test_check_digits_of_nought_and_one_are_digits_like_any_other() -> None:
    """For a remainder of 0 or 1, the check digit is not ten or eleven minus the remainder."""
    assert is_barcode("8850000000010")
    assert not is_barcode("8850000000011")
    assert is_national_id("1100000000130")
    assert is_national_id("1100000000041")
    assert not is_national_id("1100000000131")
