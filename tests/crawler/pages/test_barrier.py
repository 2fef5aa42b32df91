import pytest

from crawler.pages.barrier import barrier
from tests.every import every

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


def test_the_text_of_an_advertisement_is_none() -> None:
    texts = (
        "หายใจติดขัด ไม่หาย ลองดูค่ะ ชาขิงสูตรใหม่",
        "For blocked pores and dry areas. Apply to certain areas only.",
        "ผลิตในประเทศไทย ส่งจากพื้นที่ใกล้เคียง",
    )
    every(((text,) for text in texts), none_must_be)


def none_must_be(text: str) -> None:
    assert barrier(document(body=f"<p>{text}</p>")) == ""
