"""The status of a number that the register says is not in force, or another product's."""

import pytest

from inference.licences.status import names_other_product, status_not_in_force
from inference.registry.source import RecordStatus, RegistryRecord
from labels.schema import LicenceKind, RegistryStatus


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("เพิกถอน", RegistryStatus.REVOKED),
        ("สถานะ ถูกเพิกถอน ทะเบียนแล้ว", RegistryStatus.REVOKED),
        ("Revoked (2024)", RegistryStatus.REVOKED),
        ("พักใช้ชั่วคราว", RegistryStatus.SUSPENDED),
        ("ถูกสั่งพักใช้ใบอนุญาต", RegistryStatus.SUSPENDED),
        ("อยู่ระหว่างพักใช้", RegistryStatus.SUSPENDED),
        ("Suspended", RegistryStatus.SUSPENDED),
        ("หมดอายุ (2026-01-01)", RegistryStatus.EXPIRED),
        ("สิ้นอายุ", RegistryStatus.EXPIRED),
        ("expired", RegistryStatus.EXPIRED),
        ("", RegistryStatus.CANCELLED),
        ("ยกเลิก", RegistryStatus.CANCELLED),
        ("ยกเลิกการพักใช้", RegistryStatus.CANCELLED),
        ("เพิกถอนตามคำขอ", RegistryStatus.CANCELLED),
        ("ขอเพิกถอน", RegistryStatus.CANCELLED),
        ("ไม่คงอยู่", RegistryStatus.CANCELLED),
    ],
)
def test_the_status_is_what_the_register_says(written: str, status: RegistryStatus) -> None:
    kind = LicenceKind.HERBAL_REGISTRATION
    record = RegistryRecord("G 123/58", kind, "ยาหอม", "ก", RecordStatus.CANCELLED, written)
    assert status_not_in_force(record) is status


def test_a_name_without_distinctive_words_is_nobodys_other_product() -> None:
    assert not names_other_product("", "ชาสมุนไพร")
    assert names_other_product("กาแฟดอยช้าง", "ชาสมุนไพร")
    assert not names_other_product("น้ำลำไย", "น\u0e4d\u0e49\u0e32ล\u0e4d\u0e32ไยแท้")


@pytest.mark.parametrize(
    ("registered", "text", "other"),
    [
        (
            "NINE COFFEE INSTANT MIX",
            "ไนน์ กาแฟ อย. 10-1-15456-5-0001 ราคา 390 บาท Line: @nine www.shop.example",
            False,
        ),
        ("SNOWY WHITE SERUM", "เซรั่มสโนวี่ไวท์ GMP Halal", False),
        ("SNOWY WHITE SERUM", "GoldSkin เซรั่มทองคำ", True),
        ("สโนวี่ไวท์", "เซรั่มทองคำ", True),
    ],
)
def test_a_name_in_letters_that_the_ad_does_not_use_decides_nothing(
    registered: str, text: str, other: bool
) -> None:
    assert names_other_product(registered, text) is other
