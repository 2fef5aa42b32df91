"""Counts listings with a watched phrase, as an indication during a crawl, not a verdict."""

from typing import Any, Self

from scrapy.crawler import Crawler

from crawler.pages.shown.told import is_flagged


class FirstSign:
    """Item pipeline that counts ``ruthan/flagged``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        listing = getattr(item, "listing", None)
        if listing is not None and is_flagged(listing.text):
            assert self.crawler.stats is not None
            self.crawler.stats.inc_value("ruthan/flagged")
        return item
