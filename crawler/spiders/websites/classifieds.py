"""Spider for classifieds such as Kaidee: finds adverts by sitemap and the site's own lists."""

from typing import Any

from crawler.plan.watches import ClassifiedsWatch
from crawler.spiders.websites.shop import ShopSpider
from labels.taxonomy import Platform


class ClassifiedsSpider(ShopSpider):
    """Treats adverts as product pages of many sellers."""

    name = "classifieds"
    platform = Platform.CLASSIFIEDS

    def __init__(self, watch: ClassifiedsWatch, **kwargs: Any) -> None:
        super().__init__(urls=watch.urls, only=watch.only, **kwargs)
