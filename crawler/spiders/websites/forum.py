"""Spider for public forums such as Pantip: finds topics by sitemap and the forum's own lists."""

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Response, TextResponse

from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.topic import TOPIC_PATH, ForumTopicPage
from crawler.pipeline.deposit import Collected
from crawler.pipeline.mapping import listing_from_post
from crawler.plan.watches import ForumWatch
from crawler.site import holds_any
from crawler.spiders.websites.site import ITEM, NEXT, OTHER, SiteSpider


class ForumSpider(SiteSpider):
    """Follows lists to topics, and no links from topics."""

    name = "forum"

    def __init__(self, watch: ForumWatch, **kwargs: Any) -> None:
        super().__init__(urls=watch.urls, **kwargs)
        self.watch = watch

    async def parse(
        self, response: Response, page: ForumTopicPage, links: ShopNavigationPage
    ) -> AsyncIterator[Any]:
        self.count("pages")
        if not isinstance(response, TextResponse):
            return
        try:
            if (onward := self.led_on(response, page.document)) and page.topic is None:
                yield onward
                return
            is_list = response.url in self.start_pages and not page.is_topic_address
            if not is_list and self.is_wanted(response.url) and (topic := page.topic):
                assert response.request is not None
                yield Collected(listing_from_post(topic, url=response.url), response.request)
        except Exception as error:
            # A page that our own parser fails on must not affect the others.
            self.logger.exception("cannot read %s", response.url)
            self.note_failure(response.url, f"cannot be read as a topic: {error}")
        if page.is_topic_address:
            return
        named = [*links.products, *links.others]
        found = [(url, ITEM) for url in named if TOPIC_PATH.search(url) and self.is_wanted(url)]
        if links.next_page:
            found.append((links.next_page, NEXT))
        for request in self.onward(response, found):
            yield request

    def sitemap_priority(self, url: str) -> int:
        return ITEM if TOPIC_PATH.search(url) and self.is_wanted(url) else OTHER

    def is_wanted(self, url: str) -> bool:
        """Whether the plan wants the topic at this address."""
        return not self.watch.only or holds_any(url, self.watch.only)
