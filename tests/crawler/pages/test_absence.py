import pytest
from web_poet import HttpResponse

from crawler.pages.absence import absence, absence_words
from crawler.pages.barrier import barrier
from crawler.pages.document import PageDocument


def document(
    title: str = "ร้าน", heading: str = "", body: str = "", url: str = "https://shop.example/p/1"
) -> PageDocument:
    page = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{heading and f'<h1>{heading}</h1>'}{body}</body></html>"
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
        {"body": "<div><span>ขออภัยค่ะ สินค้าที่ท่านต้องการถูกลบไปแล้วค่ะ</span></div>"},
        {"body": "<div><div>This page was removed.</div><a href=/>Home</a></div>"},
        {"body": "<p>ประกาศนี้ถูกปิดการขายโดยผู้ขายแล้วครับ</p>"},
        {"body": "<p>Sorry, the page you are looking for could not be found.</p>"},
        {"title": "ไม่พบสินค้า | ร้านสาธิต"},
        {"title": "Page not found – Sample shop"},
        {"heading": "ขออภัยค่ะ ไม่พบสินค้า"},
        {"body": "<header><a>ตะกร้า</a></header><p>สินค้านี้ถูกลบแล้ว</p>"},
        {"heading": "Page not found", "body": "<footer>Select your country</footer>"},
        {"heading": "Page not found", "body": "<p>Choose your region</p>"},
        {"heading": "ขออภัย ไม่พบหน้าที่คุณต้องการ", "body": "<p>กรุณาลองค้นหาใหม่อีกครั้ง</p>"},
        {"heading": "Page not found", "body": "<footer><form><input type=password></form></footer>"},
    ],
)
def test_pages_that_say_that_it_is_gone(fields: dict[str, str]) -> None:
    assert said(**fields)
    assert barrier(document(**fields)) == ""


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


@pytest.mark.parametrize(
    "body",
    [
        "<div hidden>ไม่พบสินค้านี้</div>",
        "<div style='display:none'><h1>404</h1></div>",
        "<div class='d-none'><h1>ไม่พบหน้านี้</h1></div>",
        "<template><h1>ไม่พบหน้านี้</h1></template>",
        "<dialog><p>สินค้านี้ถูกลบแล้ว</p></dialog>",
        "<div class='mini-cart'><p>ไม่พบสินค้าในตะกร้า</p></div>",
        "<p>ไม่พบสินค้าในตะกร้า</p>",
        "<p>ไม่พบข้อมูล</p>",
        "<h1>สินค้าถูกลบออกจากตะกร้าแล้ว</h1>",
        "<h1>สินค้าถูกระงับการขายชั่วคราว</h1>",
        "<p>ชาขิงรุ่นก่อนเลิกจำหน่าย รุ่นใหม่เข้มข้นกว่าเดิม</p>",
        "<p>Page not found in cache</p>",
        "<p>Our <b>page not found</b> contest starts today</p>",
        "<footer><p>ไม่พบสินค้าที่ต้องการ? ติดต่อเรา</p></footer>",
        "<p>ไม่พบสินค้าที่ต้องการ? ติดต่อเรา</p>",
        "<p>This product is no longer available in your region.</p>",
        "<h1>ไม่พบข้อมูลการเชื่อมต่อ</h1>",
        "<h1>ไม่พบสินค้าในสาขานี้</h1>",
        "<h1>ไม่พบสินค้าในพื้นที่จัดส่งนี้</h1>",
        "<h1>ไม่พบรายการโปรโมชั่น</h1>",
        "<h1>Product not found in this store</h1>",
        "<h1>ไม่พบสินค้า</h1><p>กรุณาลองค้นหาใหม่อีกครั้ง</p>",
        "<h1>สินค้านี้ถูกระงับ</h1><p>ชั่วคราว</p>",
        "<div><h1>สินค้านี้ถูกระงับ</h1></div><p>ชั่วคราว</p>",
        "<p><b>ไม่พบสินค้านี้</b><span>ในตะกร้าของคุณ</span></p>",
        "<p><b><i>ไม่พบสินค้านี้</i></b><span>ในหมวดนี้</span></p>",
        "<p><span>This product was not found</span> <span>in your list</span></p>",
        "<h2>สินค้านี้ถูกระงับ</h2><p>ชั่วคราว</p>",
        "<p>สินค้านี้ถูกปิดการขาย</p><p>ชั่วคราว</p>",
    ],
)
def test_words_in_passing_are_no_statement_that_the_listing_is_gone(body: str) -> None:
    assert said(body=body) == ""


def test_such_words_still_make_a_product_unlikely() -> None:
    assert absence_words(document(body="<p>ไม่พบสินค้าที่ต้องการ? ติดต่อเรา</p>")) == "ไม่พบสินค้า"


def test_a_title_about_missing_data_is_no_statement_that_the_listing_is_gone() -> None:
    assert said(title="ไม่พบข้อมูล") == ""
    assert said(title="ไม่พบสินค้าในหมวดนี้ | ร้านสาธิต") == ""
