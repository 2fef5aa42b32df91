"""Settings of the service, each from an environment variable ``RUTHAN_…`` (docs/settings.md)."""

import re
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from limits import parse_many
from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from inference.assessment_cache import SEEN_BYTES
from labels.files.private import make_folder
from labels.files.whole import write_whole
from service.oidc.options import OidcOptions, roles_of, safe_address, signatures, words
from service.store.accounts.lockout import Lockout
from service.store.database.encryption import Cipher
from service.store.tables.core_tables import Role
from service.store.trusted_time.authority import Authorities

PREFIX = "RUTHAN_"

_ADDRESS = re.compile(r"[^\s<>()\",;:@]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
MIN_SECRET = 32


class SecretUnusable(ValueError):
    """The secret key is too short, or its file cannot be read or written."""


class Settings(BaseSettings):
    """The settings.  Keyword arguments override the environment, which overrides the defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: str = Field("sqlite:///var/ruthan.db", description="where the store is")
    sandbox_database_url: str | None = Field(
        None, description="database of the sandbox keys; unset: there are none"
    )
    busy_timeout_seconds: float = Field(
        15.0, gt=0, le=600, description="how long to wait for a locked database"
    )
    bundle: Path | None = Field(
        None, description="folder of the model bundle; the promoted one, else the shipped one, if unset"
    )
    bundles: Path = Field(Path("var/bundles"), description="folder of the promoted bundles")
    registry: Path | None = Field(
        None, description="CSV file of the licence registry; the imported snapshot in use if unset"
    )
    registry_snapshots: Path = Field(Path("var/registry"), description="folder of the imported snapshots")
    registry_max_age_days: int = Field(30, ge=1, description="age from which a snapshot is reported as old")
    registry_search_url: str | None = Field(
        None,
        description="URL of a search of the registers, with {number} in it; only for registry fetch",
    )
    registry_search_fields: str | None = Field(
        None, description="FIELD=COLUMN,... for unknown fields of its answers"
    )
    registry_search_status_words: str | None = Field(
        None, description="WORD=active,... or =cancelled, for unknown status words"
    )
    registry_search_records: str | None = Field(
        None, description="path of the list in a JSON answer, such as data.items"
    )
    registry_search_patience_seconds: float = Field(
        120.0, gt=0, le=3600, description="how long one answer may take"
    )
    registry_search_attempts: int = Field(3, ge=1, le=20, description="attempts for one number")
    registry_search_pause_seconds: float = Field(
        1.0, ge=0, le=600, description="pause between an answer and the next request"
    )
    registry_search_cache: Path = Field(
        Path("var/registry-search"), description="folder of the cached answers"
    )
    registry_search_fresh_days: float = Field(
        7.0, ge=0, description="how old an answer may be to be used again"
    )
    evidence: Path = Field(Path("var/evidence"), description="folder of the WARC files")
    retention_rules: Path | None = Field(None, description="TOML file of the retention rules")
    retention_daily: bool = Field(False, description="let the worker apply the retention rules once a day")
    pictures: Path = Field(Path("var/pictures"), description="folder of the stored pictures")
    blur_pictures: bool = Field(False, description="blur pictures in the console until asked")
    shadow: Path = Field(Path("var/shadow"), description="folder of the shadow runs")
    referral_prefix: str = Field("รท", max_length=40, description="prefix of the numbers of referrals")
    referral_templates: Path | None = Field(
        None, description="folder of custom templates of letters, overriding the shipped ones"
    )
    public_url: str | None = Field(None, description="where browsers reach the service")
    alert_prefix: str = Field("ปต", max_length=40, description="prefix of the numbers of public alerts")
    alert_url: str | None = Field(None, description="public base URL of the alerts, for their feeds")
    complaint_form: bool = Field(True, description="whether the public complaint form is enabled")
    complaint_rate_limit: str = Field(
        "5/minute;50/day", description="rate limit of the complaint form per browser; no limit if empty"
    )
    check_page: bool = Field(True, description="whether the public page for checking drafts is enabled")
    check_rate_limit: str = Field(
        "20/minute;500/day", description="rate limit of that page per address; no limit if empty"
    )
    complaint_repeat_limit: str = Field(
        "20/hour", description="rate limit of complaints with the same words; no limit if empty"
    )
    complaint_address_limit: str = Field(
        "300/hour", description="rate limit of the complaint form per address; no limit if empty"
    )
    smtp_url: SecretStr | None = Field(
        None, description="mail server for answers to complainants, smtp:// or smtps://"
    )
    mail_from: str | None = Field(None, description="the office's e-mail address for these answers")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8600, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    secret_key: SecretStr | None = Field(None, description="signs the console's cookies and forms")
    secret_key_before: SecretStr | None = Field(
        None, description="the previous secret key, for decryption only"
    )
    secret_file: Path = Field(Path("var/secret"), description="file of the generated secret key")
    secure_cookies: bool = Field(False, description="send cookies over HTTPS only; set it behind HTTPS")
    session_hours: float = Field(12.0, gt=0, le=24 * 30, description="how long a console login lasts")
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
    login_failures: int = Field(5, ge=1, le=1000, description="failed logins that lock an account")
    lockout_minutes: float = Field(1.0, gt=0, le=24 * 60, description="first lock; each further one doubles")
    lockout_max_minutes: float = Field(24 * 60.0, gt=0, le=30 * 24 * 60, description="longest lock")
    require_totp: str = Field("none", description="who needs a second factor: none, all, or roles")
    oidc_issuer: str | None = Field(None, description="issuer of the OpenID Connect provider; none if unset")
    oidc_client_id: str | None = Field(None, description="client id at the provider")
    oidc_client_secret: SecretStr | None = Field(None, description="client secret at the provider")
    oidc_name: str | None = Field(
        None, max_length=60, description="display name of the provider on the login page"
    )
    oidc_public_url: str | None = Field(None, description="where browsers reach the console")
    oidc_scopes: str = Field("openid profile", description="scopes requested from the provider")
    oidc_algorithms: str = Field(
        "RS256,PS256,ES256", description="accepted signature algorithms of id tokens"
    )
    oidc_unknown: Literal["refuse", "create"] = Field(
        "refuse", description="what to do with a person without an account"
    )
    oidc_role_claim: str | None = Field(None, description="claim with the roles; set in Ruthan if unset")
    oidc_role_map: dict[str, str] = Field({}, description="value of that claim to role, first match wins")
    oidc_amr: str | None = Field(None, description="values of amr that prove a second factor")
    oidc_acr: str | None = Field(None, description="values of acr that prove a second factor")
    oidc_timeout_seconds: float = Field(5.0, gt=0, le=60, description="timeout of its answers")
    password_login: Literal["all", "admins"] = Field("all", description="who may log in with a password")
    max_body_bytes: int = Field(16 * 2**20, ge=1024, description="largest request body")
    max_text_characters: int = Field(200_000, ge=1, description="longest text of one listing in the API")
    max_pictures: int = Field(20, ge=1, le=1000, description="maximum number of pictures in one request")
    max_listings: int = Field(100, ge=1, le=10_000, description="most listings in one request")
    model_lanes: int = Field(0, ge=0, le=256, description="windows the model reads at once; 0: one per core")
    model_threads: int = Field(0, ge=0, le=256, description="windows a worker reads at once; 0: one per core")
    device: Literal["cpu", "cuda"] = Field("cpu", description="where the model runs")
    seen_bytes: int = Field(
        SEEN_BYTES, ge=0, description="bytes of memory to cache assessments of repeated texts; none if 0"
    )
    max_waiting_requests: int = Field(256, ge=1, description="most requests being assessed or waiting")
    max_waiting_listings: int = Field(
        2000, ge=1, description="most waiting listings in these requests; one request is always accepted"
    )
    answer_seconds: float = Field(
        60.0, gt=0, le=3600, description="how long a request may wait for the model's answer"
    )
    drain_seconds: float = Field(
        1.0, ge=0, le=600, description="on shutdown: how long to report not ready before closing the socket"
    )
    serve_workers: int = Field(1, ge=1, le=64, description="processes of ruthan serve")
    rate_limit: str = Field("600/minute", description="rate limit per key or address; no limit if empty")
    rate_limit_by_key: dict[str, str] = Field({}, description="different limits by key name")
    rate_limit_storage: str = Field("memory://", description="where requests are counted")
    metrics: Literal["loopback", "open"] = Field(
        "loopback", description="who may read /metrics without a key"
    )
    worker_batch: int = Field(16, ge=1, le=1000, description="listings the worker assesses before it saves")
    worker_poll_seconds: float = Field(2.0, gt=0, description="pause of the worker when nothing is waiting")
    batches: Path = Field(Path("var/batches"), description="folder of the uploads and results of batches")
    max_batch_bytes: int = Field(
        512 * 2**20, ge=1024, description="largest file of a batch, as sent and unpacked"
    )
    max_batch_lines: int = Field(100_000, ge=1, description="most listings in one batch")
    max_batches: int = Field(10, ge=1, description="most unfinished batches per key")
    max_uploads: int = Field(16, ge=1, description="most concurrent uploads of batches per process")
    max_uploads_by_key: int = Field(4, ge=1, description="most concurrent uploads per key")
    upload_seconds: float = Field(
        1800.0, gt=0, le=24 * 3600, description="how long the file of a batch may take to arrive"
    )
    body_seconds: float = Field(60.0, gt=0, le=3600, description="how long any other body may take to arrive")
    idle_seconds: float = Field(20.0, gt=0, le=3600, description="longest pause while receiving a body")
    batch_chunk: int = Field(100, ge=1, le=10_000, description="lines whose results are saved together")
    batch_lease_seconds: float = Field(
        120.0, gt=0, le=3600, description="lease of lines whose worker does not respond"
    )
    batch_days: float = Field(7.0, gt=0, description="how long the result of a batch is kept")
    redress: str | None = Field(
        None, max_length=4000, description="how to appeal against a decision, for takedown notices"
    )
    webhook_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="how long a webhook may take to answer, in all"
    )
    webhook_retry_seconds: float = Field(
        5.0, gt=0, le=3600, description="pause after the first failure; each further one doubles it"
    )
    webhook_give_up_hours: float = Field(
        72.0, gt=0, le=24 * 30, description="a webhook that fails for so long is disabled"
    )
    webhook_allow_loopback: bool = Field(
        False, description="allow webhooks to this machine, also without HTTPS: for development"
    )
    timestamp_authorities: Authorities = Field(
        [], description="time stamp authorities for the audit trail and the evidence (RFC 3161)"
    )
    timestamp_minutes: float = Field(
        60.0, gt=0, le=7 * 24 * 60, description="how often the audit trail is stamped, if it has new entries"
    )
    timestamp_timeout_seconds: float = Field(
        20.0, gt=0, le=120, description="how long an answer of an authority may take"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="minimum level logged"
    )
    log_format: Literal["text", "json"] = Field("text", description="format of the log")

    @field_validator(
        "rate_limit",
        "complaint_rate_limit",
        "complaint_repeat_limit",
        "complaint_address_limit",
        "check_rate_limit",
    )
    @classmethod
    def _is_a_limit(cls, value: str) -> str:
        limits = parse_many(value) if value.strip() else []
        if any(limit.amount < 1 for limit in limits):
            raise ValueError('at least one request must pass: write "600/minute", or nothing for no limit')
        return value.strip()

    @field_validator("rate_limit_by_key")
    @classmethod
    def _are_limits(cls, value: dict[str, str]) -> dict[str, str]:
        return {name: cls._is_a_limit(limit) for name, limit in value.items()}

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            fits = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port or 1)
            # The protocol's logins are ASCII.
            is_ascii = (unquote(parts.username or "") + unquote(parts.password or "")).isascii()
        except ValueError:  # a port that is none
            fits = is_ascii = False
        if not fits or not is_ascii:
            raise ValueError("write smtp://HOST:PORT, or smtps://USER:PASSWORD@HOST:PORT, in ASCII")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError("write an e-mail address alone, such as office@example.go.th")
        return value

    @field_validator("require_totp")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        _roles(value)
        return value

    @field_validator("oidc_issuer", "oidc_public_url", "alert_url", "public_url")
    @classmethod
    def _is_a_safe_address(cls, value: str | None) -> str | None:
        return safe_address(value) if value else None

    @field_validator("oidc_client_secret")
    @classmethod
    def _all_three(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        given = (info.data.get("oidc_issuer"), info.data.get("oidc_client_id"), value)
        if any(given) and not all(given):
            raise ValueError("a provider needs issuer, client id and client secret: set all or none")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _asks_who(cls, value: str) -> str:
        if "openid" not in words(value):
            raise ValueError("openid must be among the scopes")
        return " ".join(words(value))

    @field_validator("oidc_algorithms")
    @classmethod
    def _are_signatures(cls, value: str) -> str:
        signatures(value)
        return value

    @field_validator("oidc_role_map")
    @classmethod
    def _roles_for_the_claim(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if bool(value) != bool(info.data.get("oidc_role_claim")):
            raise ValueError("the claim and the map of its values go together: set both or none")
        roles_of(value)
        return value

    @field_validator("password_login")
    @classmethod
    def _somebody_gets_in(cls, value: str, info: ValidationInfo) -> str:
        if value == "admins" and not info.data.get("oidc_issuer"):
            raise ValueError("without a provider (RUTHAN_OIDC_ISSUER) only admins could log in")
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if (self.mail_from is None) != (self.smtp_url is None):
            raise ValueError(f"{PREFIX}SMTP_URL and {PREFIX}MAIL_FROM go together: set both or none")
        return self

    @field_validator("sandbox_database_url")
    @classmethod
    def _is_apart(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value == info.data.get("database_url"):
            raise ValueError("the sandbox needs its own database, not that of the service")
        return value

    def sandbox(self) -> "Settings | None":
        """The settings for sandbox keys, or ``None`` if there is no sandbox.

        It shares no folder with the service: retention would delete files there that its store does not know.
        """
        if self.sandbox_database_url is None:
            return None
        folder = self.batches / "sandbox"
        return self.model_copy(
            update={
                "database_url": self.sandbox_database_url,
                "batches": folder,
                "evidence": folder / "evidence",
                # Not a folder of the backup, which leaves out names with a leading dot.
                "pictures": self.pictures / ".sandbox",
            }
        )

    @property
    def is_sandbox(self) -> bool:
        """Whether these are the sandbox's settings."""
        return self.database_url == self.sandbox_database_url

    def oidc(self) -> OidcOptions | None:
        """Options of the provider, or ``None``."""
        if self.oidc_issuer is None or self.oidc_client_id is None or self.oidc_client_secret is None:
            return None
        return OidcOptions(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret.get_secret_value(),
            name=(self.oidc_name or "").strip(),
            public_url=(self.oidc_public_url or self.public_url or "").rstrip("/"),
            scopes=self.oidc_scopes,
            algorithms=signatures(self.oidc_algorithms),
            create=self.oidc_unknown == "create",
            role_claim=self.oidc_role_claim or "",
            role_map=roles_of(self.oidc_role_map),
            amr=frozenset(words(self.oidc_amr or "")),
            acr=frozenset(words(self.oidc_acr or "")),
            timeout_seconds=self.oidc_timeout_seconds,
        )

    def password_roles(self) -> frozenset[Role]:
        """The roles that may log in with a password."""
        return frozenset({Role.ADMIN}) if self.password_login == "admins" else frozenset(Role)  # noqa: S105

    def totp_roles(self) -> frozenset[Role]:
        """The roles that need a second factor."""
        return _roles(self.require_totp)

    def lockout(self) -> Lockout:
        """The lockout policy after failed logins."""
        return Lockout(
            self.login_failures,
            timedelta(minutes=self.lockout_minutes),
            timedelta(minutes=self.lockout_max_minutes),
        )

    def totp_cipher(self) -> Cipher:
        """Encryption of second factors' secrets; raises :class:`SecretUnusable`."""
        return Cipher(self.secret(), "totp", self._secrets_before())

    def webhook_cipher(self) -> Cipher:
        """Encryption of webhooks' secrets; raises :class:`SecretUnusable`."""
        return Cipher(self.secret(), "webhook", self._secrets_before())

    def _secrets_before(self) -> list[str]:
        before = self.secret_key_before
        return [_checked(before.get_secret_value(), f"{PREFIX}SECRET_KEY_BEFORE")] if before else []

    def secret(self) -> str:
        """Return the configured secret key, else the one in ``secret_file``, generated at first use.

        Raises :class:`SecretUnusable` with a remedy.
        """
        if self.secret_key is not None:
            return _checked(self.secret_key.get_secret_value(), f"{PREFIX}SECRET_KEY")
        try:
            make_folder(self.secret_file.parent)
            _create_once(self.secret_file)
            return _checked(self.secret_file.read_text(encoding="ascii").strip(), str(self.secret_file))
        except (OSError, UnicodeDecodeError) as error:
            raise SecretUnusable(
                f"cannot read or write the secret key in {self.secret_file}: {error}."
                f" Set {PREFIX}SECRET_KEY, or {PREFIX}SECRET_FILE to a file in a writable folder."
            ) from error


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
