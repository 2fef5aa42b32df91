"""The listing of a page is its own product, not another one that the page's data or markup name."""

import json
from collections.abc import Mapping

import pytest

from crawler.pages.saved import NotAProduct, listing_from_html
from labels.schema import Listing

URL = "https://shop.example/product/5"
OWN = {"name": "คอลลาเจน พลัส", "description": "อาหารเสริมคอลลาเจน บำรุงผิวพรรณ วันละเม็ด", "price": 290}
OTHER = {"name": "คอลลาเจน", "description": "รักษามะเร็ง หายขาดใน 7 วัน " * 5, "price": 990}


def json_ld(*nodes: Mapping[str, object]) -> str:
    blocks = json.dumps([{"@type": "Product", **node} for node in nodes], ensure_ascii=False)
    return f'<script type="application/ld+json">{blocks}</script>'


def state(**parts: object) -> str:
    return f"<script>window.__STATE__ = {json.dumps(parts, ensure_ascii=False)}</script>"


def read(body: str, url: str = URL) -> Listing:
    return listing_from_html(f"<meta charset=utf-8>{body}".encode(), url)


@pytest.mark.parametrize("data", ["", json_ld({k: OWN[k] for k in ("name", "description")})])
@pytest.mark.parametrize("key", ["related", "items"])
def test_data_of_a_product_with_a_shorter_name_are_not_the_pages(data: str, key: str) -> None:
    listing = read(f"<h1>{OWN['name']}</h1>{data}{state(**{key: [OTHER]}, product=OWN)}")
    assert (listing.title, listing.price) == (OWN["name"], "290.00")
    assert "หายขาด" not in listing.text


def test_the_data_of_one_other_product_add_nothing_to_the_markups() -> None:
    product = json_ld({"name": OWN["name"], "description": OWN["description"]})
    listing = read(f"<h1>{OWN['name']}</h1>{product}{state(items=[{**OTHER, 'image': '/x.jpg'}])}")
    assert "หายขาด" not in listing.text
    assert (listing.price, listing.images) == (None, [])


def test_the_longest_name_in_a_title_is_the_pages() -> None:
    listing = read(f"<title>{OWN['name']} | ร้าน ก</title>{state(items=[OTHER, OWN])}")
    assert listing.title == OWN["name"]


def test_the_longer_text_of_the_same_product_replaces_the_one_for_search_engines() -> None:
    full = {**OWN, "description": f"{OWN['description']} รักษาเบาหวาน ความดัน ไขมัน ให้หายขาด"}
    for name in (OWN["name"], f"{OWN['name']} แท้ ส่งฟรี", "Collagen Plus"):
        data = json_ld({"name": name, "description": OWN["description"]})
        assert "หายขาด" in read(f"<h1>{name}</h1>{data}{state(product=full)}").text
    data = json_ld({"name": OWN["name"], "description": "ของแท้"})
    assert "หายขาด" in read(f"<h1>{OWN['name']}</h1>{data}{state(product=full)}").text


SHOWN = '<h1>ยา ก</h1><div class="description">ยาดมสมุนไพร หอมเย็น</div><span class="price">฿100</span>'
CURE = {"name": "ยา ข", "description": "รักษามะเร็ง", "offers": {"price": 990}}


@pytest.mark.parametrize(
    "other",
    [
        json_ld(CURE),
        json_ld({**CURE, "url": "https://shop.example/product/6"}),
        "<div class=related><div itemscope itemtype='https://schema.org/Product'><b itemprop=name>ยา ข</b>"
        "<p itemprop=description>รักษามะเร็ง</p></div></div>",
        state(items=[{"name": "ยา ข", "description": OTHER["description"], "price": 990}]),
    ],
)
def test_a_lone_product_that_nothing_on_a_products_page_names_is_not_its_own(other: str) -> None:
    listing = read(f"{SHOWN}{other}")
    assert (listing.title, listing.price) == ("ยา ก", "100")
    assert "มะเร็ง" not in listing.text


@pytest.mark.parametrize(
    "page",
    [
        f"<h1>ร้าน ก ของแท้ราคาถูก</h1><title>ยา ข | ร้าน ก</title>{json_ld(CURE)}",
        f"<h1>ร้าน ก ของแท้ราคาถูก</h1>{json_ld({**CURE, 'url': URL})}",
        f"<h1>ร้าน ก ของแท้ราคาถูก</h1>{json_ld({**CURE, 'offers': {'price': 990, 'url': URL}})}",
        f"<h1>ร้าน ก ของแท้ราคาถูก</h1><h2>ยา ข</h2>{json_ld(CURE)}",
        f"<h1>ร้าน ก ของแท้ราคาถูก</h1>{json_ld(CURE)}",
        f"<h1>ยา (ข)</h1>{json_ld(CURE)}",
        json_ld(CURE),
    ],
)
def test_a_shops_name_or_slogan_as_heading_costs_no_product(page: str) -> None:
    shown = "" if page.endswith(f"ราคาถูก</h1>{json_ld(CURE)}") else '<p class="price">฿990</p>'
    listing = read(page + shown)
    assert listing.title == "ยา ข"
    assert "รักษามะเร็ง" in listing.text


@pytest.mark.parametrize(
    ("heading", "more"),
    [
        ("ไม่พบสินค้า", ""),
        (
            "ไม่พบสินค้า",
            '<meta property="og:type" content="product"><meta property="og:title" content="ไม่พบสินค้า">',
        ),
        ("ไม่พบสินค้า", json_ld(CURE)),
        ("ไม่พบสินค้า", "<div class=related><a href=/product/6>ยา ข ฿990</a></div>"),
        ("ร้าน ก", ""),
        ("ร้าน ก", json_ld(CURE)),
    ],
)
def test_a_page_that_says_that_its_product_is_gone_has_none(heading: str, more: str) -> None:
    with pytest.raises(NotAProduct):
        read(f"<title>{heading}</title><h1>{heading}</h1><p>สินค้านี้ถูกลบแล้ว</p>{more}")


def test_a_heading_about_something_missing_hides_no_products_text() -> None:
    claims = "<p>สมุนไพรต้มรักษามะเร็ง เบาหวาน ความดัน หายขาดใน 7 วัน ไม่ต้องผ่าตัด</p>" * 10
    assert "หายขาด" in read(f"<title>404 Not Found</title>{claims}{json_ld(CURE)}").text
