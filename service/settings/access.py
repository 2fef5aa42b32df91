"""Settings for the secret key, logins and the review of cases."""

import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from labels.files.private import make_folder
from labels.files.whole import write_whole
from service.oidc.options import OidcOptions, roles_of, signatures, words
from service.settings.group import PREFIX, Group, is_safe_address
from service.store.accounts.lockout import Lockout
from service.store.database.encryption import Cipher
from service.store.tables.core_tables import Role

MIN_SECRET = 32


class SecretUnusable(ValueError):
    """The secret key is too short, or its file cannot be read or written."""


class Secret(Group):
    """The secret key."""

    key: SecretStr | None = Field(None, description="signs the console's cookies and forms")
    key_before: SecretStr | None = Field(None, description="the previous secret key, for decryption only")
    file: Path = Field(Path("var/secret"), description="file of the generated secret key")

    def value(self) -> str:
        """Return the configured key, else the one in ``file``, generated at first use.

        Raises :class:`SecretUnusable` with a remedy.
        """
        if self.key is not None:
            return _checked(self.key.get_secret_value(), f"{PREFIX}SECRET_KEY")
        try:
            make_folder(self.file.parent)
            _create_once(self.file)
            return _checked(self.file.read_text(encoding="ascii").strip(), str(self.file))
        except (OSError, UnicodeDecodeError) as error:
            raise SecretUnusable(
                f"cannot read or write the secret key in {self.file}: {error}."
                f" Set {PREFIX}SECRET_KEY, or {PREFIX}SECRET_FILE to a file in a writable folder."
            ) from error

    def totp_cipher(self) -> Cipher:
        """Encryption of second factors' secrets; raises :class:`SecretUnusable`."""
        return Cipher(self.value(), "totp", self._before())

    def webhook_cipher(self) -> Cipher:
        """Encryption of webhooks' secrets; raises :class:`SecretUnusable`."""
        return Cipher(self.value(), "webhook", self._before())

    def _before(self) -> list[str]:
        before = self.key_before
        return [_checked(before.get_secret_value(), f"{PREFIX}SECRET_KEY_BEFORE")] if before else []


class Login(Group):
    """The logins."""

    secure_cookies: bool = Field(False, description="send cookies over HTTPS only; set it behind HTTPS")
    session_hours: float = Field(12.0, gt=0, le=24 * 30, description="how long a console login lasts")
    failures: int = Field(5, ge=1, le=1000, description="failed logins that lock an account")
    lockout_minutes: float = Field(1.0, gt=0, le=24 * 60, description="first lock; each further one doubles")
    lockout_max_minutes: float = Field(24 * 60.0, gt=0, le=30 * 24 * 60, description="longest lock")
    require_totp: str = Field("none", description="who needs a second factor: none, all, or roles")
    passwords: Literal["all", "admins"] = Field("all", description="who may log in with a password")

    @field_validator("require_totp")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        _roles(value)
        return value

    def password_roles(self) -> frozenset[Role]:
        """The roles that may log in with a password."""
        return frozenset({Role.ADMIN}) if self.passwords == "admins" else frozenset(Role)

    def totp_roles(self) -> frozenset[Role]:
        """The roles that need a second factor."""
        return _roles(self.require_totp)

    def lockout(self) -> Lockout:
        """The lockout policy after failed logins."""
        return Lockout(
            self.failures,
            timedelta(minutes=self.lockout_minutes),
            timedelta(minutes=self.lockout_max_minutes),
        )


class Oidc(Group):
    """The OpenID Connect provider."""

    issuer: str | None = Field(None, description="issuer of the OpenID Connect provider; none if unset")
    client_id: str | None = Field(None, description="client id at the provider")
    client_secret: SecretStr | None = Field(None, description="client secret at the provider")
    name: str | None = Field(
        None, max_length=60, description="display name of the provider on the login page"
    )
    public_url: str | None = Field(None, description="where browsers reach the console")
    scopes: str = Field("openid profile", description="scopes requested from the provider")
    algorithms: str = Field("RS256,PS256,ES256", description="accepted signature algorithms of id tokens")
    unknown: Literal["refuse", "create"] = Field(
        "refuse", description="what to do with a person without an account"
    )
    role_claim: str | None = Field(None, description="claim with the roles; set in Ruthan if unset")
    role_map: dict[str, str] = Field({}, description="value of that claim to role, first match wins")
    amr: str | None = Field(None, description="values of amr that prove a second factor")
    acr: str | None = Field(None, description="values of acr that prove a second factor")
    timeout_seconds: float = Field(5.0, gt=0, le=60, description="timeout of its answers")

    _addresses = field_validator("issuer", "public_url")(is_safe_address)

    @field_validator("scopes")
    @classmethod
    def _asks_who(cls, value: str) -> str:
        if "openid" not in words(value):
            raise ValueError("openid must be among the scopes")
        return " ".join(words(value))

    @field_validator("algorithms")
    @classmethod
    def _are_signatures(cls, value: str) -> str:
        signatures(value)
        return value

    @field_validator("role_map")
    @classmethod
    def _are_roles(cls, value: dict[str, str]) -> dict[str, str]:
        roles_of(value)
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        given = (self.issuer, self.client_id, self.client_secret)
        if any(given) and not all(given):
            raise ValueError(
                f"{PREFIX}OIDC_ISSUER, {PREFIX}OIDC_CLIENT_ID and {PREFIX}OIDC_CLIENT_SECRET go together:"
                " set all or none"
            )
        if bool(self.role_map) != bool(self.role_claim):
            raise ValueError(
                f"{PREFIX}OIDC_ROLE_CLAIM and {PREFIX}OIDC_ROLE_MAP go together: set both or none"
            )
        return self

    def options(self, public_url: str | None) -> OidcOptions | None:
        """Options of the provider, or ``None``; ``public_url`` is where browsers reach the service."""
        if self.issuer is None or self.client_id is None or self.client_secret is None:
            return None
        return OidcOptions(
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self.client_secret.get_secret_value(),
            name=(self.name or "").strip(),
            public_url=(self.public_url or public_url or "").rstrip("/"),
            scopes=self.scopes,
            algorithms=signatures(self.algorithms),
            create=self.unknown == "create",
            role_claim=self.role_claim or "",
            role_map=roles_of(self.role_map),
            amr=frozenset(words(self.amr or "")),
            acr=frozenset(words(self.acr or "")),
            timeout_seconds=self.timeout_seconds,
        )


class Review(Group):
    """The review of cases."""

    case_lease_minutes: float = Field(
        30.0,
        gt=0,
        le=7 * 24 * 60,
        description="how long an idle case stays assigned to the reviewer who marked it first",
    )
    second_look_share: float = Field(
        0.05, ge=0, le=1, description="share of decisions that another reviewer reads blind"
    )
    golden_share: float = Field(
        0.02, ge=0, le=1, description="share of a reviewer's decisions after which a golden case is dealt"
    )


def _roles(value: str) -> frozenset[Role]:
    names = {name.strip().lower() for name in value.split(",")} - {""}
    if names == {"all"}:
        return frozenset(Role)
    if names <= {"none"}:
        return frozenset()
    if not names <= {role.value for role in Role}:
        known = ", ".join(role.value for role in Role)
        raise ValueError(f"write none, all, or roles with commas between them ({known}), not {value!r}")
    return frozenset(Role(name) for name in names)


def _create_once(path: Path) -> None:
    if path.exists():
        return
    with suppress(FileExistsError):  # two processes may start at once
        write_whole(path, f"{secrets.token_urlsafe(48)}\n".encode("ascii"), replace=False)


def _checked(key: str, where: str) -> str:
    if len(key) < MIN_SECRET:
        raise SecretUnusable(
            f"the secret key in {where} is shorter than {MIN_SECRET} characters. Generate one with:"
            ' python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return key
