from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.commands import api_key as commands
from service.store import open_store
from service.store.tables.core_tables import Role


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


def test_keys_belong_to_tenants(database: str) -> None:
    runner = CliRunner()

    def call(*arguments: str) -> str:
        group = commands.tenant if arguments[0] == "tenant" else commands.api_key
        result = runner.invoke(group, [*arguments[1:], "--database", database])
        return f"{result.exit_code} {result.output}"

    assert call("tenant", "create", "market").startswith("0")
    assert call("api-key", "create", "in", "--scope", "ingest", "--tenant", "market").startswith("0")
    assert call("api-key", "create", "out", "--scope", "read").startswith("0")
    assert "tenant list" in call("api-key", "create", "x", "--scope", "read", "--tenant", "nobody")
    assert "exists already" in call("api-key", "create", "market", "--scope", "read")
    assert [line.split("\t")[::2] for line in call("tenant", "list")[2:].splitlines()] == [
        ["market", "in"],
        ["out", "out"],
    ]
    assert call("tenant", "merge", "out", "--into", "market") == "0 market has out now\n"
    assert "name two" in call("tenant", "merge", "market", "--into", "market")
    assert "tenant list" in call("tenant", "merge", "out", "--into", "market")
    listed = call("api-key", "list")
    assert listed.count("\tmarket\t") == 2
    # Its listings are market's now, so the name is not given to somebody else.
    assert "choose another name" in call("tenant", "create", "out")


def test_a_key_has_an_end_and_the_list_warns_of_it(database: str) -> None:
    runner, today = CliRunner(), datetime.now(UTC)

    def call(*arguments: str) -> str:
        result = runner.invoke(commands.api_key, [*arguments, "--database", database])
        return f"{result.exit_code} {result.output}"

    late, soon = (f"{today + timedelta(days=days):%Y-%m-%d}" for days in (90, 10))
    assert call("create", "late", "--scope", "read", "--expires", late).startswith("0")
    assert call("create", "soon", "--scope", "read", "--expires", soon).startswith("0")
    assert "has passed" in call("create", "x", "--scope", "read", "--expires", "2020-01-01")
    listed = call("list")
    assert f"valid until {late}\t" in listed
    assert f"valid until {soon}, in " in listed
    assert call("rotate", "soon", "--expires", late).startswith("0")
    assert call("list").count(f"valid until {late}\t") == 2
    with open_store(database) as store:
        (entry,) = store.audit.newest(1)
        assert entry.detail["expires_at"].startswith(late)


def test_read_all_and_admin_are_given_by_an_administrator(database: str) -> None:
    runner = CliRunner()
    with open_store(database) as store:
        store.users.create("ton", "a long password", role=Role.ADMIN)
    for scope in ("read_all", "admin"):
        made = ["create", f"the {scope}", "--scope", scope, "--database", database]
        without = runner.invoke(commands.api_key, made)
        assert (without.exit_code, "--by" in without.output) == (1, True)
        wrong = runner.invoke(commands.api_key, [*made, "--by", "nok"])
        assert (wrong.exit_code, "administrator" in wrong.output) == (1, True)
        assert runner.invoke(commands.api_key, [*made, "--by", "ton"]).exit_code == 0
        with open_store(database) as store:
            (entry,) = store.audit.newest(1)
            assert (entry.action, entry.detail["given_by"]) == ("api_key.create", "ton")


def test_a_key_is_rotated_with_grace_and_both_secrets_are_listed(database: str) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    old = runner.invoke(commands.api_key, ["create", "shop", "--scope", "read", *tail]).stdout.strip()
    rotated = runner.invoke(commands.api_key, ["rotate", "shop", "--grace", "24h", *tail])
    new = rotated.stdout.strip()
    assert (rotated.exit_code, new != old) == (0, True), rotated.output
    listed = runner.invoke(commands.api_key, ["list", *tail]).output
    assert old[:11] in listed
    assert new[:11] in listed
    assert listed.count("works until") == 1
    with open_store(database) as store:
        assert store.api_keys.authenticate(old) is not None
        assert store.api_keys.authenticate(new) is not None
    runner.invoke(commands.api_key, ["revoke", "shop", *tail])
    with open_store(database) as store:
        assert store.api_keys.authenticate(old) is None
        assert store.api_keys.authenticate(new) is None
        assert [entry.action for entry in store.audit.entries()][1] == "api_key.rotate"


def test_the_replaced_secrets_alone_are_revoked(database: str) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    old = runner.invoke(commands.api_key, ["create", "shop", "--scope", "read", *tail]).stdout.strip()
    new = runner.invoke(commands.api_key, ["rotate", "shop", *tail]).stdout.strip()
    ended = runner.invoke(commands.api_key, ["revoke", "shop", "--replaced", *tail])
    assert (ended.exit_code, ended.output[:2]) == (0, "1 "), ended.output
    missing = runner.invoke(commands.api_key, ["revoke", "nobody", "--replaced", *tail])
    assert (missing.exit_code, "api-key list" in missing.output) == (1, True)
    with open_store(database) as store:
        assert store.api_keys.authenticate(old) is None
        assert store.api_keys.authenticate(new) is not None
        (entry,) = store.audit.newest(1)
        assert (entry.action, entry.subject) == ("api_key.end_replaced", "api_key:shop")
        assert store.api_keys.end_earlier("shop", "cli") == 0


def test_what_cannot_be_rotated_says_why(database: str) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    runner.invoke(commands.api_key, ["create", "shop", "--scope", "read", *tail])
    for arguments, words in (
        (["rotate", "nobody"], "api-key list"),
        (["rotate", "shop", "--grace", "soon"], "24h"),
        (["rotate", "shop", "--grace", "999d"], "365 days"),
    ):
        result = runner.invoke(commands.api_key, [*arguments, *tail])
        assert (result.exit_code, words in result.output) == (1, True), result.output
