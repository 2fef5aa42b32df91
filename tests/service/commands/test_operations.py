import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from labels.schema import Listing
from service.commands import operations as commands
from service.store import open_store
from service.store.audit.actions import AuditAction


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of an operator's own, with a free port."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUTHAN_SERVER_PORT", "0")
    return tmp_path


def test_doctor_speaks_both_languages_and_ends_well_without_problems(here: Path) -> None:
    result = CliRunner().invoke(commands.doctor, [])
    assert result.exit_code == 0, result.output
    assert "[ปกติ · OK] clock" in result.output
    assert "[เตือน · warning] database" in result.output
    assert "→ นำเข้าด้วย ruthan registry import" in result.output
    assert "→ import one with: ruthan registry import" in result.output
    assert not list(here.iterdir())


def test_doctor_ends_with_1_on_a_problem(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLE", str(here / "none"))
    result = CliRunner().invoke(commands.doctor, ["--json"])
    assert result.exit_code == 1
    content = json.loads(result.output)
    assert content["status"] == "problem"
    assert [f["check"] for f in content["findings"] if f["status"] == "problem"] == ["bundle"]
    monkeypatch.setenv("RUTHAN_SERVER_PORT", "many")
    worse = CliRunner().invoke(commands.doctor, [])
    assert (worse.exit_code, "RUTHAN_SERVER_PORT" in worse.output) == (1, True)


def test_doctor_looks_at_the_database_that_is_named(here: Path) -> None:
    result = CliRunner().invoke(commands.doctor, ["--database", "sqlite:///other.db", "--json"])
    found = {f["check"]: f for f in json.loads(result.output)["findings"]}
    assert "other.db" in found["database"]["english"]


def test_backup_and_restore_say_what_they_did(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store("sqlite:///var/ruthan.db") as store:
        store.deposit(Listing(id="1", description="ก"))
        store.audit.record("cli", AuditAction.USER_CREATE)
        head = store.audit.verify().head
    made = CliRunner().invoke(commands.backup, ["a.tar.gz"])
    assert made.exit_code == 0, made.output
    assert "1 listings, 1 audit entries" in made.output
    monkeypatch.setenv("RUTHAN_SANDBOX_DATABASE_URL", "sqlite:///var/sandbox.db")
    assert "the sandbox is not in the backup" in CliRunner().invoke(commands.backup, ["c.tar.gz"]).output
    monkeypatch.delenv("RUTHAN_SANDBOX_DATABASE_URL")
    back = CliRunner().invoke(commands.restore, ["a.tar.gz", "--into", "new"])
    assert back.exit_code == 0, back.output
    assert f"RUTHAN_DATABASE_URL=sqlite:///{here / 'new' / 'ruthan.db'}" in back.output
    assert head in back.output
    refused = CliRunner().invoke(commands.restore, ["a.tar.gz", "--into", "new"])
    assert (refused.exit_code, "--force" in refused.output) == (1, True)
    (here / "b.tar.gz").write_bytes((here / "a.tar.gz").read_bytes()[:-700])
    damaged = CliRunner().invoke(commands.restore, ["b.tar.gz", "--into", "other"])
    assert (damaged.exit_code, "b.tar.gz" in damaged.output) == (1, True)
    assert not (here / "other").exists()


def test_restore_ends_with_1_when_the_trail_was_broken_already(here: Path) -> None:
    with open_store("sqlite:///var/ruthan.db") as store:
        store.audit.record("cli", AuditAction.USER_CREATE)
        with store.database.writing() as session:
            session.execute(text("UPDATE audit SET actor = 'nobody'"))
    assert CliRunner().invoke(commands.backup, ["a.tar.gz", "--without-evidence"]).exit_code == 0
    back = CliRunner().invoke(commands.restore, ["a.tar.gz", "--into", "new"])
    assert (back.exit_code, "broken at entry 1" in back.output) == (1, True)
