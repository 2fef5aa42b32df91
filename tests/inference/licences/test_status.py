"""The status of a number that the register says is not in force, or another product's."""

from datetime import date
from pathlib import Path

import pytest

from inference.licences import find_numbers
from inference.licences.provinces import spellings
from inference.licences.status import names_other_product, status_not_in_force
from inference.registry.source import RecordStatus, Registry, RegistryRecord
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


@pytest.mark.parametrize(
    "written", ["ฆสพ.เชียงใหม่ 12/2566", "ฆสพ.จังหวัดเชียงใหม่ 12/66", "ฆสพ.สสจ.ชม. 12/2566", "ฆสพ.ชม.๑๒/๒๕๖๖"]
)
@pytest.mark.parametrize("registered", ["ฆสพ.ชม. 12/2566", "ฆสพ.เชียงใหม่ 12/2566", "ฆสพ.สสจ.เชียงใหม่ 12/66"])
def test_a_province_is_the_same_in_full_and_abbreviated(
    tmp_path: Path, written: str, registered: str
) -> None:
    path = tmp_path / "registry.csv"
    head = "# snapshot: 2569-11-01\nnumber,kind,product_name,holder,status\n"
    path.write_text(f"{head}{registered},clinic_ad_permit,คลินิกทดลอง,ก,active\n", encoding="utf-8")
    registry = Registry.load(path)
    statuses = [x.status for x in find_numbers(f"คลินิกทดลอง {written}", registry, today=date(2026, 11, 20))]
    assert statuses == [RegistryStatus.ACTIVE]
    (other,) = find_numbers("คลินิกทดลอง ฆสพ.เชียงราย 12/2566", registry, today=date(2026, 11, 20))
    assert other.status is RegistryStatus.NOT_FOUND


def test_a_province_is_the_same_however_its_am_is_typed() -> None:
    assert "ฆสพ.ลป 12/2566" in spellings("ฆสพ.ล\u0e4d\u0e32ปาง 12/2566")
