"""Maps a plan's sources to spiders."""

from collections.abc import Mapping
from typing import Any

from crawler.plan.watches import AnyWatch, ShopWatch
from crawler.spiders.files import FilesSpider
from crawler.spiders.shop_apis.lazada import LazadaSpider
from crawler.spiders.shop_apis.line_shopping import LineShoppingSpider
from crawler.spiders.shop_apis.shopee import ShopeeSpider
from crawler.spiders.shop_apis.shopify import ShopifySpider
from crawler.spiders.shop_apis.tiktok_shop import TiktokShopSpider
from crawler.spiders.shop_apis.woocommerce import WooCommerceSpider
from crawler.spiders.social.facebook import FacebookSpider
from crawler.spiders.social.instagram import InstagramSpider
from crawler.spiders.social.meta_ads import MetaAdsSpider
from crawler.spiders.social.tiktok import TiktokVideoSpider
from crawler.spiders.social.tiktok_ads import TiktokAdsSpider
from crawler.spiders.social.x import XSpider
from crawler.spiders.social.youtube import YoutubeSpider
from crawler.spiders.source import SourceSpider
from crawler.spiders.websites.classifieds import ClassifiedsSpider
from crawler.spiders.websites.forum import ForumSpider
from crawler.spiders.websites.shop import ShopSpider

SPIDERS: Mapping[str, type[SourceSpider]] = {
    spider.name: spider
    for spider in (
        ClassifiedsSpider,
        FacebookSpider,
        FilesSpider,
        ForumSpider,
        InstagramSpider,
        LazadaSpider,
        LineShoppingSpider,
        MetaAdsSpider,
        ShopSpider,
        ShopeeSpider,
        ShopifySpider,
        TiktokAdsSpider,
        TiktokShopSpider,
        TiktokVideoSpider,
        WooCommerceSpider,
        XSpider,
        YoutubeSpider,
    )
}
"""Spiders by the name of their source."""


def arguments_of(watch: AnyWatch) -> dict[str, Any]:
    """Return the arguments for a source's spider."""
    if isinstance(watch, ShopWatch):
        return {"urls": watch.urls, "pages": watch.pages}
    return {"watch": watch}


def would_fetch(watch: AnyWatch) -> list[str]:
    """Describe a source's first requests, one line each; ``!`` marks an obstacle."""
    return SPIDERS[watch.source](**arguments_of(watch)).would_fetch()
