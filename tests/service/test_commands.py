from pathlib import Path

import pytest
from click.testing import CliRunner

from labels.schema import Listing
from service import commands
from service.store import open_store
from service.store.migrate import head


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ruthan.db'}"


def test_a_key_is_made_listed_and_revoked(database: str) -> None:
    runner = CliRunner()
    made = runner.invoke(
        commands.api_key, ["create", "shop", "--scope", "classify", "--scope", "read", "--database", database]
    )
    token = made.stdout.strip()
    assert made.exit_code == 0
    with open_store(database) as store:
        key = store.api_keys.authenticate(token)
        assert key is not None
        assert key.scopes == ["classify", "read"]
    listed = runner.invoke(commands.api_key, ["list", "--database", database]).output
    assert "classify,read" in listed
    assert "valid" in listed
    assert token not in listed
    assert runner.invoke(commands.api_key, ["revoke", "shop", "--database", database]).exit_code == 0
    assert "revoked" in runner.invoke(commands.api_key, ["list", "--database", database]).output
    missing = runner.invoke(commands.api_key, ["revoke", "nobody", "--database", database])
    assert (missing.exit_code, "api-key list" in missing.output) == (1, True)
    with open_store(database) as store:
        assert [entry.action for entry in store.audit.entries()] == ["api_key.create", "api_key.revoke"]
        assert token not in str([entry.detail for entry in store.audit.entries()])


def test_a_reviewer_is_made_with_a_typed_or_a_generated_password(database: str) -> None:
    runner = CliRunner()
    typed = runner.invoke(
        commands.user,
        ["create", "somying", "--role", "lead", "--database", database],
        input="a long password\na long password\n",
    )
    assert typed.exit_code == 0, typed.output
    made = runner.invoke(commands.user, ["create", "somchai", "--generate", "--database", database])
    password = made.output.split("password: ")[1].strip()
    with open_store(database) as store:
        lead = store.users.authenticate("somying", "a long password")
        assert lead is not None
        assert lead.role == "lead"
        assert store.users.authenticate("somchai", password) is not None
    assert "somchai\treviewer" in runner.invoke(commands.user, ["list", "--database", database]).output
    assert runner.invoke(commands.user, ["disable", "somchai", "--database", database]).exit_code == 0
    with open_store(database) as store:
        assert store.users.authenticate("somchai", password) is None


def test_mistakes_say_what_to_do(database: str) -> None:
    runner = CliRunner()
    short = runner.invoke(commands.user, ["create", "a", "--database", database], input="short\nshort\n")
    assert (short.exit_code, "10 to 200 characters" in short.output) == (1, True)
    url = runner.invoke(commands.db, ["upgrade", "--database", "ruthan.db"])
    assert (url.exit_code, "sqlite:///FILE" in url.output) == (1, True)


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_PORT", "many")
    result = CliRunner().invoke(commands.db, ["upgrade"])
    assert result.exit_code == 1
    assert "RUTHAN_PORT" in result.output


def test_db_upgrade_and_verify(database: str) -> None:
    runner = CliRunner()
    assert f"has schema {head()}" in runner.invoke(commands.db, ["upgrade", "--database", database]).output
    with open_store(database) as store:
        store.audit.record("cli", "test")
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
    monkeypatch.setenv("RUTHAN_BUNDLE", str(tmp_path / "nowhere"))
    with open_store(database) as store:
        store.deposit(Listing(id="1", description="ก"))
    result = CliRunner().invoke(commands.worker, ["--once", "--database", database])
    assert result.exit_code == 1
    assert "the model cannot be loaded" in result.output
    with open_store(database) as store:
        assert store.listings.waiting("any") == 1
