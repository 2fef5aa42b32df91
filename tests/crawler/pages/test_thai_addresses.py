"""Addresses are percent-encoded when fetched; what is written in Thai matches them all the same."""

import pytest
from scrapy import Request
from scrapy.http import Response
from web_poet import HttpResponse

from crawler.pages.document import PageDocument
from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.visible import visible_facts
from crawler.plan.watches import ClassifiedsWatch, ForumWatch
from crawler.site import clean_url
from crawler.spiders.websites.classifieds import ClassifiedsSpider
from crawler.spiders.websites.forum import ForumSpider
from crawler.spiders.websites.shop import ShopSpider
from crawler.spiders.websites.site import ITEM, OTHER

PRODUCTS = [
    "https://shop.example/product/abc",
    "https://shop.example/product/abc/",
    "https://shop.example/สินค้า/abc",
    "https://shop.example/สินค้า/ยาดม/",
    "https://ร้าน.ไทย/สินค้า/ยาดม?id=5",
]


def fetched(url: str) -> str:
    cleaned = clean_url(url)
    assert cleaned is not None
    assert cleaned.isascii()
    return cleaned


@pytest.mark.parametrize("url", PRODUCTS)
def test_a_page_at_a_products_address_is_one(url: str) -> None:
    page = "<meta charset=utf-8><h1>ยาดม</h1><p class=price>39 บาท</p>".encode()
    facts = visible_facts(PageDocument(HttpResponse(fetched(url), body=page)))
    assert facts is not None
    assert facts.price == "39"
    assert ShopSpider(urls=url).sitemap_priority(fetched(url)) == ITEM


@pytest.mark.parametrize("url", PRODUCTS)
def test_a_link_to_a_products_address_is_one(url: str) -> None:
    page = f"<meta charset=utf-8><a href='{url}'>ยาดม</a>".encode()
    response = HttpResponse(fetched("/".join([*url.split("/")[:3], ""])), body=page)
    assert ShopNavigationPage(response=response, document=PageDocument(response)).products == [fetched(url)]


def test_a_list_of_products_is_none() -> None:
    for path in ("สินค้า/", "สินค้า/?page=2", "สินค้าใหม่/abc", "products/", "products/?orderby=price", ""):
        url = f"https://shop.example/{path}"
        assert ShopSpider(urls=url).sitemap_priority(fetched(url)) == OTHER


@pytest.mark.parametrize("part", ["สินค้า", fetched("https://shop.example/สินค้า")[21:], "/สินค้า/ยา"])
def test_a_plan_names_parts_of_addresses_in_thai(part: str) -> None:
    urls = ["https://shop.example/"]
    forum = ForumSpider(ForumWatch(source="forum", urls=urls, only=[part]))
    adverts = ClassifiedsSpider(ClassifiedsWatch(source="classifieds", urls=urls, only=[part]))
    for spider in (forum, adverts):
        assert spider.is_wanted(fetched("https://shop.example/สินค้า/ยาดม"))
        assert not spider.is_wanted(fetched("https://shop.example/ข่าว/ยาดม"))


def test_a_sitemap_may_name_the_host_in_thai() -> None:
    spider = ShopSpider(urls="https://ร้าน.ไทย/")
    body = "<urlset><url><loc>https://ร้าน.ไทย/สินค้า/ยาดม</loc></url></urlset>".encode()
    address = "https://xn--q3ct9b5e.xn--o3cw4h/sitemap.xml"
    response = Response(address, body=body, request=Request(address))
    found = list(spider.parse_sitemap(response))
    assert [x.url for x in found] == [fetched("https://ร้าน.ไทย/สินค้า/ยาดม")]
    assert not spider.is_ours("https://other.example/")
    assert not spider.is_ours("no address")


def test_an_old_shops_links_are_sent_in_its_own_encoding() -> None:
    names = {"ครีม": "%A4%C3%D5%C1", "ยาดี": "%C2%D2%B4%D5"}
    links = "".join(f"<a href='/product.php?name={name}'>ก</a>" for name in [*names, *names.values()])
    meta = "<meta http-equiv=Content-Type content='text/html; charset=tis-620'>"
    page = f"{meta}<link rel=canonical href='/list.php?name=ครีม'>{links}".encode("cp874")
    response = HttpResponse("http://shop.example/", body=page)
    document = PageDocument(response)
    assert ShopNavigationPage(response=response, document=document).products == [
        f"http://shop.example/product.php?name={each}" for each in names.values()
    ]
    assert document.canonical == "http://shop.example/list.php?name=%A4%C3%D5%C1"


@pytest.mark.parametrize("target", ["/list.php?name=ครีม&page=2", "?q=ยาดี", "/ยา?q=%A4%C3"])
def test_an_old_shops_refresh_leads_where_its_link_does(target: str) -> None:
    meta = "<meta http-equiv=Content-Type content='text/html; charset=tis-620'>"
    page = f"{meta}<meta http-equiv=refresh content='5;url={target}'><a href='{target}'>ก</a>".encode("cp874")
    response = HttpResponse("http://shop.example/", body=page)
    document = PageDocument(response)
    assert len(ShopNavigationPage(response=response, document=document).others) == 1


def test_a_refresh_with_a_letter_that_the_encoding_lacks_is_read() -> None:
    page = b"<meta charset=tis-620><meta http-equiv=refresh content='5;url=/l.php?q=&rarr;'>"
    refresh = PageDocument(HttpResponse("http://shop.example/", body=page)).refresh
    assert refresh is not None
    assert refresh.url == "http://shop.example/l.php?q=%E2%86%92"
