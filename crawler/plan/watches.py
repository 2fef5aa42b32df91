"""Models of the sources that a plan can list."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from crawler.expected import Expected


def _matching(pattern: str, told: str) -> AfterValidator:
    """Validate a text against a pattern; ``told`` is the error message."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(told)
        return text

    return AfterValidator(check)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    _matching(r"https?://[^\s/]\S*", "is no address: write it whole, such as https://shop.example/"),
]
Terms = Literal["plan"] | list[Text]
"""Search terms, or ``plan`` for those of the plan."""


def _as_text(value: Any) -> Any:
    """Convert an id that YAML reads as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


ShopId = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(strip_whitespace=True),
    _matching(r"[0-9]{1,30}", "is no shop id: it has digits only, such as 600001"),
]
SellerCode = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(strip_whitespace=True),
    _matching(r"[\w-]{1,60}", "is no id or code of a shop: letters and digits, such as TH1ABCD"),
]
LineAccount = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    _matching(r"@[\w.-]{1,60}", 'is no LINE account: write it with its @ and in quotes, such as "@demo"'),
]


class Watch(BaseModel):
    """Common fields of all sources: a name, and limits."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(
        default=None, description="shown in progress and summary; the source's by default"
    )
    enabled: bool = True
    budget: int | None = Field(default=None, ge=1, description="requests (YouTube: quota units) of one day")
    max_pages: int | None = Field(default=None, ge=1, description="requests of one run")
    list_pages: int | None = Field(default=None, ge=1, description="pages of one list, in one run")
    delay: float | None = Field(default=None, ge=0, description="seconds between requests")
    pictures: bool | None = Field(
        default=None,
        description="also fetch the pictures of its listings, where the source's terms allow",
    )
    expect: Expected | None = Field(default=None, description="what a whole run must bring at least")

    @property
    def label(self) -> str:
        """The name, or the source's."""
        return self.name or str(getattr(self, "source", ""))

    def _needs(self, *fields: str) -> None:
        if not any(getattr(self, x) for x in fields):
            raise ValueError(f"names nothing to watch: give {' or '.join(fields)}")


class ShopWatch(Watch):
    """Shops crawled page by page."""

    source: Literal["shop"]
    urls: list[Url] = []
    pages: list[Url] = Field(default=[], description="single pages, each of which becomes a listing")

    @model_validator(mode="after")
    def _named(self) -> "ShopWatch":
        self._needs("urls", "pages")
        return self


class ShopifyWatch(Watch):
    """Shops on Shopify, by their products.json."""

    source: Literal["shopify"]
    shops: list[Url] = Field(min_length=1)
    collections: list[Text] = Field(default=[], description="handles; none is the whole shop")
    currency: str = Field(default="THB", pattern="^[A-Z]{3}$", description="products.json does not say it")


class WooCommerceWatch(Watch):
    """WordPress shops, by the Store API."""

    source: Literal["woocommerce"]
    shops: list[Url] = Field(min_length=1)


class ShopeeWatch(Watch):
    """Shops on Shopee that authorized us, by the Open Platform."""

    source: Literal["shopee"]
    shops: list[ShopId] = Field(min_length=1, description="shop ids")


class LazadaWatch(Watch):
    """Shops on Lazada that authorized us, by the Open Platform."""

    source: Literal["lazada"]
    shops: list[SellerCode] = Field(min_length=1, description="seller ids or short codes")


class TiktokShopWatch(Watch):
    """TikTok shops that authorized us, by the Open API."""

    source: Literal["tiktok_shop"]
    shops: list[SellerCode] = Field(min_length=1, description="shop ids or codes")


class LineShoppingWatch(Watch):
    """Shops on LINE SHOPPING that gave us a key, by the open API."""

    source: Literal["line_shopping"]
    shops: list[LineAccount] = Field(min_length=1, description="LINE accounts with their @")


class FilesWatch(Watch):
    """Files that people or platforms drop into a folder."""

    source: Literal["files"]
    folder: Text
    origin: Text = Field(default="file", description="stored with each listing: where the files come from")


class FacebookWatch(Watch):
    """Posts of Facebook pages."""

    source: Literal["facebook"]
    pages: list[Text] = Field(min_length=1, description="ids or names")
    comments: Literal["none", "author", "all"] = "author"


class InstagramWatch(Watch):
    """Media of Instagram business accounts, and of hashtags."""

    source: Literal["instagram"]
    accounts: list[Text] = []
    hashtags: list[Text] = []

    @model_validator(mode="after")
    def _named(self) -> "InstagramWatch":
        self._needs("accounts", "hashtags")
        return self


class MetaAdsWatch(Watch):
    """Meta's Ad Library."""

    source: Literal["meta_ads"]
    terms: Terms = []
    pages: list[Text] = []
    countries: list[Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]] = ["TH"]

    @model_validator(mode="after")
    def _named(self) -> "MetaAdsWatch":
        self._needs("terms", "pages")
        return self


class YoutubeWatch(Watch):
    """Videos by search, by channel, or one by one."""

    source: Literal["youtube"]
    terms: Terms = []
    channels: list[Text] = Field(default=[], description="ids (UC…) or handles (@…)")
    videos: list[Text] = []
    comments: Literal["none", "author", "all"] = "none"

    @model_validator(mode="after")
    def _named(self) -> "YoutubeWatch":
        self._needs("terms", "channels", "videos")
        return self


class XWatch(Watch):
    """Posts of the last seven days."""

    source: Literal["x"]
    terms: Terms = []
    accounts: list[Text] = []
    language: str = Field(default="th", pattern="^([a-z]{2,3})?$", description="empty for any")

    @model_validator(mode="after")
    def _named(self) -> "XWatch":
        self._needs("terms", "accounts")
        return self


class TiktokWatch(Watch):
    """Videos by the Research API."""

    source: Literal["tiktok"]
    terms: Terms = []
    accounts: list[Text] = []
    hashtags: list[Text] = []
    region: str = Field(default="TH", pattern="^[A-Z]{2}$")
    days: int = Field(default=7, ge=1, le=30, description="how far back; the API allows 30")

    @model_validator(mode="after")
    def _named(self) -> "TiktokWatch":
        self._needs("terms", "accounts", "hashtags")
        return self


class TiktokAdsWatch(Watch):
    """Adverts by the Commercial Content API."""

    source: Literal["tiktok_ads"]
    terms: Terms = []
    advertisers: list[Text] = Field(default=[], description="business ids")
    country: str = Field(default="ALL", pattern="^([A-Z]{2}|ALL)$")
    days: int = Field(default=30, ge=1, le=365)

    @model_validator(mode="after")
    def _named(self) -> "TiktokAdsWatch":
        self._needs("terms", "advertisers")
        return self


class ForumWatch(Watch):
    """Topics of a public forum."""

    source: Literal["forum"]
    urls: list[Url] = Field(min_length=1)
    only: list[Text] = Field(default=[], description="parts of an address, one of which a topic's must hold")


class ClassifiedsWatch(Watch):
    """Adverts of a classifieds site."""

    source: Literal["classifieds"]
    urls: list[Url] = Field(min_length=1)
    only: list[Text] = Field(
        default=[], description="parts of an address, one of which an advert's must hold"
    )


AnyWatch = Annotated[
    ShopWatch
    | ShopifyWatch
    | WooCommerceWatch
    | ShopeeWatch
    | LazadaWatch
    | TiktokShopWatch
    | LineShoppingWatch
    | FilesWatch
    | FacebookWatch
    | InstagramWatch
    | MetaAdsWatch
    | YoutubeWatch
    | XWatch
    | TiktokWatch
    | TiktokAdsWatch
    | ForumWatch
    | ClassifiedsWatch,
    Field(discriminator="source"),
]
