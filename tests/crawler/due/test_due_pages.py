"""What a visit to a known listing's page concludes from the page that it gets."""

import asyncio
from typing import Any

from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import HtmlResponse, Request
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure
from web_poet import HttpResponse

from crawler.middleware.limits import BudgetSpent, NotAsked
from crawler.pages.document import PageDocument
from crawler.pages.product import ShopProductPage
from crawler.pipeline.absent import REFRESHED, STATED, TARGET, Absent
from crawler.spiders.due import DueSpider
from tests.helpers.every import every

URL = "https://shop.example/product/1"


def outcome(body: str, url: str = URL, **meta: Any) -> Absent:
    item = visited(body, url, **meta)
    assert isinstance(item, Absent)
    return item


def visited(body: str, url: str = URL, **meta: Any) -> Any:
    content = f"<html><head><meta charset=utf-8><title>ร้าน</title></head><body>{body}</body></html>".encode()
    spider = DueSpider.from_crawler(get_crawler(DueSpider))
    response = HtmlResponse(url, body=content, request=Request(url, meta={TARGET: ["1", "crawl"], **meta}))
    read = HttpResponse(url, body=content)
    page = ShopProductPage(response=read, document=PageDocument(read))

    async def visit() -> list[Any]:
        return [item async for item in spider.parse(response, page)]

    (item,) = asyncio.run(visit())
    return item


NOT_GONE = (
    "<div id=app></div><div class=cart hidden>ไม่พบสินค้าในตะกร้า</div>",
    "<p>ระบบขัดข้อง ไม่พบข้อมูล กรุณาลองใหม่อีกครั้ง</p>",
    "<p>You have been rate limited. Page not found in cache</p>",
    "<main><h2>สมาชิก</h2><form><input name=u><input type=password></form></main>"
    "<footer>ไม่พบสินค้าที่ต้องการ? ติดต่อเรา</footer>",
    "<p>Your IP has been blocked. This page was removed for your region</p>",
    "<h1>This product is no longer available in your region</h1>",
)


def test_a_page_that_failed_to_draw_or_lets_only_some_in_is_not_gone() -> None:
    every(((body,) for body in NOT_GONE), uncertain)


def uncertain(body: str) -> None:
    assert not outcome(body).certain


def test_a_page_that_says_so_is_gone() -> None:
    assert outcome("<h1>ไม่พบสินค้าที่ท่านต้องการ</h1>").certain
    assert outcome("<div><p>สินค้านี้ถูกลบโดยผู้ขายแล้ว</p></div>").certain


def test_a_page_that_redirects_by_itself_is_not_gone_whatever_the_target_says() -> None:
    met = {"redirect_urls": [URL], "redirect_reasons": [REFRESHED]}
    assert not outcome("<h1>ไม่พบสินค้า</h1>", "https://shop.example/none", **met).certain
    assert outcome(
        "<h1>ไม่พบสินค้า</h1>", "https://shop.example/none", redirect_urls=[URL], redirect_reasons=[302]
    ).certain


RECOMMENDED = (
    '<script type="application/ld+json">{"@type":"Product","name":"ยา ข","description":"รักษามะเร็ง"}</script>'
)
OPEN_GRAPH = '<meta property="og:type" content="product"><meta property="og:title" content="ไม่พบสินค้า">'


def test_a_page_that_says_so_is_gone_whatever_its_template_or_a_recommendation_names() -> None:
    for more in ("", OPEN_GRAPH, RECOMMENDED, OPEN_GRAPH + RECOMMENDED):
        assert outcome(f"<h1>ไม่พบสินค้า</h1><p>สินค้านี้ถูกลบแล้ว</p>{more}").certain
    assert outcome(f"<h1>ร้าน ก</h1><p>สินค้านี้ถูกลบแล้ว</p>{RECOMMENDED}").certain


def test_a_listing_keeps_its_address_whatever_canonical_one_its_page_declares() -> None:
    url = f"{URL}?id=7"
    product = "<h1>ชาขิง</h1><p>ราคา 99 บาท</p><button>เพิ่มลงตะกร้า</button>"
    item = visited(f'<link rel="canonical" href="{URL}">{product}', url)
    assert (item.listing.id, item.listing.url) == ("1", url)


UNANSWERED = (
    # What the declared address did; whether a certain absence, and an uncertain one, is recorded then.
    (CannotResolveHostError(), True, True),
    (IgnoreRequest("Forbidden by robots.txt"), True, True),
    (NotAsked("it is on the stop list"), True, True),
    (DownloadTimeoutError(), False, True),
    (BudgetSpent("the daily budget is spent"), False, False),
)


def test_what_was_found_where_a_page_was_fetched_outlives_a_declared_address_that_does_not_answer() -> None:
    def recorded(error: Exception, *expected: bool) -> None:
        for certain, is_recorded in zip((True, False), expected, strict=True):
            spider = DueSpider.from_crawler(get_crawler(DueSpider))
            failure = Failure(error)
            stated = [f"{URL}?id=7", "HTTP 404", certain, {}]
            failure.request = Request(URL, meta={TARGET: ["1", "crawl"], STATED: stated})  # type: ignore[attr-defined]
            found = [(x.external_id, x.how, x.certain) for x in spider.failed(failure)]
            assert found == ([("1", "HTTP 404", certain)] if is_recorded else [])

    every(UNANSWERED, recorded)
