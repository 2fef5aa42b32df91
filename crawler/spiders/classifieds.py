"""The spider for classifieds such as Kaidee: adverts by sitemap and by the site's own lists."""

from typing import Any

from crawler.plan.watches import ClassifiedsWatch
from crawler.spiders.shop import ShopSpider
from labels.taxonomy import Platform


class ClassifiedsSpider(ShopSpider):
    """Adverts are product pages of many sellers."""

    name = "classifieds"
    platform = Platform.CLASSIFIEDS

    def __init__(self, watch: ClassifiedsWatch, **kwargs: Any) -> None:
        super().__init__(urls=watch.urls, only=watch.only, **kwargs)
