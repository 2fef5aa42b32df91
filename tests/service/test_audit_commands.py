from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service.audit_commands import audit
from service.store import open_store


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with open_store(url) as store:
        store.audit.record("reviewer:nok", "case.view", "listing:1", {"contacts": 1})
        store.audit.record("reviewer:\x1b[2J", "login.refused")
        store.audit.record("cli", "user.role", "reviewer:nok")
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


def test_a_change_in_the_trail_shows(database: str) -> None:
    runner = CliRunner()
    assert "sound: 3 entries" in runner.invoke(audit, ["verify", "--database", database]).output
    with open_store(database) as store, store.database.writing() as session:
        session.execute(text("UPDATE audit SET subject = 'listing:2' WHERE id = 1"))
    broken = runner.invoke(audit, ["verify", "--database", database])
    assert (broken.exit_code, "broken at entry 1" in broken.output) == (1, True)
