"""Saved pages, each with a file of the expected listing."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages.saved import NotAProduct, listing_from_html
from labels.taxonomy import Platform
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth

SAVED = Path(__file__).parent / "saved"
CASES = sorted(SAVED.glob("*.html"))


@pytest.mark.parametrize("page", CASES, ids=lambda path: path.stem)
def test_a_saved_page_gives_the_expected_listing(page: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    listing = listing_from_html(page.read_bytes())
    found = listing.model_dump(mode="json")
    extra = expected.pop("extra")
    assert {key: found[key] for key in expected} == expected
    assert {key: found["extra"].get(key) for key in extra} == extra


def test_ids_are_stable_and_follow_the_address() -> None:
    html = (SAVED / "json_ld_graph.html").read_bytes()
    first, second = listing_from_html(html), listing_from_html(html)
    assert first.id == second.id
    assert first.id.startswith("shop.example-")
    assert listing_from_html(html, url="https://shop.example/product/else").id != first.id
    assert listing_from_html(html, url="https://shop.example/x/bai-toei-cream?utm_source=a").id == first.id
    assert listing_from_html(html, listing_id="mine").id == "mine"


def test_a_page_without_an_address_has_an_id_from_its_text() -> None:
    html = (SAVED / "several_products.html").read_bytes()
    listing = listing_from_html(html)
    assert listing.url is None
    assert listing.id == listing_from_html(html).id
    assert listing.id.startswith("page-")


@pytest.mark.parametrize("declared", ["tis-620", "windows-874", "iso-8859-11", None])
def test_thai_code_pages(declared: str | None) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    block = '{"@type":"Product","name":"ยาดมสมุนไพร","description":"หอม…เย็น"}'
    html = f'<html><head>{meta}<script type="application/ld+json">{block}</script></head></html>'
    listing = listing_from_html(html.encode("cp874"))
    assert listing.text == "ยาดมสมุนไพร\nหอม…เย็น"


def test_utf_8_with_a_byte_order_mark_and_utf_16() -> None:
    html = '<script type="application/ld+json">{"@type":"Product","name":"เกลือ"}</script>'
    assert listing_from_html(html.encode("utf-8-sig")).title == "เกลือ"
    assert listing_from_html(html.encode("utf-16")).title == "เกลือ"


@pytest.mark.parametrize(
    ("html", "message"),
    [
        (b"", "empty"),
        (b"<h1>\xe0\xb8\x82\xe0\xb9\x88\xe0\xb8\xb2\xe0\xb8\xa7</h1><p>news</p>", "no schema.org Product"),
        (
            b'<script type="application/ld+json">[{"@type":"Product","name":"a1"},'
            b'{"@type":"Product","name":"b2"}]'
            b"</script><h1>all teas</h1>",
            "lists 2 products",
        ),
        (b"\x00\xff\xfe\x00", "not a product page"),
    ],
)
def test_a_page_without_a_product_says_why(html: bytes, message: str) -> None:
    with pytest.raises(NotAProduct, match=message):
        listing_from_html(html)


def test_works_inside_a_running_event_loop() -> None:
    async def inside() -> str | None:
        return listing_from_html((SAVED / "microdata.html").read_bytes()).title

    assert asyncio.run(inside()) == "กาแฟบ้านดิน"


@pytest.mark.costly
def test_the_work_on_a_large_page_is_linear() -> None:
    block = '{"@type":"Product","name":"นม","description":"' + "นมอร่อย " * 30 + '","offers":{"price":1}}'

    def page(size: int) -> bytes:
        filler = '<div class="a"><span data-x="1">ราคา</span><a href="/x">y</a></div>' * size
        return f'<body>{filler}<script type="application/ld+json">{block}</script></body>'.encode()

    assert len(page(6_000)) > 300_000
    assert listing_from_html(page(6_000)).title == "นม"
    assert growth(page, listing_from_html, 2_400) < LINEAR


def test_the_platform_follows_the_host() -> None:
    html = (SAVED / "microdata.html").read_bytes()
    assert listing_from_html(html, url="https://shop.example/p/1").platform is Platform.WEB_SHOP
    assert listing_from_html(html, url="https://shopee.co.th/x-i.1.2").platform is Platform.MARKETPLACE
    assert listing_from_html(html, url="https://notshopee.co.th/x").platform is Platform.WEB_SHOP


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=200))
def test_no_bytes_break_the_reader(noise: bytes, text: str) -> None:
    block = text.encode("utf-8", "replace") + b'{"@type":"Product","name":"x' + noise
    item = b'<div itemscope itemtype="http://schema.org/Product">' + noise
    page = b'<script type="application/ld+json">' + block + b"</script><h1>" + noise + b"</h1>" + item
    with suppress(NotAProduct):
        assert listing_from_html(page).text


@pytest.mark.parametrize(
    "text",
    [
        "กรุณาเข้าสู่ระบบเพื่อดูสินค้านี้ และยอมรับเงื่อนไขการใช้งานของตลาด",
        "ขออภัย สินค้านี้ถูกลบโดยผู้ขายแล้ว ลองค้นหาสินค้าอื่นที่ใกล้เคียงกันได้",
    ],
)
def test_what_a_products_address_shows_in_its_place_is_no_listing(text: str) -> None:
    page = f"<html><head><meta charset=utf-8></head><body><h1>ตลาด</h1><p>{text}</p></body></html>".encode()
    with pytest.raises(NotAProduct):
        listing_from_html(page, url="https://shop.example/product/1")
    with_an_offer = page.replace(b"</body>", "<p>สั่งซื้อ โทร 081-000-0000</p></body>".encode())
    assert listing_from_html(with_an_offer, url="https://shop.example/product/1").title == "ตลาด"


_ITEM = '<div itemscope itemtype="https://schema.org/Product" itemprop="isRelatedTo"><b itemprop=name>ชา</b>'


@pytest.mark.costly
@pytest.mark.parametrize(
    "piece",
    [
        "<div class=price>9 บาท", "<div class=description>ก", "<h1>ก", "<div>", "<div class=price>",
        "<a href='#'><b>ก", "<article class=shop-name>ก", "<p itemprop=description>ก", _ITEM,
        "<script>a={", "<p class=price>" + "1" * 30,
    ],
)  # fmt: skip
def test_the_work_on_elements_inside_one_another_is_linear(piece: str) -> None:
    def page(size: int) -> bytes:
        return f"<meta charset=utf-8><h1>ชา</h1>{piece * size}".encode()

    def read(html: bytes) -> None:
        with suppress(NotAProduct):
            listing_from_html(html, "https://shop.example/product/1")

    assert growth(page, read, 1_200) < LINEAR


def test_a_price_in_several_elements_is_one_number() -> None:
    page = "<meta charset=utf-8><h1>ชา</h1><p class=price><b>1,2</b><i>90</i> <small>บาท</small></p><button>สั่งซื้อ</button>"
    assert listing_from_html(page.encode()).price == "1290"


def test_another_products_and_a_reviews_description_are_not_the_listings() -> None:
    cure = "ชาสมุนไพรอีกชนิดหนึ่ง รักษาเบาหวานให้หายขาด " * 3
    html = f"""<html><meta charset=utf-8><body><main><h1>ชาใบหม่อน</h1><span class="price">฿120</span><button>ใส่ตะกร้า</button>
<div class="product-description">ชาใบหม่อนอบแห้ง หอมอ่อน ชงร้อนหรือเย็น</div>
<div class="related"><div class="card"><div class="card-description">{cure}</div></div></div>
<div class="review-description">{cure}</div><p class="shop-description">{cure}</p></main></body></html>"""
    assert listing_from_html(html.encode(), url="https://shop.example/tea").text.count("หายขาด") == 0


def test_a_product_among_items_nested_without_end_is_read() -> None:
    own = (
        '<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">ชาใบหม่อน</b>'
        '<p itemprop="description">รักษาเบาหวานให้หายขาด</p></div>'
    )
    for around in ("<div>", '<div itemscope itemtype="https://schema.org/WebPage">', _ITEM):
        page = "<meta charset=utf-8><h1>ชาใบหม่อน</h1>" + around * 400 + own + "</div>" * 400
        listing = listing_from_html(page.encode(), url="https://shop.example/tea")
        assert listing.title == "ชาใบหม่อน"
        assert listing.description == "รักษาเบาหวานให้หายขาด"
        assert listing.extra["markup"] == "microdata"


def test_microdata_in_another_place_of_the_page_is_the_items() -> None:
    page = """<meta charset=utf-8><h1>ชาใบหม่อน</h1><div itemscope itemtype="https://schema.org/Product" itemref="a b a missing">
<b itemprop="name">ชาใบหม่อน</b></div><div id="a"><p itemprop="description">หอม<b itemprop="description">อ่อน</b></p>
<p itemscope itemprop="brand"><i itemprop="name">ไร่ชา</i></p></div><meta id="b" itemprop="sku" content="T1">
<div itemscope itemtype="https://schema.org/Offer"><div itemprop="itemOffered" itemscope itemtype="https://schema.org/Product">
<b itemprop="name">อื่น</b></div></div>"""
    listing = listing_from_html(page.encode(), url="https://shop.example/ชาใบหม่อน")
    assert (listing.title, listing.description) == ("ชาใบหม่อน", "หอมอ่อน")
    assert (listing.extra["brand"], listing.extra["sku"]) == ("ไร่ชา", "T1")


def test_a_product_that_another_refers_to_as_related_is_not_the_pages() -> None:
    def product(name: str, more: str = "") -> str:
        kind = 'itemscope itemtype="https://schema.org/Product"'
        return (
            f'<div {kind} {more}><b itemprop="name">{name}</b><p itemprop="description">ของ{name}</p></div>'
        )

    for related in (
        product("ชาขิง", 'itemprop="isRelatedTo" itemref="own"'),  # in a circle
        f'<div itemprop="isRelatedTo" itemscope>{product("ชาขิง", "itemprop=about")}</div>',
    ):
        page = f'<meta charset=utf-8><div id="a">{related}</div>{product("ชาใบหม่อน", "id=own itemref=a")}'
        assert listing_from_html(page.encode(), url="https://shop.example/7").title == "ชาใบหม่อน"


def test_a_property_is_read_where_its_element_shows_no_text() -> None:
    def read(element: str) -> None:
        page = f"""<meta charset=utf-8><div itemscope itemtype="https://schema.org/Product"><b itemprop="name">ชา</b>
<{element} itemprop="description"><script>x</script>รักษา<div>เบาหวาน</div></{element}></div>"""
        listing = listing_from_html(page.encode(), url="https://shop.example/7")
        assert listing.description.split() == ["รักษา", "เบาหวาน"]

    every((("button",), ("select",), ("noscript",), ("span",)), read)


def test_data_that_refer_to_themselves_or_nest_deep_cost_no_listing() -> None:
    name = '{"name":' * 200 + '"x"' + "}" * 200
    lists = "[" * 300 + "]" * 300
    many = ",".join(['{"@id":"x"}'] * 300)
    loops = f'{{"@id":"x","brand":[{many}],"model":[{many}]}}'
    for data in (f'"brand":{name}', f'"image":{lists}', f'"brand":{{"@id":"x"}}}},{loops},{{"a":1'):
        block = f'[{{"@type":"Product","name":"ชา","description":"หอม",{data}}}]'
        page = f'<meta charset=utf-8><script type="application/ld+json">{block}</script>'
        assert listing_from_html(page.encode()).title == "ชา"


def test_a_word_that_only_ends_like_the_name_of_another_hides_no_description() -> None:
    html = """<meta charset=utf-8><h1>ชาใบหม่อน</h1><span class="price">฿120</span><button>ใส่ตะกร้า</button>
<div class="workshop-description">รักษาเบาหวานให้หายขาด</div>"""
    assert "หายขาด" in listing_from_html(html.encode(), url="https://shop.example/tea").text


_PRODUCT = "itemscope itemtype=https://schema.org/Product"


@pytest.mark.costly
@pytest.mark.parametrize(
    "made",
    [
        lambda n: f"<div itemprop=name {_PRODUCT}><i itemprop=name>" * n + "<br>" * 60 * n,
        lambda n: f"<div itemscope itemprop='{'a ' * 400 * n}'>" + "<b itemscope itemprop=x></b>" * 8 * n,
    ],
)
def test_the_work_on_items_of_microdata_is_linear(made: Callable[[int], str]) -> None:
    def page(size: int) -> bytes:
        return f"<meta charset=utf-8><h1>ชา</h1><div {_PRODUCT}>{made(size)}".encode()

    def read(html: bytes) -> None:
        with suppress(NotAProduct):
            listing_from_html(html, "https://shop.example/product/1")

    assert growth(page, read, 160) < LINEAR


def _post(address: str, head: str = "") -> bytes:
    text = "<h1>สมุนไพร</h1><p>รักษาเบาหวานหายขาด กล่องละ 590 บาท ทักไลน์ @demo-herb สั่งซื้อได้ทุกวัน</p>"
    return (
        f"<!DOCTYPE html>\n<!-- saved from url={address} -->\n<html><meta charset=utf-8>{head}{text}".encode()
    )


def test_a_saved_page_has_the_address_that_the_browser_wrote_into_it() -> None:
    one, two = (_post(f"(0052)https://www.facebook.com/permalink.php?story_fbid={n}") for n in (1, 2))
    first, second = listing_from_html(one), listing_from_html(two)
    assert first.url == "https://www.facebook.com/permalink.php?story_fbid=1"
    assert first.platform is Platform.FACEBOOK
    assert first.id != second.id
    declared = _post("(0020)https://a.example/b", "<link rel=canonical href=https://a.example/c>")
    assert listing_from_html(declared).url == "https://a.example/c"
    assert listing_from_html(one, url="https://a.example/d").url == "https://a.example/d"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("facebook.com/herb/posts/pfbid0x?__cft__[0]=AZX&__tn__=%2CO", "facebook.com/herb/posts/pfbid0x"),
        ("facebook.com/permalink.php?__cft__%5b0%5d=A&story_fbid=1&mibextid=Z", "facebook.com/permalink.php?story_fbid=1"),
        ("facebook.com/groups/12/permalink/34/", "facebook.com/groups/12/permalink/34/"),
        ("facebook.com/share/p/1Ab", "facebook.com/share/p/1Ab"),
        ("facebook.com/marketplace/item/12/", "facebook.com/marketplace/item/12/"),
        ("instagram.com/p/Cx-1/?igsh=abc", "instagram.com/p/Cx-1/"),
        ("tiktok.com/@herb/video/12", "tiktok.com/@herb/video/12"),
        ("x.com/herb/status/12", "x.com/herb/status/12"),
        ("youtube.com/watch?v=a1", "youtube.com/watch?v=a1"),
        ("tiktok.example/home", "tiktok.example/home"),
    ],
)  # fmt: skip
def test_a_post_has_one_address_each_time_it_is_saved(address: str, url: str) -> None:
    assert listing_from_html(_post(f"(0099)https://{address}")).url == f"https://{url}"


@pytest.mark.parametrize(
    "address",
    [
        "(0014)about:internet", "(0020)file:///C:/post.html", "https://a.example/b", "(0020)https:// a.example", "(0012)https://[bad",
        # Posts saved from a list that changes differ by their text alone.
        "(0025)https://www.facebook.com/", "(0036)https://m.facebook.com/home.php?sk=h", "(0018)https://x.com/home",
        "(0035)https://www.facebook.com/groups/12/", "(0034)https://www.facebook.com/shop.herb",
        "(0041)https://www.facebook.com/p/Shop-Herb-1000/", "(0044)https://www.facebook.com/search/posts/?q=herb",
        "(0041)https://www.instagram.com/herb.shop/reels/",
    ],
)  # fmt: skip
def test_what_names_no_page_is_no_address(address: str) -> None:
    assert listing_from_html(_post(address)).url is None


_PROFILE = "https://www.facebook.com/shop.herb"


@pytest.mark.parametrize(
    "head",
    [
        f"<link rel=canonical href={_PROFILE}>",
        f"<meta property=og:url content={_PROFILE}?__tn__=x>",
        f'<script type="application/ld+json">{{"@type":"Product","name":"สมุนไพร","url":"{_PROFILE}"}}</script>',
    ],
    ids=["canonical", "open-graph", "json-ld"],
)
def test_posts_saved_from_one_profile_do_not_share_its_address(head: str) -> None:
    one = _post("about:internet", head)
    first, second = (listing_from_html(x) for x in (one, one.replace(b"590", b"790")))
    assert (first.url, second.url) == (None, None)
    assert first.id != second.id
    assert listing_from_html(one, url=_PROFILE).url == _PROFILE


def test_a_post_saved_from_a_profile_keeps_its_platform_and_the_address_that_names_it() -> None:
    declared = f"<link rel=canonical href={_PROFILE}>"
    assert listing_from_html(_post("about:internet", declared)).platform is Platform.FACEBOOK
    assert listing_from_html(_post(f"(0034){_PROFILE}")).platform is Platform.FACEBOOK
    marked = _post(f"(0046){_PROFILE}/posts/1?__tn__=x", declared)
    assert listing_from_html(marked).url == f"{_PROFILE}/posts/1"
