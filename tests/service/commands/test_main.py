from pathlib import Path

import pytest
from click.testing import CliRunner

from labels.schema import Listing
from service.commands import main as commands
from service.store import open_store
from service.store.audit.actions import AuditAction
from service.store.migrate import head


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ruthan.db'}"


def test_a_database_that_is_no_url_says_what_to_do(database: str) -> None:
    url = CliRunner().invoke(commands.db, ["upgrade", "--database", "ruthan.db"])
    assert (url.exit_code, "sqlite:///FILE" in url.output) == (1, True)


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_SERVER_PORT", "many")
    result = CliRunner().invoke(commands.db, ["upgrade"])
    assert result.exit_code == 1
    assert "RUTHAN_SERVER_PORT" in result.output


def test_db_upgrade_and_verify(database: str) -> None:
    runner = CliRunner()
    assert f"has schema {head()}" in runner.invoke(commands.db, ["upgrade", "--database", database]).output
    with open_store(database) as store:
        store.audit.record("cli", AuditAction.USER_CREATE)
    assert "sound: 1 entries" in runner.invoke(commands.db, ["verify", "--database", database]).output
    with open_store(database) as store, store.database.writing() as session:
        store.audit.entries()
        from sqlalchemy import text

        session.execute(text("UPDATE audit SET actor = 'x'"))
    broken = runner.invoke(commands.db, ["verify", "--database", database])
    assert (broken.exit_code, "broken at entry 1" in broken.output) == (1, True)


def test_a_worker_without_a_bundle_says_so_and_leaves_the_store_alone(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLE", str(tmp_path / "nowhere"))
    with open_store(database) as store:
        store.deposit(Listing(id="1", description="ก"))
    result = CliRunner().invoke(commands.worker, ["--once", "--database", database])
    assert result.exit_code == 1
    assert "the model cannot be loaded" in result.output
    with open_store(database) as store:
        assert store.listings.waiting("any") == 1
