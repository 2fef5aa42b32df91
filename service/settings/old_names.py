"""Environment variables under their names before settings had groups: still read, with a notice."""

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from service.settings.group import PREFIX

log = logging.getLogger(__name__)

OLD_NAMES: Final = {
    "BUSY_TIMEOUT_SECONDS": "DATABASE_BUSY_TIMEOUT_SECONDS",
    "BUNDLE": "MODEL_BUNDLE",
    "BUNDLES": "MODEL_BUNDLES",
    "REGISTRY": "REGISTRY_FILE",
    "EVIDENCE": "EVIDENCE_FOLDER",
    "PICTURES": "PICTURES_FOLDER",
    "BLUR_PICTURES": "PICTURES_BLURRED",
    "SHADOW": "SHADOW_FOLDER",
    "PUBLIC_URL": "SERVER_PUBLIC_URL",
    "SMTP_URL": "MAIL_SMTP_URL",
    "MAIL_FROM": "MAIL_SENDER",
    "HOST": "SERVER_HOST",
    "PORT": "SERVER_PORT",
    "SECURE_COOKIES": "LOGIN_SECURE_COOKIES",
    "SESSION_HOURS": "LOGIN_SESSION_HOURS",
    "CASE_LEASE_MINUTES": "REVIEW_CASE_LEASE_MINUTES",
    "SECOND_LOOK_SHARE": "REVIEW_SECOND_LOOK_SHARE",
    "GOLDEN_SHARE": "REVIEW_GOLDEN_SHARE",
    "LOCKOUT_MINUTES": "LOGIN_LOCKOUT_MINUTES",
    "LOCKOUT_MAX_MINUTES": "LOGIN_LOCKOUT_MAX_MINUTES",
    "REQUIRE_TOTP": "LOGIN_REQUIRE_TOTP",
    "PASSWORD_LOGIN": "LOGIN_PASSWORDS",
    "DEVICE": "MODEL_DEVICE",
    "SEEN_BYTES": "MODEL_SEEN_BYTES",
    "ANSWER_SECONDS": "SERVER_ANSWER_SECONDS",
    "DRAIN_SECONDS": "SERVER_DRAIN_SECONDS",
    "SERVE_WORKERS": "SERVER_WORKERS",
    "METRICS": "SERVER_METRICS",
    "BATCHES": "BATCH_FOLDER",
    "UPLOAD_SECONDS": "BATCH_UPLOAD_SECONDS",
    "BODY_SECONDS": "SERVER_BODY_SECONDS",
    "IDLE_SECONDS": "SERVER_IDLE_SECONDS",
    "REDRESS": "NOTICE_REDRESS",
}
"""Old name to new name, both without the prefix."""


class CurrentNames(EnvSettingsSource):
    """The environment with each variable under its present name, and none that is called like a group."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        given = dict(super()._load_env_vars())
        for old, new in OLD_NAMES.items():
            value = given.pop(f"{PREFIX}{old}".lower(), None)
            if value is not None:
                _notice(old, new)
                given.setdefault(f"{PREFIX}{new}".lower(), value)
        # Otherwise RUTHAN_LOG, meant for something else, would be read as a group and stop every command.
        groups = {f"{PREFIX}{group}".lower() for group in self.settings_cls.model_fields}
        return {name: value for name, value in given.items() if name not in groups}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Return the parsed JSON, or the text itself: its validation names the variable, unknown here."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


@cache
def _notice(old: str, new: str) -> None:
    log.warning("%s%s is now called %s%s; the old name is still read", PREFIX, old, PREFIX, new)
