import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.doctor import Status, rights
from service.settings import Settings
from service.store import open_store


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody may enter, as /srv is; pytest's own are shut, and so is CI's."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def settings(entered: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(entered)
    return Settings.of(
        {
            "database.url": f"sqlite:///{entered / 'ruthan.db'}",
            "evidence.folder": entered / "evidence",
            "batch.folder": entered / "batches",
            "shadow.folder": entered / "shadow",
        }
    )


@pytest.mark.usefixtures("new_databases_are_migrated")
def test_what_the_program_makes_is_read_by_nobody_else(settings: Settings, only: Any) -> None:
    before = os.umask(0)
    try:
        with open_store(settings.database.url) as store:
            store.users.create("somying", "a long password")
            made = list(Path.cwd().glob("ruthan.db*"))
            assert {path.name for path in made} == {"ruthan.db", "ruthan.db-wal", "ruthan.db-shm"}
            assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    finally:
        os.umask(before)
    assert only(rights.files(settings)).status is Status.OK


def test_files_that_others_may_read_are_named(settings: Settings, only: Any) -> None:
    month = settings.evidence.folder / "2026-11"
    month.mkdir(parents=True)
    settings.evidence.folder.chmod(0o755)
    (month / "crawl.warc.gz").write_bytes(b"")
    month.chmod(0o755)
    (month / "crawl.warc.gz").chmod(0o644)
    found = only(rights.files(settings))
    assert found.status is Status.WARNING
    assert str(month / "crawl.warc.gz") in found.english
    assert found.remedy_english == f"run: chmod -R go-rwx {settings.evidence.folder}"
    month.chmod(0o700)
    settings.evidence.folder.chmod(0o700)
    assert only(rights.files(settings)).status is Status.OK, "a shut folder hides what is in it"


def test_the_database_and_the_crawls_files_are_looked_at(settings: Settings, only: Any) -> None:
    for path in (Path("ruthan.db-wal"), Path("var/crawl.log"), Path("var/crawl.prom")):
        path.parent.mkdir(exist_ok=True)
        path.parent.chmod(0o755)
        path.write_text("")
        path.chmod(0o640)
    found = only(rights.files(settings))
    assert "ruthan.db-wal" in found.english
    assert "crawl.log" in found.english
    assert "crawl.prom" not in found.english, "other programs read the counters"


def test_a_shut_folder_above_is_enough(settings: Settings, entered: Path, only: Any) -> None:
    settings.evidence.folder.mkdir(0o755)
    entered.chmod(0o700)
    assert only(rights.files(settings)).status is Status.OK
