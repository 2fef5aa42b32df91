import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from labels.schema import Listing
from service.commands.retention import retention
from service.settings import Settings
from service.store import open_store
from service.store.database.columns import now
from service.store.tables.core_tables import Listing as Row
from service.store.tables.core_tables import Role


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RUTHAN_EVIDENCE_FOLDER", str(tmp_path / "evidence"))
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with open_store(url) as store:
        store.users.create("lek", "a long password", role=Role.LEAD)
        for number in range(4):
            store.deposit(Listing(id=str(number), description="โทร 081-234-5678"))
        with store.database.writing() as session:
            session.execute(update(Row).values(last_seen=now() - timedelta(days=900)))
    return url


def invoke(*words: Any) -> Result:
    return CliRunner().invoke(retention, [str(word) for word in words])


def test_dry_run_and_run(database: str) -> None:
    said = invoke("run", "--dry-run", "--database", database)
    assert "undecided: would delete 3 listings of " in said.output
    assert "nothing was changed" in said.output
    assert json.loads(invoke("run", "--dry-run", "--json", "--database", database).stdout)[0]["listings"] == 3
    done = invoke("run", "--database", database)
    assert done.exit_code == 0, done.output
    assert "undecided: 3 listings before " in done.stdout
    assert "evidence folder: 0 records, 0 files, 0 missing" in done.stdout
    again = json.loads(invoke("run", "--json", "--database", database).stdout)
    assert (again["run"], again["resumed"], again["finished"]) == (2, False, True)
    assert again["rules"][0]["listings"] == 0


def test_holds(database: str) -> None:
    by = ("--by", "lek", "--database", database)
    assert "listing 1 is held" in invoke("hold", 1, "--reason", "สำนวนที่ 1/2569", *by).output
    assert "สำนวนที่ 1/2569" in invoke("holds", "--database", database).output
    assert "would delete 2 listings" in invoke("run", "--dry-run", "--database", database).output
    assert "held already" in invoke("hold", 1, "--reason", "x", *by).output
    assert invoke("unhold", 1, "--reason", "คดีสิ้นสุด", *by).exit_code == 0
    assert invoke("holds", "--database", database).output == ""
    refused = invoke("hold", 1, "--reason", "x", "--by", "nobody", "--database", database)
    assert (refused.exit_code, "no open account" in refused.output) == (1, True)
    assert "there is no listing 99" in invoke("hold", 99, "--reason", "x", *by).output


def test_own_rules_are_checked_and_shown(database: str, tmp_path: Path) -> None:
    assert "undecided: delete undecided-listings, 24 months after last_seen" in invoke("rules").output
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\nname="x"\nwhat="evidence"\nafter="1 week"\nsince="captured_at"\naction="delete"\n'
    )
    refused = invoke("run", "--rules", rules, "--database", database)
    assert (refused.exit_code, "90 days" in refused.output) == (1, True)


def test_the_sandbox_follows_the_rules_and_has_folders_of_its_own(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = f"sqlite:///{tmp_path / 'sandbox.db'}"
    monkeypatch.setenv("RUTHAN_SANDBOX_DATABASE_URL", trial)
    own = (settings := Settings.of({"sandbox.database_url": trial})).for_sandbox()
    assert own is not None
    assert {own.evidence.folder, own.pictures.folder, own.batch.folder}.isdisjoint(
        {settings.evidence.folder, settings.pictures.folder, settings.batch.folder}
    ), "else its rules would delete what only the service's store knows"
    with open_store(trial) as store:
        for name in ("made up", "newest"):
            store.deposit(Listing(id=name, description="โทร 081-234-5678"))
        with store.database.writing() as session:
            session.execute(update(Row).values(last_seen=now() - timedelta(days=900)))
    with open_store(database) as store, store.database.writing() as session:
        session.execute(update(Row).values(last_seen=now()))
    done = invoke("run", "--database", database)
    assert done.exit_code == 0, done.output
    assert "sandbox: undecided: 1 listings before " in done.stdout
    with open_store(trial) as store:
        assert store.listing(1) is None
    assert json.loads(invoke("run", "--json", "--database", database).stdout)["sandbox"]["finished"]
