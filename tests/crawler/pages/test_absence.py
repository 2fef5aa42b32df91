import pytest
from web_poet import HttpResponse

from crawler.pages.absence import absence
from crawler.pages.document import PageDocument


def said(title: str = "ร้าน", heading: str = "", body: str = "") -> str:
    page = f"<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{heading}</h1>{body}</body></html>"
    return absence(PageDocument(HttpResponse("https://shop.example/p/1", body=page.encode())))


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
    ],
)
def test_pages_that_say_that_it_is_gone(fields: dict[str, str]) -> None:
    assert said(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"heading": "ชาขิง", "body": "<p>สินค้าหมดชั่วคราว</p>"},
        {"heading": "ยินดีต้อนรับ", "body": "<p>ไม่พบสารปนเปื้อนจากการตรวจ</p>"},
        {"heading": "ห้อง 4040", "body": "<p>โทร 081-000-4040</p>"},
        {"heading": "ร้าน", "body": "<p>สินค้าใหม่ทุกวัน</p>" * 200 + "<p>ไม่พบสินค้า แจ้งเราได้</p>"},
    ],
)
def test_pages_that_do_not(fields: dict[str, str]) -> None:
    assert said(**fields) == ""
