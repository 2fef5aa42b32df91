"""The settings of the service: all groups together."""

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from service.settings.access import Login, Oidc, Review, Secret
from service.settings.group import PREFIX, Group
from service.settings.office import Alert, Check, Complaint, Mail, Notice, Referral, Timestamp, Webhook
from service.settings.old_names import CurrentNames
from service.settings.running import Bounds, Log, Model, Rate, Server, Worker
from service.settings.storage import Batch, Database, Evidence, Pictures, Registry, Retention, Sandbox, Shadow


class Settings(BaseSettings):
    """The settings.  :meth:`of` overrides the environment, which overrides the defaults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, frozen=True, extra="forbid"
    )

    database: Database = Database()
    sandbox: Sandbox = Sandbox()
    model: Model = Model()
    registry: Registry = Registry()
    evidence: Evidence = Evidence()
    pictures: Pictures = Pictures()
    shadow: Shadow = Shadow()
    batch: Batch = Batch()
    retention: Retention = Retention()
    referral: Referral = Referral()
    alert: Alert = Alert()
    notice: Notice = Notice()
    mail: Mail = Mail()
    complaint: Complaint = Complaint()
    check: Check = Check()
    server: Server = Server()
    secret: Secret = Secret()
    login: Login = Login()
    oidc: Oidc = Oidc()
    review: Review = Review()
    max: Bounds = Bounds()
    rate: Rate = Rate()
    worker: Worker = Worker()
    webhook: Webhook = Webhook()
    timestamp: Timestamp = Timestamp()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment under present and old names, and nothing else."""
        return init_settings, CurrentNames(settings_cls)

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """Return validated settings with these values by dotted name, such as ``server.port``."""
        groups: dict[str, dict[str, object]] = {}
        for name, value in values.items():
            group, field = _known(name)
            groups.setdefault(group, {})[field] = value
        return cls.model_validate(groups)

    def changed(self, values: Mapping[str, object]) -> Self:
        """Return a copy with other values by dotted name; they are not validated."""
        groups: dict[str, Group] = {}
        for name, value in values.items():
            group, field = _known(name)
            before: Group = groups.get(group) or getattr(self, group)
            groups[group] = before.model_copy(update={field: value})
        return self.model_copy(update=groups)

    @model_validator(mode="after")
    def _somebody_gets_in(self) -> Self:
        if self.login.passwords == "admins" and not self.oidc.issuer:
            raise ValueError(
                f"{PREFIX}LOGIN_PASSWORDS is admins, but without a provider ({PREFIX}OIDC_ISSUER) only admins"
                " could log in"
            )
        return self

    @model_validator(mode="after")
    def _sandbox_is_apart(self) -> Self:
        if self.sandbox.database_url == self.database.url:
            raise ValueError(
                f"the sandbox needs its own database: {PREFIX}SANDBOX_DATABASE_URL must differ from"
                f" {PREFIX}DATABASE_URL"
            )
        return self

    def for_sandbox(self) -> "Settings | None":
        """The settings for sandbox keys, or ``None`` if there is no sandbox.

        It shares no folder with the service: retention would delete files there that its store does not know.
        """
        if self.sandbox.database_url is None:
            return None
        folder = self.batch.folder / "sandbox"
        return self.changed(
            {
                "database.url": self.sandbox.database_url,
                "batch.folder": folder,
                "evidence.folder": folder / "evidence",
                # Not a folder of the backup, which leaves out names with a leading dot.
                "pictures.folder": self.pictures.folder / ".sandbox",
            }
        )

    @property
    def is_sandbox(self) -> bool:
        """Whether these are the sandbox's settings."""
        return self.database.url == self.sandbox.database_url


def faults_of(error: ValidationError) -> list[tuple[str, str]]:
    """Return the variable and the message of each invalid setting; no variable if it is about several."""
    return [
        (
            _variable(fault["loc"]) if len(fault["loc"]) > 1 else "",
            fault["msg"].removeprefix("Value error, "),
        )
        for fault in error.errors()
    ]


def _variable(location: Sequence[str | int]) -> str:
    """Return the environment variable of a group and a setting in it."""
    return PREFIX + "_".join(str(part) for part in location[:2]).upper()


def variables_of() -> dict[str, FieldInfo]:
    """Return the setting of each environment variable."""
    return {
        _variable((group, name)): field
        for group in Settings.model_fields
        for name, field in _fields(group).items()
    }


def _fields(group: str) -> dict[str, FieldInfo]:
    found: type[Group] = Settings.model_fields[group].annotation  # type: ignore[assignment]
    return found.model_fields


def _known(name: str) -> tuple[str, str]:
    """Return group and field of a dotted name; raises ``KeyError`` for an unknown one."""
    group, _, field = name.partition(".")
    if field not in _fields(group):
        raise KeyError(name)
    return group, field
