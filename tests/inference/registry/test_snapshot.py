"""A snapshot file: written once, read by any thread, compared with another one, refused when it is broken."""

import os
import sqlite3
import threading
from datetime import date
from pathlib import Path

import pytest

from inference.registry.snapshot import AddResult, Difference, SnapshotRecords, SnapshotWriter, difference
from inference.registry.source import RecordStatus, Registry, RegistryError, RegistryRecord
from labels.schema import LicenceKind

DAY = date(2026, 11, 1)
FOOD = LicenceKind.FOOD_SERIAL


def record(
    number: str, name: str = "กาแฟทดลอง", status: RecordStatus = RecordStatus.ACTIVE, kind: LicenceKind = FOOD
) -> RegistryRecord:
    return RegistryRecord(number, kind, name, "บริษัท ทดลอง จำกัด", status, "คงอยู่")


def write(path: Path, *records: RegistryRecord) -> Path:
    with SnapshotWriter(path) as writer:
        for one in records:
            writer.add(one, DAY)
        writer.finish()
    return path


def test_what_is_written_is_found_again(tmp_path: Path) -> None:
    permit = record("ฆอ. 12/2567", kind=LicenceKind.FOOD_AD_PERMIT)
    records = SnapshotRecords(write(tmp_path / "a", record("10-1-15456-5-0001"), permit))
    registry = Registry(records, DAY)
    assert len(registry) == 2
    assert records.kinds() == {FOOD, LicenceKind.FOOD_AD_PERMIT}
    found = registry.lookup(FOOD, "๑๐๑๑๕๔๕๖๕๐๐๐๑")
    assert found == RegistryRecord(
        "10-1-15456-5-0001", FOOD, "กาแฟทดลอง", "บริษัท ทดลอง จำกัด", RecordStatus.ACTIVE, "คงอยู่", DAY
    )
    # A permit is found with and without the prefix of its kind.
    assert registry.lookup(LicenceKind.FOOD_AD_PERMIT, "12/67") == registry.lookup(
        LicenceKind.FOOD_AD_PERMIT, "ฆอ.012/2567"
    )
    assert registry.lookup(FOOD, "10-1-15456-5-0002") is None
    records.close()


def test_what_was_confirmed_later_is_not_undone_by_what_was_said_between(tmp_path: Path) -> None:
    number, between, later = "10-1-15456-5-0001", date(2026, 11, 2), date(2026, 11, 3)
    with SnapshotWriter(tmp_path / "a") as writer:
        writer.add(record(number), DAY)
        assert writer.add(record(number), later) is AddResult.SAME
        assert writer.add(record(number), DAY) is AddResult.SAME
        assert writer.add(record(number, status=RecordStatus.CANCELLED), between) is AddResult.CONTRADICTED
        writer.finish()
    found = Registry(SnapshotRecords(tmp_path / "a"), DAY).lookup(FOOD, number)
    assert found is not None
    assert (found.status, found.as_of) == (RecordStatus.ACTIVE, later)


def test_of_two_that_contradict_the_later_then_the_one_in_force_stays(tmp_path: Path) -> None:
    number, later = "10-1-15456-5-0001", date(2026, 11, 2)
    gone = RecordStatus.CANCELLED
    with SnapshotWriter(tmp_path / "a") as writer:
        assert writer.add(record(number, status=gone), DAY) is AddResult.NEW
        assert writer.add(record(number, status=gone), DAY) is AddResult.SAME
        assert writer.add(record(number), DAY) is AddResult.CONTRADICTING
        assert writer.add(record(number, status=gone), DAY) is AddResult.CONTRADICTED
        assert writer.add(record(number, name="อื่น"), DAY) is AddResult.CONTRADICTED
        assert writer.add(record(number, status=gone), later) is AddResult.CONTRADICTING
        assert writer.finish() == {FOOD: 1}
    found = Registry(SnapshotRecords(tmp_path / "a"), DAY).lookup(FOOD, number)
    assert found is not None
    assert (found.status, found.as_of) == (gone, later)


def test_a_snapshot_takes_over_what_it_lacks(tmp_path: Path) -> None:
    old = write(tmp_path / "old", *(record(f"10-1-15456-5-000{n}", "เดิม") for n in "123"))
    with SnapshotWriter(tmp_path / "new") as writer:
        writer.add(record("10-1-15456-5-0001", "ใหม่"), DAY)
        writer.add(record("10-1-15456-5-0003", "ของเก่า"), date(2026, 1, 1))
        assert writer.take_over(old) == ["10-1-15456-5-0003"]
        assert writer.finish() == {FOOD: 3}
    registry = Registry(SnapshotRecords(tmp_path / "new"), DAY)
    names = [found.product_name for n in "123" if (found := registry.lookup(FOOD, f"10-1-15456-5-000{n}"))]
    assert names == ["ใหม่", "เดิม", "เดิม"]


def test_the_difference_of_two(tmp_path: Path) -> None:
    numbers = [f"10-1-15456-5-000{n}" for n in range(6)]
    old = write(tmp_path / "old", *(record(n) for n in numbers[:4]))
    changed = record(numbers[2], status=RecordStatus.CANCELLED)
    new = write(tmp_path / "new", record(numbers[1]), changed, record(numbers[4]))
    assert difference(new, old) == Difference(new=1, changed=1, gone=2)
    assert difference(old, old) == Difference(0, 0, 0)


def test_many_threads_and_another_process_read_one_file(tmp_path: Path) -> None:
    numbers = [f"10-1-15456-5-{n:04}" for n in range(200)]
    records = SnapshotRecords(write(tmp_path / "a", *(record(n, f"ชื่อ {n}") for n in numbers)))
    registry = Registry(records, DAY)
    wrong: list[str] = []

    def read() -> None:
        for number in numbers:
            found = registry.lookup(FOOD, number)
            if found is None or found.product_name != f"ชื่อ {number}":
                wrong.append(number)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    # A file that only its owner may read and nobody may write is enough.
    (tmp_path / "a").chmod(0o400)
    child = os.fork()
    if child == 0:
        read()
        os._exit(len(wrong) > 0)
    assert os.waitpid(child, 0)[1] == 0


def test_what_is_no_finished_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be opened"):
        SnapshotRecords(tmp_path / "none")
    (tmp_path / "text").write_text("number,kind\n" * 1000)
    with pytest.raises(RegistryError, match="not a finished snapshot"):
        SnapshotRecords(tmp_path / "text")
    with SnapshotWriter(tmp_path / "half") as writer:
        writer.add(record("10-1-15456-5-0001"), DAY)
    with pytest.raises(RegistryError, match="not a finished snapshot"):
        SnapshotRecords(tmp_path / "half")
    other = write(tmp_path / "other", record("10-1-15456-5-0001"))
    db = sqlite3.connect(other)
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(RegistryError, match="format 99"):
        SnapshotRecords(other)
    with pytest.raises(RegistryError, match="exists already"):
        SnapshotWriter(other)
