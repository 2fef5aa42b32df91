"""From a store at work to another place, and what came there."""

import os
import shutil
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, select, text

from inference.model.bundle_store import BundleStore
from service.backup import BackupError, back_up, databases, restore
from service.backup.errors import WouldOverwrite
from service.commands import operations
from service.store import Store, open_store
from service.store.audit.actions import AuditAction
from service.store.tables.core_tables import Base
from tests.helpers.warc import body_of, problems_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("postgres_tools")]


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.database.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("ending", ["tar.gz", "tar.zst"])
def test_everything_comes_back(office: Any, elsewhere: str | None, tmp_path: Path, ending: str) -> None:
    if ending == "tar.zst":
        pytest.importorskip("zstandard")
    archive = tmp_path / "backups" / f"monday.{ending}"
    report = back_up(office.settings, archive)
    assert report.manifest.content.rows["listing"] == 12
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [p.name for p in archive.parent.iterdir()] == [archive.name]
    into = tmp_path / "new-machine"
    mask = os.umask(0)
    restored = restore(archive, into, elsewhere)
    os.umask(mask)
    made = {True: 0o700, False: 0o600}
    assert all(stat.S_IMODE(p.stat().st_mode) == made[p.is_dir()] for p in (into, *into.rglob("*")))
    assert restored.audit.broken_at is None
    assert restored.audit.entries == report.manifest.content.audit_entries == 12 + 1  # and the key
    url = elsewhere or f"sqlite:///{into / 'ruthan.db'}"
    with open_store(office.settings.database.url) as before, open_store(url) as after:
        assert rows(after) == rows(before)
        assert after.users.authenticate("somying", "a long password") is not None
    assert files(into / "evidence") == files(office.settings.evidence.folder)
    assert files(into / "pictures") == files(office.settings.pictures.folder) != {}
    bundles = BundleStore(into / "bundles")
    assert bundles.state() == BundleStore(office.settings.model.bundles).state()
    assert bundles.verified(bundles.state().current).model_id == bundles.state().current
    names = {"evidence", "pictures", "bundles"} | ({"ruthan.db"} if elsewhere is None else set())
    assert {p.name for p in into.iterdir() if not p.name.startswith("ruthan.db-")} == names


def test_a_store_is_backed_up_while_it_is_written(office: Any, elsewhere: str | None, tmp_path: Path) -> None:
    stop, written, started = threading.Event(), [], threading.Event()

    def go_on() -> None:
        with open_store(office.settings.database.url, 30) as store:
            number = 100
            while not stop.is_set():
                office.work(store, number)
                written.append(number)
                number += 1
                if number > 105:
                    started.set()

    thread = threading.Thread(target=go_on)
    thread.start()
    assert started.wait(60)
    first, made = len(written), 0
    try:
        while len(written) < first + 10:
            before = len(written)
            made += 1
            report = back_up(office.settings, tmp_path / f"busy-{made}.tar.gz")
            after = len(written)
    finally:
        stop.set()
        thread.join(30)
    listings = report.manifest.content.rows["listing"]
    assert 12 + before <= listings <= 12 + after + 1
    into = tmp_path / "restored"
    restored = restore(tmp_path / f"busy-{made}.tar.gz", into, elsewhere)
    assert restored.audit.broken_at is None
    with open_store(elsewhere or f"sqlite:///{into / 'ruthan.db'}") as store:
        found = rows(store)
        assert len(found["listing"]) == listings
        # Whatever the database speaks of, the evidence has.
        for number in range(1, listings + 1):
            row = store.listings.get(number)
            assert row is not None
            (capture,) = store.listings.captures(number)
            assert body_of(into / "evidence" / capture.warc_file, capture.warc_record_id) == row.text.encode()
    for path in (into / "evidence").rglob("*.warc.gz"):
        assert all(p.startswith("torn:") for p in problems_of(path))


def test_evidence_may_be_left_out(office: Any, elsewhere: str | None, tmp_path: Path) -> None:
    back_up(office.settings, tmp_path / "small.tar.gz", with_evidence=False)
    restore(tmp_path / "small.tar.gz", tmp_path / "there", elsewhere)
    assert not (tmp_path / "there" / "evidence").exists()
    assert (tmp_path / "there" / "bundles" / "current.json").exists()


def test_nothing_is_overwritten_unless_that_is_wanted(
    office: Any, elsewhere: str | None, tmp_path: Path
) -> None:
    archive, into = tmp_path / "a.tar.gz", tmp_path / "there"
    back_up(office.settings, archive)
    with pytest.raises(WouldOverwrite, match="already exist"):
        back_up(office.settings, archive)
    restore(archive, into, elsewhere)
    url = elsewhere or f"sqlite:///{into / 'ruthan.db'}"
    with open_store(url) as store:
        store.audit.record("cli", AuditAction.USER_CREATE)
        later = store.audit.verify().head
    (into / "evidence" / "later.txt").write_text("later")
    with pytest.raises(WouldOverwrite, match="--force"):
        restore(archive, into, elsewhere)
    with open_store(url) as store:
        assert store.audit.verify().head == later
    again = restore(archive, into, elsewhere, force=True)
    assert again.replaced is not None
    assert (again.replaced / "evidence" / "later.txt").read_text() == "later"
    assert not (into / "evidence" / "later.txt").exists()
    with open_store(url) as store:
        assert store.audit.verify().head == again.manifest.content.audit_head != later
    if elsewhere is None:
        with open_store(f"sqlite:///{again.replaced / 'ruthan.db'}") as store:
            assert store.audit.verify().head == later


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_log_without_its_database_is_not_replayed_into_the_restored_one(
    office: Any, tmp_path: Path
) -> None:
    archive, crashed, into = (tmp_path / name for name in ("a.tar.gz", "crashed", "there"))
    back_up(office.settings, archive)
    restore(archive, crashed)
    into.mkdir()
    with open_store(f"sqlite:///{crashed / 'ruthan.db'}") as store:
        for number in range(200, 220):
            office.work(store, number)
        for ending in ("-wal", "-shm"):
            shutil.copy(crashed / f"ruthan.db{ending}", into)
    with pytest.raises(WouldOverwrite, match=r"ruthan\.db-wal.*ruthan\.db-shm"):
        restore(archive, into)
    (into / "ruthan.db-journal").touch()
    report = restore(archive, into, force=True)
    assert report.replaced is not None
    assert {p.name for p in report.replaced.iterdir()} == {
        f"ruthan.db-{e}" for e in ("wal", "shm", "journal")
    }
    assert report.audit.broken_at is None
    with open_store(f"sqlite:///{into / 'ruthan.db'}") as store:
        assert {name: len(found) for name, found in rows(store).items()} == report.manifest.content.rows
        assert store.audit.verify().head == report.manifest.content.audit_head


def test_a_trail_that_was_broken_before_is_said_to_be(
    office: Any, elsewhere: str | None, tmp_path: Path
) -> None:
    with open_store(office.settings.database.url) as store, store.database.writing() as session:
        session.execute(text("UPDATE audit SET actor = 'nobody' WHERE id = 3"))
    back_up(office.settings, tmp_path / "a.tar.gz")
    assert restore(tmp_path / "a.tar.gz", tmp_path / "there", elsewhere).audit.broken_at == 3


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_name_that_ends_otherwise_and_no_store(office: Any, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"\.tar\.gz"):
        back_up(office.settings, tmp_path / "a.zip")
    nowhere = office.settings.changed({"database.url": f"sqlite:///{tmp_path / 'none.db'}"})
    with pytest.raises(BackupError, match="RUTHAN_DATABASE_URL"):
        back_up(nowhere, tmp_path / "a.tar.gz")
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "a.tar.gz").exists()


@pytest.mark.needs_postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgres_without_its_tools_or_a_database_to_go_to(
    office: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(office.settings, tmp_path / "a.tar.gz")
    with pytest.raises(BackupError, match="--database"):
        restore(tmp_path / "a.tar.gz", tmp_path / "there")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client"):
        back_up(office.settings, tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()


@pytest.mark.needs_postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_rehearsal_never_touches_the_database_in_use(
    office: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(office.settings, tmp_path / "a.tar.gz")
    with open_store(url) as store:
        store.users.create("late", "a long password")
    monkeypatch.setenv("RUTHAN_DATABASE_URL", url)
    words = [str(tmp_path / "a.tar.gz"), "--into", str(tmp_path / "rehearsal"), "--force"]
    refused = CliRunner().invoke(operations.restore, words)
    assert (refused.exit_code, "--database" in refused.output) == (1, True)
    with open_store(url) as store:
        assert store.users.find("late") is not None


@pytest.mark.needs_postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_force_replaces_the_store_of_a_newer_version(office: Any, url: str, tmp_path: Path) -> None:
    back_up(office.settings, tmp_path / "a.tar.gz")
    newer = (
        "CREATE TABLE since (id integer PRIMARY KEY, listing integer REFERENCES listing (id))",
        "UPDATE alembic_version SET version_num = 'newer'",
    )
    with open_store(url) as store, store.database.writing() as session:
        for statement in newer:
            session.execute(text(statement))
    report = restore(tmp_path / "a.tar.gz", tmp_path / "there", url, force=True)
    with open_store(url) as store:
        assert "since" not in inspect(store.database.engine).get_table_names()
        assert {name: len(found) for name, found in rows(store).items()} == report.manifest.content.rows


@pytest.mark.needs_postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_dump_that_cannot_be_loaded_replaces_nothing(
    office: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(office.settings, tmp_path / "a.tar.gz")
    with open_store(url) as store:
        store.users.create("late", "a long password")
    monkeypatch.setattr(databases, "_ANY_OWNER", ("--no-privileges", "--role=nobody_of_this_name"))
    with pytest.raises(BackupError, match="nobody_of_this_name"):
        restore(tmp_path / "a.tar.gz", tmp_path / "there", url, force=True)
    with open_store(url) as store:
        assert store.users.find("late") is not None


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_backup_of_sqlite_takes_no_database(office: Any, tmp_path: Path) -> None:
    back_up(office.settings, tmp_path / "a.tar.gz")
    with pytest.raises(BackupError, match="Leave --database out"):
        restore(tmp_path / "a.tar.gz", tmp_path / "there", "postgresql://localhost/nowhere")
    assert not (tmp_path / "there").exists()
