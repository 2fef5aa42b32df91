import pytest
from andi import Plan
from scrapy import Request
from scrapy.utils.test import get_crawler
from web_poet import ApplyRule

from crawler.middleware.injection import PlannedInjection
from crawler.pages.document import PageDocument
from crawler.pages.product import ShopProductPage
from crawler.spiders.websites.shop import ShopSpider


class OtherPage(ShopProductPage):
    """What another shop's pages are read by."""


def classes(plan: Plan) -> set[object]:
    return {step for step, _ in plan.dependencies}


@pytest.fixture
def spider() -> ShopSpider:
    return ShopSpider(urls=["http://shop.example/"])


def test_a_plan_is_made_once_and_each_address_has_its_page_objects(spider: ShopSpider) -> None:
    rules = [ApplyRule("other.example", use=OtherPage, instead_of=ShopProductPage)]
    crawler = get_crawler(ShopSpider, {"SCRAPY_POET_RULES": rules})
    crawler.spider = spider
    injector = PlannedInjection.from_crawler(crawler).injector
    first = injector.build_plan(spider.page("http://shop.example/1"))
    assert injector.build_plan(spider.page("http://shop.example/2")) is first
    other = injector.build_plan(spider.page("http://other.example/1"))
    assert injector.build_plan(spider.page("http://other.example/2")) is other
    assert {ShopProductPage, PageDocument} <= classes(first)
    assert OtherPage in classes(other)
    assert ShopProductPage not in classes(other)


def test_functions_made_for_one_request_are_not_kept(spider: ShopSpider) -> None:
    crawler = get_crawler(ShopSpider)
    crawler.spider = spider
    injector = PlannedInjection.from_crawler(crawler).injector

    def callback(response: object, page: ShopProductPage) -> None:
        return None

    request = Request("http://shop.example/1", callback)
    assert ShopProductPage in classes(injector.build_plan(request))
    assert injector.build_plan(request) is not injector.build_plan(request)
