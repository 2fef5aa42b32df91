"""Counts listings with a watched phrase, as an indication during a crawl, not a verdict."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Self

from scrapy.crawler import Crawler

from crawler.pages.plain_text import squash
from labels.guidance.phrases import phrases

_SHORTEST = 5


@cache
def _named_phrases() -> tuple[str, ...]:
    texts = (squash(x) for phrase in phrases() for x in phrase.texts if "…" not in x)
    return tuple(dict.fromkeys(x for x in texts if len(x) >= _SHORTEST))


def is_flagged(text: str, terms: Iterable[str] = ()) -> bool:
    """Whether a text contains a phrase that regulators list as prohibited, or one of these terms."""
    read = squash(text)
    return any(x in read for x in _named_phrases()) or any(squash(x) in read for x in terms)


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
