"""What only the page says of its product, and what it says of others."""

import json

import pytest

from crawler.pages.saved import listing_from_html
from tests.growth import LINEAR, growth

URL = "https://shop.example/product/tea"
DATA = {"@type": "Product", "name": "ชาขิง", "description": "ชาหอมอร่อย ชงง่าย", "offers": {"price": "90"}}
CLAIM = "รักษามะเร็งหายขาดใน 7 วัน"
BUY = "<p class=price>90 บาท</p><button>สั่งซื้อ</button>"


def told(body: str) -> str:
    """The description of a page with harmless data."""
    data = f"<script type='application/ld+json'>{json.dumps(DATA, ensure_ascii=False)}</script>"
    page = f"<meta charset=utf-8>{data}<body>{body}</body>"
    return listing_from_html(page.encode(), URL).description or ""


@pytest.mark.parametrize(
    "body",
    [
        f"<div><h1>ชาขิง</h1><p>{CLAIM}</p>{BUY}</div>",
        f"<div><h1>ชาขิง</h1>{BUY}<div><div>{CLAIM}</div></div></div>",
        f"<div><h1>ชาขิง</h1>{BUY}<h2>สรรพคุณ</h2><ul><li>{CLAIM}</li><li>หอม</li></ul></div>",
        f"<main><div><h1>ชาขิง</h1>{BUY}</div><div class=product-description>{CLAIM}</div></main>",
        f"<main><div><h1>ชาขิง</h1>{BUY}</div><div itemprop=description><p>{CLAIM}</p></div></main>",
        f"<div><h1>ชาขิง</h1>{BUY}<svg><title>รูป</title><text>{CLAIM}</text></svg></div>",
        f"<div><h1>ชาขิง</h1>{BUY}<button>{CLAIM}</button></div>",
        f"<div><h1>ชาขิง</h1>{BUY}<select><option>เลือก<option>{CLAIM}</select></div>",
        f"<div><h1>ชาขิง</h1>{BUY}<img src=/a.jpg alt='{CLAIM}'></div>",
        "<div><h1>ชาขิง</h1>" + BUY + "<p>รักษามะ<span hidden>x</span>เร็งหายขาดใน 7 วัน</p></div>",
    ],
)
def test_a_claim_about_the_product_beside_harmless_data_is_read(body: str) -> None:
    assert told(body).split("\n") == ["ชาหอมอร่อย ชงง่าย", CLAIM]


def test_another_description_than_that_of_the_data_is_read_whole() -> None:
    lines = [
        "กล่องนี้มีสามสิบซอง ทุกซองอบแห้งจากขิงแก่ของไร่ตัวอย่าง",
        "ดื่มวันละสองครั้งก่อนอาหาร แล้วจะไม่ต้องไปหาหมออีกเลยตลอดชีวิต",
    ]
    block = "".join(f"<p>{x}</p>" for x in lines)
    body = f"<main><div><h1>ชาขิง</h1>{BUY}</div><div class=description>{block}</div></main>"
    assert told(body).split("\n") == ["ชาหอมอร่อย ชงง่าย", *lines]


CARD = f"<a href=/product/x><img src=/x.jpg></a><p>{CLAIM}</p>"


@pytest.mark.parametrize(
    "beside",
    [
        f"<nav>{CLAIM}</nav>",
        f"<aside>{CLAIM}</aside>",
        f"<footer>{CLAIM}</footer>",
        f"<header>{CLAIM}</header>",
        f"<div class=breadcrumb>{CLAIM}</div>",
        f"<div id=cookie-consent>{CLAIM}</div>",
        f"<div class=footer-slogan>{CLAIM}</div>",
        f"<div class=related-products><p>{CLAIM}</p></div>",
        f"<div class=customer-reviews><p>{CLAIM}</p></div>",
        f"<div class=product-qna><p>{CLAIM}</p></div>",
        f"<a href=/product/x>{CLAIM}</a>",
        f"<a href=/blog/x>{CLAIM}</a>",
        f"<div hidden>{CLAIM}</div>",
        f"<div style='display:none'><p>{CLAIM}</p></div>",
        f"<div>{CARD}</div>",
        f"<div class=one><div>{CARD}</div></div>",
        f"<ul><li>{CARD}</li><li>{CARD}</li></ul>",
        f"<div class=x><a href=/a>ก</a><p>{CLAIM}</p></div><div class=x><a href=/b>ก</a><p>{CLAIM}</p></div>",
        f"<div class=x><p>ครีม</p><b>50 บาท</b><p>{CLAIM}</p></div><div class=x><p>ยา</p><b>60 บาท</b><p>ข</p></div>",
        f"<h2>สินค้าที่เกี่ยวข้อง</h2><div><p>{CLAIM}</p></div>",
        f"<div><h3>ลูกค้าที่ซื้อสินค้านี้ยังซื้อ</h3></div><div><p>{CLAIM}</p></div>",
        f"<section><div class=head><h2>รีวิวจากผู้ซื้อ</h2></div><div><b>สมใจ</b><p>{CLAIM}</p></div></section>",
        f"<section><div><h2>ถาม-ตอบ</h2><p>{CLAIM}</p></div></section>",
        f"<details><summary>คำถามที่พบบ่อย</summary><p>{CLAIM}</p></details>",
        f"<div class=tab-title>ความคิดเห็น</div><div>{CLAIM}</div>",
        f"<h2>Customers also bought</h2><div>{CLAIM}</div>",
        f"<div class=description><a href=/product/x>{CLAIM}</a></div>",
        "<p>ชำระเงินปลอดภัย ส่งไวที่สุด เพียงวันนี้เท่านั้น</p>",
    ],
)
def test_what_the_page_says_of_others_is_not_the_products(beside: str) -> None:
    for body in (
        f"<div><h1>ชาขิง</h1>{BUY}{beside}</div>",
        f"<h1>ชาขิง</h1>{BUY}{beside}",
        f"<main><div><h1>ชาขิง</h1>{BUY}</div>{beside}</main>",
    ):
        assert told(body) == "ชาหอมอร่อย ชงง่าย"


@pytest.mark.parametrize(
    "body",
    [
        f"<main><div><h1>ชาขิง</h1>{BUY}</div><div>{CLAIM}</div></main>",
        f"<h1>ชาขิง</h1>{CLAIM}",
        f"<h1>ชาขิง</h1><h1>ชาอื่น</h1>{BUY}{CLAIM}",
        f"<p class=desc>{CLAIM}</p><p class=desc>ของอื่น</p><div><h1>ชาขิง</h1>{BUY}</div>",
        f"<h1>ชาขิง</h1>{BUY}<p>{CLAIM}</p><p>ดู <a href=/product/x>ของอื่น</a></p>",
    ],
)
def test_what_cannot_be_told_apart_is_left_out(body: str) -> None:
    assert told(body) == "ชาหอมอร่อย ชงง่าย"


@pytest.mark.parametrize(
    "piece", ["<div class=title>รีวิว</div>", "<div class=title>รีวิว<a href=/product/x>ก</a>"]
)
def test_the_work_on_the_region_is_linear(piece: str) -> None:
    def page(size: int) -> str:
        return f"<div><h1>ชาขิง</h1>{BUY}{piece * size}</div>"

    assert growth(page, told, 800) < LINEAR
