"""A registry snapshot is read, looked up, and refused with the row that is wrong."""

from datetime import date
from pathlib import Path

import pytest

from inference.registry.source import RecordStatus, Registry, RegistryError, comparable
from labels.schema import LicenceKind

HEADER = "number,kind,product_name,holder,status\n"
ROW = "10-1-15456-5-0001,food_serial,กาแฟทดลอง,บริษัท ทดลอง จำกัด,active\n"


def write(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "registry.csv"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("day", ["2569-11-01", "2026-11-01"])
def test_a_snapshot(tmp_path: Path, encoding: str, newline: str, day: str) -> None:
    content = f"# snapshot: {day}\n{HEADER}{ROW}".replace("\n", newline)
    registry = Registry.load(write(tmp_path, content, encoding))
    assert registry.snapshot_date == date(2026, 11, 1)
    assert len(registry) == 1
    record = registry.lookup(LicenceKind.FOOD_SERIAL, "1011545650001")
    assert record is not None
    assert (record.product_name, record.status) == ("กาแฟทดลอง", RecordStatus.ACTIVE)
    assert registry.lookup(LicenceKind.COSMETIC_NOTIFICATION, "1011545650001") is None
    assert registry.lookup(LicenceKind.FOOD_SERIAL, "10-1-15456-5-0002") is None


def test_the_latest_as_of_dates_the_snapshot(tmp_path: Path) -> None:
    content = (
        "number,kind,product_name,holder,status,as_of\n"
        "G 1/50,traditional_registration,ยาหอม,ก,active,2569-01-02\n"
        "G 2/50,traditional_registration,ยาลม,ก,Cancelled,2026-03-04\n"
    )
    assert Registry.load(write(tmp_path, content)).snapshot_date == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + ROW, "no snapshot date"),
        ("", "line 1: header lacks number"),
        ("# snapshot: 1 Nov\n" + HEADER + ROW, "line 1: date '1 Nov' is not"),
        ("# snapshot: 2026-13-01\n" + HEADER + ROW, "line 1: date '2026-13-01'"),
        ("# snapshot: 2026-11-01\nnumber,kind\n", "line 2: header lacks product_name, holder, status"),
        ("# snapshot: 2026-11-01\n" + HEADER + ROW + ROW, "line 4: 10-1-15456-5-0001 is already on line 3"),
        ("# snapshot: 2026-11-01\n" + HEADER + ROW.replace("food_serial", "fud"), "line 3: kind is 'fud'"),
        (
            "# snapshot: 2026-11-01\n" + HEADER + ROW.replace("food_serial", "ambiguous"),
            "line 3: kind is 'ambiguous'",
        ),
        ("# snapshot: 2026-11-01\n" + HEADER + ROW.replace("active", "ok"), "line 3: status is 'ok'"),
        ("# snapshot: 2026-11-01\n" + HEADER + ",food_serial,a,b,active\n", "line 3: number is empty"),
        ("# snapshot: 2026-11-01\n" + HEADER + "1,food_serial\n", "line 3: status is ''"),
        (
            "# snapshot: 2026-11-01\n" + HEADER + '1,food_serial,"open,b,active\n' + ROW * 2,
            "line 3: not CSV",
        ),
        (
            "# snapshot: 2026-11-01\n" + HEADER.replace("\n", ',"as_of\n') + ROW,
            "line 2: the header cannot be read: not CSV",
        ),
    ],
)
def test_a_bad_file_names_the_row(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(RegistryError) as caught:
        Registry.load(write(tmp_path, content))
    assert says in str(caught.value)


def test_other_encodings_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="not UTF-8 at byte"):
        Registry.load(write(tmp_path, "# snapshot: 2026-11-01\n" + HEADER + ROW, "cp874"))
    with pytest.raises(RegistryError, match="cannot be read"):
        Registry.load(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10-1-15456-5-0001", "๑๐๑๑๕๔๕๖๕๐๐๐๑"),
        ("ฆอ. 12/2567", "ฆอ.๐๑๒/๖๗"),
        ("ฆสพ.สบส. 7013/2567", "ฆสพ สบส 7013 / 2567"),
        ("1a 12/35", "1A12/2535"),
        ("1C 15/49 (NC)", "1C 15/49(nc)"),
    ],
)
def test_ways_of_writing_compare_equal(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


def test_different_numbers_compare_different() -> None:
    written = [
        "G 1/50",
        "G 10/50",
        "K 1/50",
        "ฆอ. 1/2550",
        "ฆท. 1/2550",
        "1C 15/49",
        "1C 15/49 (N)",
        "1A 15/49",
    ]
    assert len({comparable(n) for n in written}) == len(written)


def test_herbal_and_traditional_numbers_are_one_series(tmp_path: Path) -> None:
    content = "# snapshot: 2026-11-01\n" + HEADER + "G 1/50,herbal_registration,ยาหอม,ก,active\n"
    registry = Registry.load(write(tmp_path, content))
    assert registry.lookup(LicenceKind.TRADITIONAL_REGISTRATION, "G 1/2550") is not None
    assert registry.covers(LicenceKind.TRADITIONAL_REGISTRATION)
    assert not registry.covers(LicenceKind.DRUG_REGISTRATION)
    assert not registry.covers(LicenceKind.FOOD_SERIAL)


def test_thirteen_digits_of_the_other_kind(tmp_path: Path) -> None:
    registry = Registry.load(write(tmp_path, "# snapshot: 2026-11-01\n" + HEADER + ROW))
    found = registry.same_digits(LicenceKind.COSMETIC_NOTIFICATION, "10-1-1545650001")
    assert found is not None
    assert found.kind is LicenceKind.FOOD_SERIAL
    assert registry.same_digits(LicenceKind.FOOD_SERIAL, "10-1-15456-5-0001") is None
    assert registry.same_digits(LicenceKind.CLINIC_LICENCE, "10-1-15456-5-0001") is None
