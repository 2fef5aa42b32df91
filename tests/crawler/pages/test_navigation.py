import pytest
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


def followed(href: str) -> bool:
    page = f"<meta charset=utf-8><h1>ชา</h1><a href='{href}'>ชาขิง</a>".encode()
    response = HttpResponse("https://shop.example/", body=page)
    links = ShopNavigationPage(response=response, document=PageDocument(response))
    return bool(links.products or links.others)


@pytest.mark.parametrize(
    "href",
    [
        "/index.php?option=com_virtuemart&view=productdetails&virtuemart_product_id=5",
        "/index.php?option=com_virtuemart&view=category&virtuemart_category_id=2",
        "/product.php?action=show&id=5",
        "/index.php?action=product_detail&id=5",
        "/index.php?action=list&view=product",
    ],
)
def test_pages_that_a_script_shows_are_followed(href: str) -> None:
    assert followed(href)


@pytest.mark.parametrize(
    "href",
    [
        "/tea?view=grid", "/tea?view=list", "/tea?a=1&view=LIST", "/tea?view=24", "/tea?view=all", "/?view=cart",
        "/?option=com_users&view=registration", "/p.php?action=add&id=5", "/p.php?action=add_to_cart",
        "/p.php?action=buy_now&id=5", "/p.php?action=remove", "/p.php?id=5&action=addcart", "/?action=logout",
        "/?action=yith-woocompare-add-product&id=5", "/?action=lostpassword", "/?action=cart_update",
    ],
)  # fmt: skip
def test_acts_and_other_displays_of_a_list_are_not_followed(href: str) -> None:
    assert not followed(href)
