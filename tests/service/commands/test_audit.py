from enum import StrEnum
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service.commands.audit import audit
from service.store import open_store
from service.store.audit.actions import AuditAction, AuditCategory, actions_of


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with open_store(url) as store:
        store.audit.record("reviewer:nok", AuditAction.CASE_VIEW, "listing:1", {"contacts": 1})
        store.audit.record("reviewer:\x1b[2J", AuditAction.LOGIN_REFUSED)
        store.audit.record("cli", AuditAction.USER_ROLE, "reviewer:nok")
    return url


def test_the_trail_is_shown_and_narrowed(database: str) -> None:
    def shown(*options: str) -> list[str]:
        return CliRunner().invoke(audit, ["show", *options, "--database", database]).output.splitlines()

    assert [line.split("\t")[0] for line in shown()] == ["1", "2", "3"]
    assert "\x1b" not in "".join(shown())
    assert [line.split("\t")[3] for line in shown("--subject", "listing:1")] == ["case.view"]
    assert '{"contacts": 1}' in shown("--actor", "reviewer:nok")[0]
    assert [line[0] for line in shown("--limit", "1")] == ["3"]
    assert shown("--action", "nothing") == []
    assert [line[0] for line in shown("--kind", "view")] == ["1"]
    assert [line[0] for line in shown("--kind", "account")] == ["3"]
    assert [line[0] for line in shown("--listing", "1", "--person", "nok")] == ["1"]
    assert shown("--until", "2020-01-01") == []
    assert len(shown("--since", "2020-01-01T00:00+07:00")) == 3
    assert "write 2026-11-24" in "".join(shown("--since", "yesterday"))
    assert "not both" in "".join(shown("--kind", "view", "--action", "login"))


def test_each_kind_finds_its_entries_and_no_others(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'all.db'}"
    with open_store(url) as store:
        for action in AuditAction:
            store.audit.record("cli", action)
    for category in AuditCategory:
        found = CliRunner().invoke(audit, ["show", "--kind", category.value, "--database", url]).output
        assert [line.split("\t")[3] for line in found.splitlines()] == actions_of(category)
    refused = CliRunner().invoke(audit, ["show", "--kind", "nothing", "--database", url])
    assert (refused.exit_code, "'second-look'" in refused.output) == (2, True)


def test_entries_of_another_release_are_shown(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(database) as store, monkeypatch.context() as other:
        other.setattr("service.store.audit.trail.AuditAction", StrEnum("Other", {"SEEN": "case.seen"}))
        store.audit.record("reviewer:lek", "case.seen", "listing:1")  # type: ignore[arg-type]

    def shown(*options: str) -> list[str]:
        found = CliRunner().invoke(audit, ["show", *options, "--database", database])
        assert found.exit_code == 0, found.output
        return [line.split("\t")[3] for line in found.output.splitlines()]

    assert shown() == ["case.view", "login.refused", "user.role", "case.seen"]
    assert shown("--listing", "1") == ["case.view", "case.seen"]
    assert shown("--action", "case.seen") == ["case.seen"]
    assert shown("--action", "case.*") == ["case.view", "case.seen"]
    assert "sound: 4 entries" in CliRunner().invoke(audit, ["verify", "--database", database]).output


def test_a_change_in_the_trail_shows(database: str) -> None:
    runner = CliRunner()
    assert "sound: 3 entries" in runner.invoke(audit, ["verify", "--database", database]).output
    with open_store(database) as store, store.database.writing() as session:
        session.execute(text("UPDATE audit SET subject = 'listing:2' WHERE id = 1"))
    broken = runner.invoke(audit, ["verify", "--database", database])
    assert (broken.exit_code, "broken at entry 1" in broken.output) == (1, True)
