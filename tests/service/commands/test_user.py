from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner

from service.commands import user as commands
from service.store import open_store
from service.store.accounts.lockout import Lockout
from service.store.tables.core_tables import Role


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ruthan.db'}"


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
    for arguments in (
        *(["unlock", "a"], ["role", "a", "lead"], ["totp", "a"], ["disable", "a"]),
        *(["enable", "a"], ["reset-link", "a"], ["end-sessions", "a"]),
    ):
        missing = runner.invoke(commands.user, [*arguments, "--database", database])
        assert (missing.exit_code, "ruthan user list" in missing.output) == (1, True)


def test_roles_are_those_of_the_store() -> None:
    assert list(Role) == commands.ROLES


def test_an_account_is_unlocked_and_gets_a_role(database: str) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    with open_store(database) as store:
        store.users.create("nok", "a long password")
        store.logins.password("nok", "wrong password", Lockout(failures=1))
    assert "locked until" in runner.invoke(commands.user, ["list", *tail]).output
    assert runner.invoke(commands.user, ["unlock", "nok", *tail]).exit_code == 0
    assert "locked" not in runner.invoke(commands.user, ["list", *tail]).output
    assert "nok is admin" in runner.invoke(commands.user, ["role", "nok", "admin", *tail]).output
    with open_store(database) as store:
        last = store.audit.entries()[-1]
        assert (last.action, last.detail) == ("user.role", {"from": "reviewer", "to": "admin"})


def test_a_second_factor_is_set_up_and_removed(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUTHAN_SECRET_FILE", str(tmp_path / "secret"))
    secret = pyotp.random_base32()
    monkeypatch.setattr("service.store.accounts.second_factor.new_secret", lambda: secret)
    runner = CliRunner()
    tail = ["--database", database]
    with open_store(database) as store:
        store.users.create("nok", "a long password")
    wrong = runner.invoke(commands.user, ["totp", "nok", *tail], input="000 00\n")
    assert (wrong.exit_code, "nothing was changed" in wrong.output) == (1, True)
    made = runner.invoke(commands.user, ["totp", "nok", *tail], input=pyotp.TOTP(secret).now() + "\n")
    assert made.exit_code == 0, made.output
    assert f"secret: {secret}" in made.output
    assert "otpauth://totp/Ruthan:nok" in made.output
    with open_store(database) as store:
        row = store.users.find("nok")
        assert row is not None
        assert store.second_factors.codes_left(row.id) == 10
        assert secret not in str(row.totp_secret)
    assert runner.invoke(commands.user, ["totp", "nok", "--remove", *tail]).exit_code == 0
    with open_store(database) as store:
        assert store.logins.password("nok", "a long password", Lockout()).reviewer is not None


def test_an_account_is_linked_to_a_provider_and_unlinked(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    with open_store(database) as store:
        for name in ("nok", "lek"):
            store.users.create(name, "a long password")
    unsaid = runner.invoke(commands.user, ["link", "nok", "--subject", "s-1", *tail])
    assert (unsaid.exit_code, "RUTHAN_OIDC_ISSUER" in unsaid.output) == (2, True)
    there = ["--issuer", "https://id.example", "--subject", "s-1", *tail]
    made = runner.invoke(commands.user, ["link", "nok", *there])
    assert (made.exit_code, made.output) == (0, "nok is linked to s-1 at https://id.example\n")
    taken = runner.invoke(commands.user, ["link", "lek", *there])
    assert (taken.exit_code, "ruthan user unlink nok" in taken.output) == (1, True)
    unknown = runner.invoke(commands.user, ["link", "nobody", *there])
    assert (unknown.exit_code, "ruthan user list" in unknown.output) == (1, True)
    assert "\tpassword\ts-1 at https://id.example\n" in runner.invoke(commands.user, ["list", *tail]).output
    other = runner.invoke(commands.user, ["unlink", "nok", "--issuer", "https://other.example", *tail])
    assert (other.exit_code, "no such link" in other.output) == (1, True)
    assert runner.invoke(commands.user, ["unlink", "nok", *tail]).exit_code == 0
    assert runner.invoke(commands.user, ["unlink", "nobody", *tail]).exit_code == 1
    monkeypatch.setenv("RUTHAN_OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("RUTHAN_OIDC_CLIENT_ID", "ruthan")
    monkeypatch.setenv("RUTHAN_OIDC_CLIENT_SECRET", "s")
    again = runner.invoke(commands.user, ["link", "lek", "--subject", "s-1", *tail])
    assert (again.exit_code, "https://id.example" in again.output) == (0, True)
    with open_store(database) as store:
        entries = [(entry.actor, entry.action, entry.subject) for entry in store.audit.entries()]
    assert entries == [
        ("cli", "user.link", "reviewer:nok"),
        ("cli", "user.unlink", "reviewer:nok"),
        ("cli", "user.link", "reviewer:lek"),
    ]


def test_an_account_is_disabled_and_enabled_and_its_password_reset(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    with open_store(database) as store:
        nok = store.users.create("nok", "a long password")
        store.sessions.open("d" * 64, nok.id, timedelta(hours=1))
    assert runner.invoke(commands.user, ["disable", "nok", *tail]).output == "nok is disabled\n"
    refused = runner.invoke(commands.user, ["reset-link", "nok", *tail])
    assert (refused.exit_code, "ruthan user enable nok" in refused.output) == (1, True)
    assert runner.invoke(commands.user, ["enable", "nok", *tail]).output == "nok is enabled\n"
    with open_store(database) as store:
        assert store.sessions.find("d" * 64) is None
        store.sessions.open("e" * 64, nok.id, timedelta(hours=1))
    ended = runner.invoke(commands.user, ["end-sessions", "nok", *tail])
    assert ended.output == "nok: 1 sessions ended\n"
    bare = runner.invoke(commands.user, ["reset-link", "nok", *tail])
    assert bare.stdout.startswith("/password/")
    assert "console's address" in bare.stderr
    made = runner.invoke(commands.user, ["reset-link", "nok", "--console", "https://ruthan.example/", *tail])
    address, _, token = made.output.strip().rpartition("/")
    assert address == "https://ruthan.example/password"
    with open_store(database) as store:
        assert store.sessions.find("e" * 64) is None
        assert store.password_links.find(bare.stdout.strip().rpartition("/")[2]) is None
        assert store.password_links.use(token, "another password") is not None
        assert store.users.authenticate("nok", "another password") is not None
        actions = [(entry.actor, entry.action.removeprefix("user.")) for entry in store.audit.entries()]
    by_cli = ("disable", "enable", "end_sessions", "reset_link", "reset_link")
    assert actions == [*(("cli", action) for action in by_cli), ("reviewer:nok", "password_reset")]


def test_the_last_admin_stays(database: str) -> None:
    runner = CliRunner()
    tail = ["--database", database]
    with open_store(database) as store:
        store.users.create("boss", "a long password", role=Role.ADMIN)
    for arguments in (["disable", "boss"], ["role", "boss", "lead"]):
        refused = runner.invoke(commands.user, [*arguments, *tail])
        assert (refused.exit_code, "the last admin" in refused.output) == (1, True)
    with open_store(database) as store:
        store.users.create("other", "a long password", role=Role.ADMIN)
    assert runner.invoke(commands.user, ["disable", "boss", *tail]).exit_code == 0
    assert runner.invoke(commands.user, ["disable", "other", *tail]).exit_code == 1
