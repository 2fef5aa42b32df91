import pytest

from crawler.pages.absence import absence
from crawler.pages.barrier import barrier
from crawler.pages.product import ShopProductPage
from tests.helpers.every import every
from tests.helpers.growth import LINEAR, growth

from .test_absence import document


@pytest.mark.parametrize(
    "fields",
    [
        {"heading": "กรุณาเข้าสู่ระบบ", "body": "<p>สินค้านี้ถูกลบหรือไม่ เข้าสู่ระบบเพื่อดู</p>"},
        {"title": "เข้าสู่ระบบ | ตลาด"},
        {"title": "Log in to continue"},
        {"body": "<form><p>Please sign in to see this item.</p><input type=password></form>"},
        {"url": "https://shop.example/buyer/login?next=/p/1", "heading": "ยินดีต้อนรับ"},
        {"url": "https://shop.example/verify/traffic", "heading": "ไม่พบสินค้า"},
        {"title": "Just a moment..."},
        {"body": "<script>window._cf_chl_opt = {}</script><p>Not found</p>"},
        {"body": "<script src=https://geo.captcha-delivery.com/c.js></script>"},
        {"body": "<p>โปรดยืนยันว่าคุณไม่ใช่หุ่นยนต์</p>"},
        {"heading": "เลื่อนเพื่อยืนยัน"},
        {"title": "Access Denied", "body": "<p>The page was not found or you have been blocked</p>"},
        {"body": "<p>We have detected unusual traffic from your network.</p>"},
        {"title": "503 Service Unavailable"},
    ],
)
def test_a_page_that_stands_before_another_is_told_from_one_that_is_gone(fields: dict[str, str]) -> None:
    assert barrier(document(**fields))


def test_failures_limits_and_blocks_by_country_are_barriers() -> None:
    every(((text,) for text in FAILURES), barrier_must_be)


def barrier_must_be(text: str) -> None:
    assert barrier(document(body=f"<p>{text}</p>"))


FAILURES = (
    "ระบบขัดข้อง ไม่พบข้อมูล กรุณาลองใหม่อีกครั้ง",
    "เกิดข้อผิดพลาด โปรดทำรายการใหม่อีกครั้ง",
    "ไม่พบหน้าที่ค้นหา โปรดลองอีกครั้งในภายหลัง",
    "โหลดข้อมูลสินค้าไม่สำเร็จ",
    "สินค้านี้ไม่มีจำหน่ายในประเทศของท่าน",
    "IP ของคุณถูกบล็อก",
    "You have been rate limited. Page not found in cache",
    "Your IP has been blocked. This page was removed for your region",
    "This product is no longer available in your region.",
    "This product is not available in some countries",
    "Your country is not supported",
    "Product not found. We do not ship to your country",
    "Something went wrong. Please try again later.",
    "Error 503: product not found",
)


def test_a_password_field_of_the_page_itself_is_a_login_wall() -> None:
    form = "<form><label>รหัสผ่าน<input type=password></label></form>"
    assert barrier(document(heading="สมาชิก", body=f"<main>{form}</main>"))
    for around in (
        f"<nav>{form}</nav>",
        f"<header>{form}</header>",
        f"<div hidden>{form}</div>",
        f"<div style='display: none'>{form}</div>",
        f"<div class=login-modal>{form}</div>",
        f"<dialog>{form}</dialog>",
    ):
        assert barrier(document(heading="ชาขิง", body=around)) == "", around


@pytest.mark.parametrize(
    "around",
    [
        "<header><div id=login-form class=x><p>กรุณาเข้าสู่ระบบ</p><form><input type=password></form></div></header>",
        "<div id=top><div id=login-form style='display:none'><p>กรุณาเข้าสู่ระบบ</p><input type=password></div></div>",
        "<div id=top><div id=login-form hidden><h1>เข้าสู่ระบบ</h1><input type=password></div></div>",
        "<nav>เข้าสู่ระบบเพื่อรับคูปอง</nav>",
    ],
)
def test_a_login_form_beside_what_the_page_shows_is_none(around: str) -> None:
    shown = (
        "<h1>ชาขิงผง</h1><div class=product-description>ชงดื่มแล้วอุ่นท้อง ทำจากขิงแก่คัดพิเศษ บดละเอียด ไม่ใส่น้ำตาล</div>"
    )
    page = document(title="ชาขิงผง", body=f"{around}{shown}")
    assert barrier(page) == ""
    product = ShopProductPage(response=page.response, document=page)
    assert product.facts is not None
    assert product.facts.name == "ชาขิงผง"
    assert "อุ่นท้อง" in product.facts.description
    gone = document(heading="สินค้านี้ถูกลบแล้ว", body=around)
    assert (barrier(gone), absence(gone)) == ("", "สินค้านี้ถูกลบ")


def test_a_failure_that_the_header_reports_is_one() -> None:
    page = document(heading="ไม่พบสินค้า", body="<header><p>ระบบขัดข้องชั่วคราว</p></header>")
    assert barrier(page) == "ระบบขัดข้อง"


def test_a_failure_that_a_footer_or_an_aside_reports_is_one() -> None:
    every((("footer",), ("aside",)), frame_must_report)


def frame_must_report(tag: str) -> None:
    assert (
        barrier(document(heading="ไม่พบสินค้า", body=f"<{tag}>Too many requests</{tag}>")) == "Too many requests"
    )
    usual = (
        f"<{tag}>เข้าสู่ระบบเพื่อรับคูปอง We ship to all countries in your region. Protected by reCAPTCHA</{tag}>"
    )
    assert barrier(document(heading="ไม่พบสินค้า", body=usual)) == ""


def test_frames_within_frames_are_read_once() -> None:
    assert growth(lambda n: document(body="<footer>" * n), barrier, 1_200) < LINEAR


def test_the_header_of_a_section_belongs_to_the_page() -> None:
    every(((tag,) for tag in ("main", "article", "section")), section_must_be_read)


def section_must_be_read(tag: str) -> None:
    wall = "<header><h2>กรุณาเข้าสู่ระบบเพื่อดูสินค้า</h2></header>"
    gone = "<p>ไม่พบสินค้านี้</p>"
    assert barrier(document(body=f"<{tag}>{wall}{gone}</{tag}>")) == "กรุณาเข้าสู่ระบบ"
    hidden = f"<{tag} hidden></{tag}>"
    for body in (f"{wall}<{tag}>{gone}</{tag}>", f"<{tag}></{tag}>{hidden}{wall}{gone}"):
        assert barrier(document(body=body)) == "", body


def test_the_text_of_an_advertisement_is_none() -> None:
    texts = (
        "หายใจติดขัด ไม่หาย ลองดูค่ะ ชาขิงสูตรใหม่",
        "For blocked pores and dry areas. Apply to certain areas only.",
        "ผลิตในประเทศไทย ส่งจากพื้นที่ใกล้เคียง",
    )
    every(((text,) for text in texts), none_must_be)


def none_must_be(text: str) -> None:
    assert barrier(document(body=f"<p>{text}</p>")) == ""
