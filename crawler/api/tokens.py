"""Addresses and tokens of the platforms' APIs, from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crawler.secrets import conceal


class ApiOptions(BaseSettings):
    """A platform's settings; each is read from ``RUTHAN_<PLATFORM>_<NAME>``."""

    model_config = SettingsConfigDict(extra="ignore")

    def secret(self, field: str) -> str:
        """The value of a field, empty when not set; a secret's is kept out of logs and evidence."""
        value: SecretStr | str | None = getattr(self, field)
        if not isinstance(value, SecretStr):
            return (value or "").strip()  # an identifier, which may be seen
        text = value.get_secret_value().strip()
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


class ShopeeOptions(ApiOptions):
    """Shopee's Open Platform: the application that shops authorize."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_SHOPEE_", extra="ignore")

    partner_id: str = Field(default="", pattern=r"^\d*$")
    partner_key: SecretStr | None = None
    api_url: str = "https://partner.shopeemobile.com"


class LazadaOptions(ApiOptions):
    """Lazada's Open Platform: the application that shops authorize."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_LAZADA_", extra="ignore")

    app_key: str = Field(default="", description="an identifier, which the authorization link shows")
    app_secret: SecretStr | None = None
    api_url: str = "https://api.lazada.co.th/rest"
    auth_url: str = "https://auth.lazada.com/rest"


class TiktokShopOptions(ApiOptions):
    """TikTok Shop's Open API: the application that shops authorize."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_TIKTOK_SHOP_", extra="ignore")

    app_key: str = Field(default="", description="an identifier, which the authorization link shows")
    app_secret: SecretStr | None = None
    api_url: str = "https://open-api.tiktokglobalshop.com"
    auth_url: str = "https://auth.tiktok-shops.com"


class LineShoppingOptions(ApiOptions):
    """LINE SHOPPING's open API (MyShop); each shop gives a key of its own."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_LINE_SHOPPING_", extra="ignore")

    api_url: str = "https://developers-oaplus.line.biz"
