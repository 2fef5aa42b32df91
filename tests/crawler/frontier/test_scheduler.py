import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.utils.test import get_crawler

from crawler.frontier import scheduler
from crawler.frontier.scheduler import FrontierScheduler
from crawler.spiders.websites.shop import ShopSpider


def test_requests_beyond_those_held_as_objects_come_back_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "_OBJECTS", 2)
    crawler = get_crawler(ShopSpider, {"RUTHAN_CRAWL_REDIS_URL": ""})
    crawler.engine = cast(Any, SimpleNamespace(_slot=None))  # nothing is under way
    spider = ShopSpider(urls=["http://shop.example/"])
    queue = FrontierScheduler.from_crawler(crawler)
    queue.open(spider)
    pages = [spider.page(f"http://shop.example/{n}", meta={"n": n}) for n in range(5)]
    assert [queue.enqueue_request(page) for page in [*pages, pages[0]]] == [True] * 5 + [False]
    taken = [queue.next_request() for _ in range(6)]
    assert [x.url for x in taken if x] == [x.url for x in pages]
    assert [x.meta["n"] for x in taken if x] == list(range(5))
    assert all(x.callback == spider.parse and x.errback == spider.failed for x in taken if x)
    assert [x is page for x, page in zip(taken, pages, strict=False)] == [True, True, False, False, False]
    assert not queue.has_pending_requests()
    queue.close("finished")


@pytest.mark.needs_redis
def test_a_process_that_was_interrupted_concludes_nothing(redis_url: str) -> None:
    async def crawled(reason: str) -> object:
        crawler = get_crawler(ShopSpider, {"RUTHAN_CRAWL_REDIS_URL": redis_url})
        crawler.engine = cast(Any, SimpleNamespace(_slot=None))
        queue = FrontierScheduler.from_crawler(crawler)
        queue.open(ShopSpider(urls=["http://shop.example/"]))
        queue.close(reason)
        return crawler.stats.get_value(scheduler.OF_ALL)

    assert asyncio.run(crawled("shutdown")) is None
    assert asyncio.run(crawled("finished")) == {}
