import pytest
from web_poet import HttpResponse

from crawler.pages.absence import absence, barrier
from crawler.pages.document import PageDocument


def document(
    title: str = "ร้าน", heading: str = "", body: str = "", url: str = "https://shop.example/p/1"
) -> PageDocument:
    page = f"<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{heading}</h1>{body}</body></html>"
    return PageDocument(HttpResponse(url, body=page.encode()))


def said(**fields: str) -> str:
    return absence(document(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"heading": "ไม่พบสินค้าที่ท่านต้องการ"},
        {"title": "404 Not Found"},
        {"body": "<p>ขออภัย ไม่พบหน้าที่คุณค้นหา</p>"},
        {"body": "<p>สินค้านี้ถูกลบโดยผู้ขายแล้ว</p>"},
        {"body": "<p>ประกาศนี้ถูกระงับ</p>"},
        {"body": "<p>This product is no longer available.</p>"},
        {"heading": "The page doesn't exist"},
        {"heading": "404"},
        {"body": "<p>Error 410</p>"},
    ],
)
def test_pages_that_say_that_it_is_gone(fields: dict[str, str]) -> None:
    assert said(**fields)
    assert barrier(document(**fields)) == ""


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


def test_a_menu_with_a_login_is_no_login_wall() -> None:
    menu = "<nav><a href=/login>เข้าสู่ระบบ</a><form><input type=password></form></nav>"
    gone = document(heading="สินค้านี้ถูกลบแล้ว", body=menu)
    assert (absence(gone), barrier(gone)) == ("สินค้านี้ถูกลบ", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"heading": "ชาขิง", "body": "<p>สินค้าหมดชั่วคราว</p>"},
        {"heading": "ยินดีต้อนรับ", "body": "<p>ไม่พบสารปนเปื้อนจากการตรวจ</p>"},
        {"heading": "ชาขิง 404 กรัม", "body": "<p>ราคา 404 บาท</p>"},
        {"heading": "ห้อง 4040", "body": "<p>โทร 081-000-4040</p>"},
        {"heading": "ร้าน", "body": "<p>สินค้าใหม่ทุกวัน</p>" * 200 + "<p>ไม่พบสินค้า แจ้งเราได้</p>"},
    ],
)
def test_pages_that_do_not(fields: dict[str, str]) -> None:
    assert said(**fields) == ""
