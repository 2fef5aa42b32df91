"""The status of a number that the register says is not in force."""

import pytest

from inference.licences.status import status_not_in_force
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
