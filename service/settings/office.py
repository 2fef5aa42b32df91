"""Settings for what the office sends and publishes."""

import re
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from service.settings.group import PREFIX, Group, is_limit, is_safe_address
from service.store.trusted_time.authority import Authorities

_ADDRESS = re.compile(r"[^\s<>()\",;:@]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


class Referral(Group):
    """The letters to agencies."""

    prefix: str = Field("รท", max_length=40, description="prefix of the numbers of referrals")
    templates: Path | None = Field(
        None, description="folder of custom templates of letters, overriding the shipped ones"
    )


class Alert(Group):
    """The public alerts."""

    prefix: str = Field("ปต", max_length=40, description="prefix of the numbers of public alerts")
    url: str | None = Field(None, description="public base URL of the alerts, for their feeds")

    _url = field_validator("url")(is_safe_address)


class Notice(Group):
    """The takedown notices."""

    redress: str | None = Field(
        None, max_length=4000, description="how to appeal against a decision, for takedown notices"
    )


class Mail(Group):
    """The e-mails to complainants."""

    smtp_url: SecretStr | None = Field(
        None, description="mail server for answers to complainants, smtp:// or smtps://"
    )
    sender: str | None = Field(None, description="the office's e-mail address for these answers")

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

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError("write an e-mail address alone, such as office@example.go.th")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.sender is None) != (self.smtp_url is None):
            raise ValueError(f"{PREFIX}MAIL_SMTP_URL and {PREFIX}MAIL_SENDER go together: set both or none")
        return self


class Complaint(Group):
    """The public complaint form."""

    form: bool = Field(True, description="whether the public complaint form is enabled")
    rate_limit: str = Field(
        "5/minute;50/day", description="rate limit of the complaint form per browser; no limit if empty"
    )
    repeat_limit: str = Field(
        "20/hour", description="rate limit of complaints with the same words; no limit if empty"
    )
    address_limit: str = Field(
        "300/hour", description="rate limit of the complaint form per address; no limit if empty"
    )

    _limits = field_validator("rate_limit", "repeat_limit", "address_limit")(is_limit)


class Check(Group):
    """The public page for checking drafts."""

    page: bool = Field(True, description="whether the public page for checking drafts is enabled")
    rate_limit: str = Field(
        "20/minute;500/day", description="rate limit of that page per address; no limit if empty"
    )

    _limit = field_validator("rate_limit")(is_limit)


class Webhook(Group):
    """The deliveries to webhooks."""

    timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="how long a webhook may take to answer, in all"
    )
    retry_seconds: float = Field(
        5.0, gt=0, le=3600, description="pause after the first failure; each further one doubles it"
    )
    give_up_hours: float = Field(
        72.0, gt=0, le=24 * 30, description="a webhook that fails for so long is disabled"
    )
    allow_loopback: bool = Field(
        False, description="allow webhooks to this machine, also without HTTPS: for development"
    )


class Timestamp(Group):
    """The time stamps."""

    authorities: Authorities = Field(
        [], description="time stamp authorities for the audit trail and the evidence (RFC 3161)"
    )
    minutes: float = Field(
        60.0, gt=0, le=7 * 24 * 60, description="how often the audit trail is stamped, if it has new entries"
    )
    timeout_seconds: float = Field(
        20.0, gt=0, le=120, description="how long an answer of an authority may take"
    )
