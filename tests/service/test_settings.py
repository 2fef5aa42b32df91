import re
import stat
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import click
import pytest
from pydantic import ValidationError

from service.commands.main import settings_from
from service.oidc.options import OidcOptions
from service.settings import OLD_NAMES, PREFIX, SecretUnusable, Settings, old_names, variables_of
from service.settings.old_names import CurrentNames
from service.store.accounts.lockout import Lockout
from service.store.tables.core_tables import Role

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_default_and_nothing_else() -> None:
    documented = DOCS.read_text(encoding="utf-8").partition("## Old names")[0]
    rows = dict(re.findall(r"^\| `(RUTHAN_\w+)` \| ([^|]+) \|", documented, re.MULTILINE))
    assert set(rows) == variables_of().keys()
    for name, field in variables_of().items():
        default = rows[name].strip()
        assert default == ("unset" if field.default is None else f"`{str(field.default).lower()}`"), name


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_SERVER_PORT", "9000")
    monkeypatch.setenv("RUTHAN_EVIDENCE_FOLDER", "/data/evidence")
    assert Settings().server.port == 9000
    assert Settings().evidence.folder == Path("/data/evidence")
    assert Settings.of({"server.port": 1}).server.port == 1


def test_every_old_name_is_read_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old_names._notice.cache_clear()
    for old, new in OLD_NAMES.items():
        monkeypatch.delenv(PREFIX + new, raising=False)
        monkeypatch.setenv(PREFIX + old, f"of {old}")
    found = CurrentNames(Settings).env_vars
    for old, new in OLD_NAMES.items():
        assert found[f"{PREFIX}{new}".lower()] == f"of {old}"
        assert f"{PREFIX}{old} is now called {PREFIX}{new};" in caplog.text
        assert PREFIX + new in variables_of()
        assert PREFIX + old not in variables_of()
    (documented,) = re.findall("^## Old names$.*", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| `RUTHAN_(\w+)` \| `RUTHAN_(\w+)` \|$", documented, re.MULTILINE)
    assert dict(rows) == OLD_NAMES


def test_an_old_name_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_REGISTRY", "register.csv")
    assert Settings().registry.file == Path("register.csv")


def test_a_new_name_wins_over_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_SERVER_PORT", "9000")
    monkeypatch.setenv("RUTHAN_PORT", "1")
    assert Settings().server.port == 9000


def test_a_setting_that_does_not_exist_is_an_error() -> None:
    for name in ("server.ports", "port", "servers.port"):
        with pytest.raises(KeyError):
            Settings.of({name: 1})
        with pytest.raises(KeyError):
            Settings().changed({name: 1})


def test_a_fault_names_the_variables_concerned(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: tuple[tuple[dict[str, str], list[str]], ...] = (
        ({"LOGIN_PASSWORDS": "admins"}, ["LOGIN_PASSWORDS", "OIDC_ISSUER"]),
        ({"SANDBOX_DATABASE_URL": Settings().database.url}, ["SANDBOX_DATABASE_URL", "DATABASE_URL"]),
        ({"MAIL_SENDER": "office@example.go.th"}, ["MAIL_SMTP_URL", "MAIL_SENDER"]),
        ({"OIDC_NAME": "x", "OIDC_CLIENT_ID": "x"}, ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"]),
        ({"OIDC_ROLE_CLAIM": "roles"}, ["OIDC_ROLE_CLAIM", "OIDC_ROLE_MAP"]),
        ({"RATE_LIMIT_BY_KEY": "{shop: 1}"}, ["RATE_LIMIT_BY_KEY"]),
        ({"RATE_LIMIT_BY_KEY": '{"shop": "x"}', "SERVER_PORT": "x"}, ["SERVER_PORT", "RATE_LIMIT_BY_KEY"]),
    )
    for given, names in cases:
        with monkeypatch.context() as patch:
            for name, value in given.items():
                patch.setenv(PREFIX + name, value)
            with pytest.raises(click.ClickException) as caught:
                settings_from()
        assert re.findall(r"RUTHAN_(\w*)", caught.value.message) == names, caught.value.message
        assert "Value error" not in caught.value.message


def test_a_variable_called_like_a_group_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for group in Settings.model_fields.keys() - {name.lower() for name in OLD_NAMES}:
        monkeypatch.setenv(f"{PREFIX}{group.upper()}", "debug")
    assert Settings() == Settings.of({})
    monkeypatch.setenv("RUTHAN_LOG_LEVEL", "error")
    assert Settings().log.level == "error"


def test_a_bad_value_names_the_setting() -> None:
    with pytest.raises(ValidationError, match="port"):
        Settings.of({"server.port": 70000})


def test_the_secret_key_is_made_once_and_kept_for_the_owner_only(settings: Settings) -> None:
    first = settings.secret.value()
    assert first == settings.secret.value()
    assert len(first) >= 32
    assert stat.S_IMODE(settings.secret.file.stat().st_mode) == 0o600
    assert list(settings.secret.file.parent.glob("secret*")) == [settings.secret.file]


def test_a_given_secret_key_wins_and_does_not_show(settings: Settings) -> None:
    key = "k" * 40
    given = Settings.of({"secret.key": key, "secret.file": settings.secret.file})
    assert given.secret.value() == key
    assert key not in repr(given)
    assert not settings.secret.file.exists()


def test_short_and_unreadable_secrets_say_what_to_do(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SecretUnusable, match="token_urlsafe"):
        Settings.of({"secret.key": "short"}).secret.value()
    settings.secret.file.write_text("")
    with pytest.raises(SecretUnusable, match="shorter"):
        settings.secret.value()
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretUnusable, match="RUTHAN_SECRET_FILE"):
        Settings.of({"secret.file": tmp_path / "file" / "secret"}).secret.value()


def test_who_needs_a_second_factor() -> None:
    assert Settings().login.totp_roles() == frozenset()
    assert Settings.of({"login.require_totp": "all"}).login.totp_roles() == frozenset(Role)
    assert Settings.of({"login.require_totp": "lead, Admin"}).login.totp_roles() == {Role.LEAD, Role.ADMIN}
    with pytest.raises(ValidationError, match="integrator"):
        Settings.of({"login.require_totp": "leed"})


def test_the_lockout_is_set_in_minutes() -> None:
    lockout = Settings.of(
        {"login.failures": 2, "login.lockout_minutes": 0.5, "login.lockout_max_minutes": 2}
    ).login.lockout()
    assert lockout == Lockout(2, timedelta(seconds=30), timedelta(minutes=2))


HERE = "https://ruthan.example"
OIDC = {
    "oidc.issuer": "https://id.example/realms/agency",
    "oidc.client_id": "ruthan",
    "oidc.client_secret": "s",
}


def _oidc(more: Mapping[str, object] | None = None) -> OidcOptions:
    settings = Settings.of(OIDC | dict(more or {}))
    found = settings.oidc.options(settings.server.public_url)
    assert found is not None
    return found


def test_a_login_provider_is_set_whole_or_not_at_all() -> None:
    assert Settings().oidc.options(Settings().server.public_url) is None
    found = _oidc({"oidc.amr": "mfa, otp", "oidc.public_url": f"{HERE}/", "oidc.unknown": "create"})
    assert (found.issuer, found.public_url) == (OIDC["oidc.issuer"], HERE)
    assert _oidc({"server.public_url": f"{HERE}/"}).public_url == HERE
    assert _oidc({"oidc.algorithms": "es256 eddsa"}).algorithms == {"ES256", "EdDSA"}
    assert (found.amr, found.acr, found.create) == ({"mfa", "otp"}, frozenset(), True)
    for missing in OIDC:
        with pytest.raises(ValidationError, match="all or none"):
            Settings.of({name: value for name, value in OIDC.items() if name != missing})


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("oidc.issuer", "http://id.example", "https://"),
        ("oidc.issuer", "id.example", "https://"),
        ("oidc.issuer", "https://user:pass@id.example", "https://"),
        ("oidc.public_url", "http://ruthan.example", "https://"),
        ("server.public_url", "http://ruthan.example", "https://"),
        ("oidc.scopes", "profile email", "openid"),
        ("oidc.algorithms", "RS256,HS256", "RS256"),
        ("oidc.algorithms", "none", "RS256"),
        ("oidc.algorithms", "", "RS256"),
        ("oidc.unknown", "ask", "refuse"),
        ("oidc.role_claim", "roles", "go together"),
        ("oidc.role_map", {"a": "admin"}, "go together"),
    ],
)
def test_what_a_provider_must_not_be(setting: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        _oidc({setting: value})


def test_a_provider_on_this_machine_needs_no_https() -> None:
    for issuer in ("http://127.0.0.1:8080", "http://localhost:8080/realms/a", "http://[::1]:8080"):
        assert _oidc({"oidc.issuer": issuer}).issuer == issuer


def test_roles_of_a_claim_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_OIDC_ROLE_CLAIM", "realm_access.roles")
    monkeypatch.setenv("RUTHAN_OIDC_ROLE_MAP", '{"ruthan-admin": "admin", "*": "reviewer"}')
    assert list(_oidc().role_map.items()) == [("ruthan-admin", Role.ADMIN), ("*", Role.REVIEWER)]
    monkeypatch.setenv("RUTHAN_OIDC_ROLE_MAP", '{"ruthan-admin": "root"}')
    with pytest.raises(ValidationError, match="no role root"):
        _oidc()


def test_passwords_for_admins_only_need_a_provider() -> None:
    assert Settings().login.password_roles() == frozenset(Role)
    assert Settings.of(OIDC | {"login.passwords": "admins"}).login.password_roles() == {Role.ADMIN}
    with pytest.raises(ValidationError, match="RUTHAN_OIDC_ISSUER"):
        Settings.of({"login.passwords": "admins"})
