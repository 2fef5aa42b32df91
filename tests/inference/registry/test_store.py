"""Which snapshot is in use: never half of one, never a damaged one, and exchanged while a service runs."""

import json
import shutil
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from inference.licences import find_numbers
from inference.model.versioned_folder import POINTER, sha256_of
from inference.registry.snapshot import SnapshotWriter
from inference.registry.source import RecordStatus, RegistryError, RegistryRecord
from inference.registry.store import (
    RECORDS,
    Manifest,
    RegistryInUse,
    RegistryStore,
    registry_in_use,
)
from labels.schema import LicenceKind, RegistryStatus

FOOD = LicenceKind.FOOD_SERIAL
NUMBER = "10-1-15456-5-0001"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RegistryStore:
    monkeypatch.setenv("RUTHAN_REGISTRY_SNAPSHOTS", str(tmp_path / "snapshots"))
    return RegistryStore()


def put(store: RegistryStore, day: date, status: RecordStatus, name: str = "กาแฟทดลอง") -> str:
    with store.staging() as folder:
        with SnapshotWriter(folder / RECORDS) as writer:
            writer.add(RegistryRecord(NUMBER, FOOD, name, "ก", status), day)
            kinds = writer.finish()
        sha256 = sha256_of(folder / RECORDS)
        manifest = Manifest(
            id=f"{day}+{sha256[:8]}",
            as_of=day,
            imported_at=datetime.now(UTC),
            by="nok",
            sources=[],
            records=1,
            kinds=kinds,
            duplicates=0,
            contradictions=0,
            added_to="",
            compared_with="",
            sha256=sha256,
        )
        store.keep(folder, manifest)
    return manifest.id


def test_without_a_snapshot_nothing_is_looked_up(store: RegistryStore) -> None:
    assert store.current() is None
    assert store.ids() == []
    assert registry_in_use(None).now() is None
    assert not store.folder.exists()


def test_a_snapshot_is_kept_then_used_and_the_history_says_by_whom(store: RegistryStore) -> None:
    first = put(store, date(2026, 10, 1), RecordStatus.ACTIVE)
    assert store.current() is None
    second = put(store, date(2026, 11, 1), RecordStatus.CANCELLED)
    store.use(first, by="nok")
    change = store.use(second, by="lek")
    assert (change.previous, change.snapshot, change.by) == (first, second, "lek")
    assert store.ids() == [first, second]
    assert [c.by for c in store.state().history] == ["nok", "lek"]
    current = store.current()
    assert current is not None
    assert current.snapshot_date == date(2026, 11, 1)
    assert sorted(p.name for p in store.folder.iterdir()) == [".lock", first, second, POINTER]


def test_the_same_content_is_kept_once(store: RegistryStore) -> None:
    first = put(store, date(2026, 10, 1), RecordStatus.ACTIVE)
    with pytest.raises(RegistryError, match="imported before"):
        put(store, date(2026, 10, 1), RecordStatus.ACTIVE)
    assert store.ids() == [first]


def test_an_import_that_fails_leaves_nothing(store: RegistryStore) -> None:
    def fail() -> None:
        with store.staging() as folder:
            (folder / RECORDS).write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(store.folder.iterdir()) == []


def test_damage_is_an_error_and_never_silence(store: RegistryStore) -> None:
    snapshot = put(store, date(2026, 10, 1), RecordStatus.ACTIVE)
    with pytest.raises(RegistryError, match=r"there is no snapshot 'x'.*there are: 2026-10-01"):
        store.use("x", by="nok")
    with pytest.raises(RegistryError, match="there is no snapshot"):
        store.manifest("../snapshots")
    store.use(snapshot, by="nok")
    with store.records_of(snapshot).open("ab") as file:
        file.write(b"x")
    with pytest.raises(RegistryError, match="not what was imported"):
        registry_in_use(None)
    store.records_of(snapshot).unlink()
    with pytest.raises(RegistryError, match="cannot be read"):
        registry_in_use(None)
    (store.folder / POINTER).write_text("{")
    with pytest.raises(RegistryError, match="restore it from a backup"):
        registry_in_use(None)
    (store.folder / POINTER).unlink()
    with pytest.raises(RegistryError, match=r"holds snapshots but no current\.json"):
        registry_in_use(None)
    (store.folder / POINTER).write_text(json.dumps({"current": ""}))
    assert registry_in_use(None).now() is None


def test_a_running_reader_follows_and_survives_a_broken_exchange(
    store: RegistryStore, caplog: pytest.LogCaptureFixture
) -> None:
    source = RegistryInUse(store)

    def status() -> RegistryStatus:
        (check,) = find_numbers(f"กาแฟทดลอง อย. {NUMBER}", source, today=date(2026, 11, 24))
        return check.status

    assert status() is RegistryStatus.NOT_LOADED
    store.use(put(store, date(2026, 10, 1), RecordStatus.ACTIVE), by="nok")
    assert status() is RegistryStatus.ACTIVE
    newer = put(store, date(2026, 11, 1), RecordStatus.CANCELLED)
    store.use(newer, by="nok")
    assert status() is RegistryStatus.CANCELLED
    broken = put(store, date(2026, 11, 2), RecordStatus.ACTIVE)
    store.use(broken, by="nok")
    shutil.rmtree(store.folder / broken)
    assert status() is RegistryStatus.CANCELLED
    assert "stays in use" in caplog.text


def test_a_reader_never_sees_half_an_exchange(store: RegistryStore) -> None:
    days = [date(2026, 10, n) for n in range(1, 4)]
    ids = [put(store, day, RecordStatus.ACTIVE, f"กาแฟ {day}") for day in days]
    store.use(ids[0], by="nok")
    source = RegistryInUse(store)
    ended = threading.Event()
    seen: set[date] = set()
    wrong: list[object] = []

    def read() -> None:
        while not ended.is_set():
            registry = source.now()
            found = registry.lookup(FOOD, NUMBER) if registry else None
            if registry is None or found is None or found.product_name != f"กาแฟ {registry.snapshot_date}":
                wrong.append(found)
                return
            seen.add(registry.snapshot_date)

    thread = threading.Thread(target=read)
    thread.start()
    for n in range(60):
        store.use(ids[n % 3], by="nok")
    ended.set()
    thread.join(30)
    assert wrong == []
    assert len(seen) > 1
