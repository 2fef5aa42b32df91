from web_poet import HttpResponse

from crawler.pages.document import PageDocument
from crawler.pages.navigation import ShopNavigationPage
from crawler.pages.saved import completed

PAGE = """<html><head><title>t</title><script type="application/ld+json">
{"@type":"ItemList","itemListElement":[{"@type":"ListItem","position":1,"url":"/listed"}]}</script></head><body>
<h1>ชา</h1><a href="/product/a?utm_source=x#top">a</a><a href="/product/a">a again</a>
<div class="product-card"><a href="/khing">card</a></div>
<a href="/category/tea">tea</a><a href="?page=2">ถัดไป</a><a href="/cart">cart</a>
<a href="/x?add-to-cart=5">buy</a>
<a href="/pic.jpg">pic</a><a href="https://other.example/product/z">other</a><a href="javascript:x()">js</a>
<a href="mailto:a@b.example">m</a><a href="http://[bad">bad</a><a rel="nofollow" href="/secret">no</a>
<a href="https://www.shop.example/about">about</a></body></html>"""


def test_links_are_sorted_into_products_next_page_and_the_rest() -> None:
    response = HttpResponse("https://shop.example/category/drinks", body=PAGE.encode())
    page = ShopNavigationPage(response=response, document=PageDocument(response))
    item = completed(page.to_item())
    base = "https://shop.example"
    assert [x.url for x in item.items or []] == [f"{base}/listed", f"{base}/product/a", f"{base}/khing"]
    assert item.nextPage is not None
    assert item.nextPage.url == f"{base}/category/drinks?page=2"
    assert [x.url for x in item.subCategories or []] == [
        f"{base}/category/tea",
        "https://www.shop.example/about",
    ]
    assert item.categoryName == "ชา"
