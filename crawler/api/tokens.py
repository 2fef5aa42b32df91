"""URLs and tokens of the platforms' APIs, from the environment."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crawler.middleware.secrets import conceal

Address = Annotated[str, AfterValidator(lambda url: url.rstrip("/"))]


class ApiOptions(BaseSettings):
    """A platform's settings; each is read from ``RUTHAN_<PLATFORM>_<NAME>``."""

    model_config = SettingsConfigDict(extra="ignore")

    needed: ClassVar[tuple[str, ...]] = ()
    """Fields without which no request can be sent."""
    guide: ClassVar[str] = "docs/crawler/access.md"
    """Document that explains how to get them."""

    api_url: Address

    def secret(self, field: str) -> str:
        """Return a field's value, empty if unset; secrets are redacted from logs and evidence."""
        value: SecretStr | str | None = getattr(self, field)
        if not isinstance(value, SecretStr):
            return (value or "").strip()  # an identifier, which may be seen
        text = value.get_secret_value().strip()
        if text:
            conceal(text)
        return text

    def lacking(self) -> str:
        """Return a sentence naming the required variables that are not set; empty if all are."""
        prefix = self.model_config.get("env_prefix", "")
        names = [f"{prefix}{x}".upper() for x in self.needed if not self.secret(x)]
        if not names:
            return ""
        return f"{' and '.join(names)} not set: {self.guide} says how to get access"


class MetaOptions(ApiOptions):
    """Facebook, Instagram and the Ad Library: one Graph API, one token."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_META_", extra="ignore")

    needed = ("token",)

    token: SecretStr | None = None
    api_url: Address = "https://graph.facebook.com"
    api_version: str = Field(default="v24.0", pattern=r"^v\d+\.\d+$")
    instagram_user: str = Field(default="", description="id of your own Instagram business account")


class YoutubeOptions(ApiOptions):
    """YouTube Data API v3."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_YOUTUBE_", extra="ignore")

    needed = ("key",)

    key: SecretStr | None = None
    api_url: Address = "https://www.googleapis.com"


class XOptions(ApiOptions):
    """X API v2."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_X_", extra="ignore")

    needed = ("token",)

    token: SecretStr | None = None
    api_url: Address = "https://api.x.com"


class TiktokOptions(ApiOptions):
    """TikTok's Research and Commercial Content APIs."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_TIKTOK_", extra="ignore")

    needed = ("client_key", "client_secret")

    client_key: SecretStr | None = None
    client_secret: SecretStr | None = None
    api_url: Address = "https://open.tiktokapis.com"


class OpenPlatformOptions(ApiOptions):
    """Settings of a platform on which shops authorize us."""

    guide = "docs/crawler/open-platforms.md"

    @property
    def token_url(self) -> str:
        """URL of the token endpoint."""
        return self.api_url


class ApplicationOptions(OpenPlatformOptions):
    """Settings of an application with key and secret and a separate token endpoint."""

    needed = ("app_key", "app_secret")

    app_key: str = Field(default="", description="an identifier, which the authorization link shows")
    app_secret: SecretStr | None = None
    auth_url: Address

    @property
    def token_url(self) -> str:
        return self.auth_url


class ShopeeOptions(OpenPlatformOptions):
    """Shopee's Open Platform: the application that shops authorize."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_SHOPEE_", extra="ignore")

    needed = ("partner_id", "partner_key")

    partner_id: str = Field(default="", pattern=r"^\d*$")
    partner_key: SecretStr | None = None
    api_url: Address = "https://partner.shopeemobile.com"


class LazadaOptions(ApplicationOptions):
    """Lazada's Open Platform: the application that shops authorize."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_LAZADA_", extra="ignore")

    api_url: Address = "https://api.lazada.co.th/rest"
    auth_url: Address = "https://auth.lazada.com/rest"


class TiktokShopOptions(ApplicationOptions):
    """TikTok Shop's Open API: the application that shops authorize."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_TIKTOK_SHOP_", extra="ignore")

    api_url: Address = "https://open-api.tiktokglobalshop.com"
    auth_url: Address = "https://auth.tiktok-shops.com"


class LineShoppingOptions(OpenPlatformOptions):
    """LINE SHOPPING's open API (MyShop); each shop issues its own key."""

    model_config = SettingsConfigDict(env_prefix="RUTHAN_LINE_SHOPPING_", extra="ignore")

    api_url: Address = "https://developers-oaplus.line.biz"
