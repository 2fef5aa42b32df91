"""Large sitemaps: what is left out is said, and nothing about them is silent."""

import gzip
from typing import Any

from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from crawler.spiders.websites.shop import ShopSpider
from crawler.spiders.websites.site import MAX_SITEMAP_URLS

SITEMAP = "https://shop.example/sitemap.xml"


def read(body: bytes, **settings: Any) -> tuple[ShopSpider, list[str]]:
    crawler = get_crawler(ShopSpider, settings_dict={"DOWNLOAD_MAXSIZE": 8_000_000, **settings})
    spider = ShopSpider.from_crawler(crawler, urls="https://shop.example/")
    response = Response(SITEMAP, body=body, request=Request(SITEMAP))
    return spider, [request.url for request in spider.parse_sitemap(response)]


def sitemap(addresses: int, filler: str = "") -> bytes:
    each = (f"<url><loc>https://shop.example/product/{n}</loc>{filler}</url>" for n in range(addresses))
    return f"<urlset>{''.join(each)}</urlset>".encode()


def test_a_sitemap_beyond_the_limit_is_reported_as_not_wholly_read() -> None:
    spider, found = read(sitemap(MAX_SITEMAP_URLS + 10))
    assert len(found) == MAX_SITEMAP_URLS
    assert list(spider.not_wholly_read) == [SITEMAP]
    spider, found = read(sitemap(MAX_SITEMAP_URLS))
    assert (len(found), spider.not_wholly_read) == (MAX_SITEMAP_URLS, {})


def test_a_compressed_sitemap_is_read_as_far_as_it_may_unpack() -> None:
    packed = gzip.compress(sitemap(4_000, "<image>ก</image>" * 20))
    spider, found = read(packed, DOWNLOAD_MAXSIZE=1_000_000)
    assert 1_000 < len(found) < 4_000
    assert list(spider.not_wholly_read) == [SITEMAP]
    spider, found = read(packed)
    assert (len(found), spider.not_wholly_read) == (4_000, {})


def test_a_compressed_sitemap_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    packed = gzip.compress(sitemap(4_000))
    spider, found = read(packed[: len(packed) // 2])
    assert 1_000 < len(found) < 4_000
    assert spider.failures == []
    spider, found = read(packed[:10])
    assert found == []
    assert [what for what, _ in spider.failures] == [SITEMAP]
