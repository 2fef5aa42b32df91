"""Addresses and tokens of the platforms' APIs, from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crawler.secrets import conceal


class ApiOptions(BaseSettings):
    """A platform's settings; each is read from ``RUTHAN_<PLATFORM>_<NAME>``."""

    model_config = SettingsConfigDict(extra="ignore")

    def secret(self, field: str) -> str:
        """The value of a secret, kept from now on out of logs and evidence; empty when it is not set."""
        value: SecretStr | None = getattr(self, field)
        text = value.get_secret_value().strip() if value else ""
        if text:
            conceal(text)
        return text

    def lacking(self, *fields: str) -> str:
        """Which variables are not set, as a sentence; empty when all are."""
        prefix = self.model_config.get("env_prefix", "")
        names = [f"{prefix}{x}".upper() for x in fields if not self.secret(x)]
        if not names:
            return ""
        return f"{' and '.join(names)} not set: docs/crawler/access.md says how to get access"


class MetaOptions(ApiOptions):
    """Facebook, Instagram and the Ad Library: one Graph API, one token."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_META_", extra="ignore")

    token: SecretStr | None = None
    api_url: str = "https://graph.facebook.com"
    api_version: str = Field(default="v24.0", pattern=r"^v\d+\.\d+$")
    instagram_user: str = Field(default="", description="id of your own Instagram business account")


class YoutubeOptions(ApiOptions):
    """YouTube Data API v3."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_YOUTUBE_", extra="ignore")

    key: SecretStr | None = None
    api_url: str = "https://www.googleapis.com"


class XOptions(ApiOptions):
    """X API v2."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_X_", extra="ignore")

    token: SecretStr | None = None
    api_url: str = "https://api.x.com"


class TiktokOptions(ApiOptions):
    """TikTok's Research and Commercial Content APIs."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_TIKTOK_", extra="ignore")

    client_key: SecretStr | None = None
    client_secret: SecretStr | None = None
    api_url: str = "https://open.tiktokapis.com"
