"""Every row of an import is in the snapshot or in its remarks, and what changed is counted."""

import csv
import threading
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.licences.status import status_not_in_force
from inference.registry.source import RecordStatus, RegistryError
from inference.registry.store import REMARKS, RegistryStore
from labels.schema import LicenceKind, RegistryStatus
from service.registry.importing import Imported, ImportRefused, import_files
from service.registry.rows import Reading
from service.registry.table import FileUnreadable

DAY = date(2026, 11, 1)
READING = Reading(today=date(2026, 11, 24))
HEAD = "เลขสารบบอาหาร,ชื่อผลิตภัณฑ์,ผู้รับอนุญาต,สถานะ\n"
FOOD = LicenceKind.FOOD_SERIAL


@pytest.fixture
def store(tmp_path: Path) -> RegistryStore:
    return RegistryStore(tmp_path / "snapshots")


def write(tmp_path: Path, content: str, name: str = "register.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    return path


def run(
    store: RegistryStore,
    *paths: Path,
    as_of: date | None = DAY,
    add: bool = False,
    reading: Reading = READING,
) -> Imported:
    return import_files(store, paths, "nok", reading, as_of, add=add)


def remarks(store: RegistryStore, done: Imported) -> list[tuple[str, str]]:
    with (store.folder / done.manifest.id / REMARKS).open(encoding="utf-8-sig", newline="") as file:
        return [(row["line"], row["taken"]) for row in csv.DictReader(file)]


def food(n: int, name: str = "กาแฟ", status: str = "คงอยู่") -> str:
    return f"10-1-15456-5-{n:04},{name},บริษัท ก,{status}\n"


def test_rows_are_taken_or_told_with_their_line(store: RegistryStore, tmp_path: Path) -> None:
    content = (
        HEAD
        + food(1)
        + food(2, "ชา", "ยกเลิก")
        + food(1)  # 4: a repetition
        + "99-1-15456-5-0001,กาแฟ,ก,คงอยู่\n"  # 5: no such province
        + food(3, status="รอพิจารณา")  # 6: an unknown status
        + food(4, status="")  # 7: no status
        + food(2, "ชา", "คงอยู่")  # 8: contradicts line 3
        + '=HYPERLINK("x"),กาแฟ,ก,คงอยู่\n'  # 9
    )
    done = run(store, write(tmp_path, content))
    m = done.manifest
    assert (m.records, m.duplicates, m.contradictions) == (2, 1, 1)
    (source,) = m.sources
    assert (source.name, source.rows, source.not_taken, source.as_of) == ("register.csv", 8, 4, DAY)
    assert (m.by, m.as_of, m.kinds) == ("nok", DAY, {FOOD: 2})
    assert remarks(store, done) == [("5", "no"), ("6", "no"), ("7", "no"), ("8", "yes"), ("9", "no")]
    text = (store.folder / m.id / REMARKS).read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text
    registry = store.open(m.id)
    tea = registry.lookup(FOOD, "10-1-15456-5-0002")
    assert tea is not None
    assert (tea.status, tea.holder, tea.status_written) == (RecordStatus.ACTIVE, "บริษัท ก", "คงอยู่")
    assert store.state().current == ""  # putting it in use is another step


def test_what_changed_against_the_one_in_use(store: RegistryStore, tmp_path: Path) -> None:
    first = run(store, write(tmp_path, HEAD + "".join(food(n) for n in range(1, 11))))
    store.use(first.manifest.id, "nok")
    second = run(
        store, write(tmp_path, HEAD + food(2, status="พักใช้") + "".join(food(n) for n in range(3, 12)))
    )
    m = second.manifest
    assert (m.compared_with, m.new, m.changed, m.gone) == (first.manifest.id, 1, 1, 1)
    assert second.doubts == []
    third = run(store, write(tmp_path, HEAD + food(1)))
    assert third.doubts == ["9 of the 10 numbers in use are missing"]


def test_a_few_numbers_on_top_of_the_one_in_use_keep_their_days(store: RegistryStore, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="without --add first"):
        run(store, write(tmp_path, HEAD + food(1)), add=True)
    store.use(run(store, write(tmp_path, HEAD + food(1) + food(2))).manifest.id, "nok")
    done = run(
        store, write(tmp_path, HEAD + food(2, status="เพิกถอน") + food(3)), as_of=date(2026, 11, 20), add=True
    )
    m = done.manifest
    assert (m.records, m.new, m.changed, m.gone) == (3, 1, 1, 0)
    # What is not found is not found in the old snapshot, so its day counts for that.
    assert m.as_of == DAY
    registry = store.open(m.id)
    assert [r.as_of for n in (1, 2, 3) if (r := registry.lookup(FOOD, f"10-1-15456-5-000{n}"))] == [
        DAY,
        date(2026, 11, 20),
        date(2026, 11, 20),
    ]


def test_an_older_file_does_not_win_over_the_one_in_use(store: RegistryStore, tmp_path: Path) -> None:
    store.use(run(store, write(tmp_path, HEAD + food(1))).manifest.id, "nok")
    old = write(tmp_path, HEAD + food(1, status="ยกเลิก") + food(2))
    done = run(store, old, as_of=date(2026, 1, 1), add=True)
    found = store.open(done.manifest.id).lookup(FOOD, "10-1-15456-5-0001")
    assert found is not None
    assert found.status is RecordStatus.ACTIVE
    assert (done.manifest.records, done.manifest.new, done.manifest.changed) == (2, 1, 0)
    assert done.first_remarks[0].endswith("that one is kept")


def test_several_files_make_one_snapshot_as_old_as_the_oldest(store: RegistryStore, tmp_path: Path) -> None:
    one = write(tmp_path, "# snapshot: 2569-10-01\n" + HEAD + food(1), "one.csv")
    other = write(
        tmp_path, "เลขทะเบียน,ชื่อยา,สถานะ,ข้อมูล ณ วันที่\n1A 12/35,ยา,คงอยู่,1 พ.ย. 2569\n", "two.csv", "cp874"
    )
    m = run(store, one, other, as_of=None).manifest
    assert m.as_of == date(2026, 10, 1)
    assert [source.as_of for source in m.sources] == [date(2026, 10, 1), date(2026, 11, 1)]
    assert m.kinds == {LicenceKind.DRUG_REGISTRATION: 1, FOOD: 1}


def test_expiry_dates_of_the_buddhist_era(store: RegistryStore, tmp_path: Path) -> None:
    content = (
        "เลขที่อนุญาตโฆษณา,ชื่อผลิตภัณฑ์,วันหมดอายุ\n"
        "ฆอ. 1/2565,ก,31/12/2568\nฆอ. 2/2565,ข,31 ธ.ค. 2570\nฆอ. 3/2565,ค,เร็ว ๆ นี้\nฆอ. 4/2565,ง,-\n"
    )
    reading = Reading(status=RecordStatus.ACTIVE, today=READING.today)
    done = run(store, write(tmp_path, content), reading=reading)
    registry = store.open(done.manifest.id)
    found = [registry.lookup(LicenceKind.FOOD_AD_PERMIT, f"ฆอ. {n}/2565") for n in range(1, 5)]
    assert [r.status.value for r in found if r] == ["cancelled", "active", "active", "active"]
    assert found[0] is not None
    assert found[0].status_written == "หมดอายุ (2025-12-31)"
    assert status_not_in_force(found[0]) is RegistryStatus.EXPIRED
    assert remarks(store, done) == [("4", "yes")]


def test_a_status_with_a_date_of_expiry_is_read_by_that_date(store: RegistryStore, tmp_path: Path) -> None:
    words = [
        "คงอยู่ (หมดอายุ 31 ธ.ค. 2570)",
        "คงอยู่ (หมดอายุ 31 ธ.ค. 2568)",
        "คงอยู่ (ถึง 23/11/2569)",
        "คงอยู่ (ถึง 24/11/2569)",
    ]
    content = "เลขที่อนุญาตโฆษณา,ชื่อผลิตภัณฑ์,สถานะ\n"
    content += "".join(f"ฆอ. {n}/2565,ก,{word}\n" for n, word in enumerate(words, 1))
    done = run(store, write(tmp_path, content))
    registry = store.open(done.manifest.id)
    found = [registry.lookup(LicenceKind.FOOD_AD_PERMIT, f"ฆอ. {n}/2565") for n in range(1, 5)]
    assert [(r.status.value, r.status_written) for r in found if r] == [
        ("active", words[0]),
        ("cancelled", "หมดอายุ (2025-12-31)"),
        ("cancelled", "หมดอายุ (2026-11-23)"),
        ("active", words[3]),
    ]
    assert remarks(store, done) == []


@pytest.mark.parametrize(
    ("content", "as_of", "error", "says"),
    [
        (HEAD + food(1), None, ImportRefused, "give --as-of DATE"),
        ("# snapshot: พรุ่งนี้\n" + HEAD + food(1), None, ImportRefused, "YYYY-MM-DD"),
        ("# snapshot: 2600-01-01\n" + HEAD + food(1), None, ImportRefused, "in the future"),
        (HEAD + "x,ก,ข,คงอยู่\n", DAY, ImportRefused, "no row could be read"),
        (HEAD, DAY, FileUnreadable, "no row below"),
    ],
)
def test_what_makes_no_snapshot_says_why(
    store: RegistryStore, tmp_path: Path, content: str, as_of: date | None, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(store, write(tmp_path, content), as_of=as_of)
    assert store.ids() == []
    assert [p.name for p in store.folder.iterdir() if p.name.startswith(".incoming")] == []


def test_many_unreadable_rows_are_a_doubt(store: RegistryStore, tmp_path: Path) -> None:
    done = run(store, write(tmp_path, HEAD + food(1) + "x,ก,ข,คงอยู่\n"))
    assert done.doubts == ["1 of 2 rows could not be read"]


def test_importing_the_same_files_again_is_told(store: RegistryStore, tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + food(1))
    first = run(store, path)
    with pytest.raises(RegistryError, match=f"use {first.manifest.id}".replace("+", r"\+")):
        run(store, path)


@pytest.mark.costly
def test_a_reader_never_sees_a_snapshot_that_is_not_whole(store: RegistryStore, tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "".join(food(n % 9999 + 1, f"กาแฟ {n % 9999}") for n in range(500)))
    ended = threading.Event()
    wrong: list[Exception] = []
    seen: Counter[int] = Counter()

    def watch() -> None:
        while not ended.is_set():
            try:
                for snapshot in store.ids():
                    seen[len(store.open(snapshot))] += 1
            except RegistryError as error:
                wrong.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    for day in range(1, 4):
        run(store, path, as_of=date(2026, 11, day))
    ended.set()
    thread.join(30)
    assert wrong == []
    assert set(seen) == {500}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryError, match="RUTHAN_REGISTRY_SNAPSHOTS"):
        run(RegistryStore(tmp_path / "file" / "x"), write(tmp_path, HEAD + food(1)))


_CELL = st.text(st.sampled_from('กข0123456789-/., "\n\r\t=;ยGA'), max_size=14)


@pytest.mark.costly
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(_CELL, _CELL, st.sampled_from(["คงอยู่", "ยกเลิก", "?", ""])), max_size=12))
def test_no_row_is_lost_whatever_stands_in_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    with (folder / "r.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("number", "name", "status"), ("10-1-15456-5-0001", "ก", "คงอยู่"), *rows])
    store = RegistryStore(folder / "snapshots")
    done = run(store, folder / "r.csv")
    m = done.manifest
    (source,) = m.sources
    assert source.rows == 1 + sum(any(cell.strip() for cell in row) for row in rows)
    assert source.rows == m.records + m.duplicates + m.contradictions + source.not_taken
    assert sum(taken == "no" for _, taken in remarks(store, done)) >= source.not_taken
