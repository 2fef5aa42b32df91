import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.oidc.options import OidcOptions
from service.settings import PREFIX, SecretUnusable, Settings
from service.store.accounts.lockout import Lockout
from service.store.tables.core_tables import Role

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_default_and_nothing_else() -> None:
    rows = dict(
        re.findall(r"^\| `(RUTHAN_\w+)` \| ([^|]+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(rows) == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = rows[PREFIX + name.upper()].strip()
        assert default == ("unset" if field.default is None else f"`{str(field.default).lower()}`"), name


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_PORT", "9000")
    monkeypatch.setenv("RUTHAN_EVIDENCE", "/data/evidence")
    assert Settings().port == 9000
    assert Settings().evidence == Path("/data/evidence")
    assert Settings(port=1).port == 1


def test_a_bad_value_names_the_setting() -> None:
    with pytest.raises(ValidationError, match="port"):
        Settings(port=70000)


def test_the_secret_key_is_made_once_and_kept_for_the_owner_only(settings: Settings) -> None:
    first = settings.secret()
    assert first == settings.secret()
    assert len(first) >= 32
    assert stat.S_IMODE(settings.secret_file.stat().st_mode) == 0o600
    assert list(settings.secret_file.parent.glob("secret*")) == [settings.secret_file]


def test_a_given_secret_key_wins_and_does_not_show(settings: Settings) -> None:
    key = "k" * 40
    given = Settings(secret_key=key, secret_file=settings.secret_file)  # type: ignore[arg-type]
    assert given.secret() == key
    assert key not in repr(given)
    assert not settings.secret_file.exists()


def test_short_and_unreadable_secrets_say_what_to_do(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SecretUnusable, match="token_urlsafe"):
        Settings(secret_key="short").secret()  # type: ignore[arg-type]
    settings.secret_file.write_text("")
    with pytest.raises(SecretUnusable, match="shorter"):
        settings.secret()
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretUnusable, match="RUTHAN_SECRET_FILE"):
        Settings(secret_file=tmp_path / "file" / "secret").secret()


def test_who_needs_a_second_factor() -> None:
    assert Settings().totp_roles() == frozenset()
    assert Settings(require_totp="all").totp_roles() == frozenset(Role)
    assert Settings(require_totp="lead, Admin").totp_roles() == {Role.LEAD, Role.ADMIN}
    with pytest.raises(ValidationError, match="integrator"):
        Settings(require_totp="leed")


def test_the_lockout_is_set_in_minutes() -> None:
    lockout = Settings(login_failures=2, lockout_minutes=0.5, lockout_max_minutes=2).lockout()
    assert lockout == Lockout(2, timedelta(seconds=30), timedelta(minutes=2))


OIDC = {
    "oidc_issuer": "https://id.example/realms/agency",
    "oidc_client_id": "ruthan",
    "oidc_client_secret": "s",
}


def _oidc(**more: object) -> OidcOptions:
    found = Settings.model_validate(OIDC | more).oidc()
    assert found is not None
    return found


def test_a_login_provider_is_set_whole_or_not_at_all() -> None:
    assert Settings().oidc() is None
    found = _oidc(oidc_amr="mfa, otp", oidc_public_url="https://ruthan.example/", oidc_unknown="create")
    assert (found.issuer, found.public_url) == (OIDC["oidc_issuer"], "https://ruthan.example")
    assert _oidc(public_url="https://ruthan.example/").public_url == "https://ruthan.example"
    assert _oidc(oidc_algorithms="es256 eddsa").algorithms == {"ES256", "EdDSA"}
    assert (found.amr, found.acr, found.create) == ({"mfa", "otp"}, frozenset(), True)
    for missing in OIDC:
        with pytest.raises(ValidationError, match="all or none"):
            Settings.model_validate({name: value for name, value in OIDC.items() if name != missing})


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("oidc_issuer", "http://id.example", "https://"),
        ("oidc_issuer", "id.example", "https://"),
        ("oidc_issuer", "https://user:pass@id.example", "https://"),
        ("oidc_public_url", "http://ruthan.example", "https://"),
        ("public_url", "http://ruthan.example", "https://"),
        ("oidc_scopes", "profile email", "openid"),
        ("oidc_algorithms", "RS256,HS256", "RS256"),
        ("oidc_algorithms", "none", "RS256"),
        ("oidc_algorithms", "", "RS256"),
        ("oidc_unknown", "ask", "refuse"),
        ("oidc_role_claim", "roles", "go together"),
        ("oidc_role_map", {"a": "admin"}, "go together"),
    ],
)
def test_what_a_provider_must_not_be(setting: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        _oidc(**{setting: value})


def test_a_provider_on_this_machine_needs_no_https() -> None:
    for issuer in ("http://127.0.0.1:8080", "http://localhost:8080/realms/a", "http://[::1]:8080"):
        assert _oidc(oidc_issuer=issuer).issuer == issuer


def test_roles_of_a_claim_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_OIDC_ROLE_CLAIM", "realm_access.roles")
    monkeypatch.setenv("RUTHAN_OIDC_ROLE_MAP", '{"ruthan-admin": "admin", "*": "reviewer"}')
    assert list(_oidc().role_map.items()) == [("ruthan-admin", Role.ADMIN), ("*", Role.REVIEWER)]
    monkeypatch.setenv("RUTHAN_OIDC_ROLE_MAP", '{"ruthan-admin": "root"}')
    with pytest.raises(ValidationError, match="no role root"):
        _oidc()


def test_passwords_for_admins_only_need_a_provider() -> None:
    assert Settings().password_roles() == frozenset(Role)
    assert Settings.model_validate(OIDC | {"password_login": "admins"}).password_roles() == {Role.ADMIN}
    with pytest.raises(ValidationError, match="RUTHAN_OIDC_ISSUER"):
        Settings(password_login="admins")
