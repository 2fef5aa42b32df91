"""Shops on loopback: Shopify and WooCommerce by their JSON, a Thai shop builder by markup and sitemap, a sales page
without any markup.  Quirks: 430/429 with Retry-After, prices in satang, a password page with status 200."""

from contextlib import AbstractContextManager
from typing import Any

from .base import Answer, Asked, Platform, serving

TEXT = {"Content-Type": "text/plain"}
XML = {"Content-Type": "application/xml"}


def shopify_product(number: int, title: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": title,
        "handle": f"item-{number}",
        "body_html": body,
        "vendor": "ร้านชอปปิฟายตัวอย่าง",
        "product_type": "อาหารเสริม",
        "tags": ["ลดน้ำหนัก", "ของแท้"],
        "variants": [
            {"id": 1, "title": "Default Title", "price": "790.00", "sku": f"S{number}", "available": True}
        ],
        "images": [{"src": f"https://cdn.shopify.example/{number}.jpg"}],
        "options": [{"name": "Title", "values": ["Default Title"]}],
        **more,
    }


SHOPIFY = {
    "1": [
        shopify_product(
            1, "แคปซูลเพรียวไว", "<p>ลดพุงใน 7 วัน &amp; ไม่อันตราย ✅</p><ul><li>อย. 10-1-00000-5-0001</li></ul>"
        ),
        shopify_product(
            2,
            "ชาสมุนไพร",
            "",
            variants=[{"price": "120.00", "available": False}, {"price": "99.00", "available": False}],
        ),
        {"id": 3, "title": "ไม่มีแฮนเดิล"},
    ],
    "2": [shopify_product(4, "สบู่ขมิ้น", "<div>ฟอกผิวให้ชุ่มชื่น</div>")],
    "3": [],
}


def shopify(platform: Platform, asked: Asked) -> Answer:
    if asked.path == "/robots.txt":
        return Answer("User-agent: *\nDisallow: /cart\nDisallow: /collections/private/\n", headers=TEXT)
    if asked.path == "/products.json":
        page = asked.query["page"]
        if page == "2" and platform.first("limit"):
            return Answer("Too many requests", 429, {"Retry-After": "0"})
        return Answer({"products": SHOPIFY[page]})
    if asked.path == "/collections/private/products.json":
        return Answer({"products": SHOPIFY["1"]})
    return Answer("<html><body>ใส่รหัสผ่านเพื่อเข้าร้าน</body></html>")


def woo_product(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "permalink": f"https://woo.example/product/p{number}/",
        "sku": f"W{number}",
        "short_description": "<p>หน้าขาวใส<br />ใน 3 วัน</p>",
        "description": "<p>ครีมสูตรเร่งด่วน ✨ เลขที่จดแจ้ง 10-1-6400000001</p>",
        "prices": {"price": "159000", "currency_code": "THB", "currency_minor_unit": 2},
        "images": [{"src": f"https://woo.example/{number}.jpg"}],
        "categories": [{"name": "ครีม &amp; เซรั่ม"}],
        "attributes": [{"name": "ขนาด", "terms": [{"name": "30 กรัม"}]}],
        "is_in_stock": True,
        **more,
    }


def woocommerce(platform: Platform, asked: Asked) -> Answer:
    if asked.path == "/robots.txt":
        return Answer("User-agent: *\nDisallow: /wp-admin/\n", headers=TEXT)
    if asked.path == "/wp-json/wc/store/v1/products":
        pages = {
            "1": [woo_product(1, "ครีมหน้าใส &#8211; สูตรเข้ม")],
            "2": [
                woo_product(
                    2, "เซรั่มเยน", prices={"price": "350", "currency_code": "JPY", "currency_minor_unit": 0}
                )
            ],
        }
        return Answer(pages.get(asked.query["page"], []))
    if asked.path == "/moved/wp-json/wc/store/v1/products":
        moved = f"{platform.url}/new/wp-json/wc/store/v1/products?page={asked.query['page']}&per_page=100"
        return Answer("", 301, {"Location": moved})
    if asked.path == "/new/wp-json/wc/store/v1/products":
        return Answer([woo_product(7, "โลชั่นย้ายบ้าน")] if asked.query["page"] == "1" else [])
    if asked.path == "/old/wp-json/wc/store/v1/products":
        return Answer(
            {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}}, 404
        )
    return Answer("not found", 404)


def builder_product(number: int, name: str, price: str, text: str) -> str:
    """Markup of the kind that Thai shop builders render: OpenGraph without a price, a table of facts, a block of text."""
    return (
        f'<html><head><meta charset="utf-8"><title>{name} : Inspired by ShopBuilder</title>'
        f'<meta property="og:title" content="{name}"><meta property="og:type" content="website">'
        f'<meta property="og:site_name" content="ร้านยาดองตัวอย่าง"><meta property="og:image" content="https://builder.example/{number}.jpg">'
        f'</head><body><nav><a href="/">หน้าแรก</a></nav><h1 class="headerText">{name}</h1>'
        f'<table class="product-spec"><tr><td>รหัสสินค้า</td><td>B{number}</td></tr><tr><td>ราคา</td><td class="price">{price} บาท</td></tr></table>'
        f'<button>หยิบลงตะกร้า</button><div class="productDetail"><p>{text}</p></div>'
        f'<div id="related"><a href="/product/99/other">สินค้าอื่น 20 บาท</a></div></body></html>'
    )


def builder(platform: Platform, asked: Asked) -> Answer:
    root = platform.url
    pages = {
        "/": '<html><body><h1>ร้านยาดองตัวอย่าง</h1><a href="/category/1/ยาดอง">ยาดอง</a></body></html>',
        "/product/1/yadong": builder_product(1, "ยาดองกระทิงโทน", "350", "บำรุงกำลังท่านชาย อึดทน 🐂 เห็นผลคืนแรก"),
        "/product/2/balm": builder_product(2, "ยาหม่องตะไคร้", "45", "ทาถูนวด แก้แมลงกัดต่อย"),
        "/sale/fit": (
            "<html><head><title>หุ่นสวย</title></head><body><header>เมนู หน้าแรก ติดต่อ</header>"
            "<h1>กาแฟลดหิวหุ่นสวย</h1><p>ดื่มวันละซอง ผอมไวใน 5 วัน ☕️</p><p>โปรวันนี้ 3 กล่อง 990 บาท เก็บเงินปลายทาง</p>"
            "<p>ทักไลน์ @demo-slim หรือโทร 081-000-1234</p><img src='/fit.jpg'><footer>© ร้านตัวอย่าง</footer></body></html>"
        ),
        "/about": "<html><head><title>เกี่ยวกับเรา</title></head><body><h1>เกี่ยวกับเรา</h1><p>ร้านเราเปิดมานานตั้งแต่รุ่นคุณตา ขอบคุณลูกค้าทุกท่านที่แวะมาเยี่ยมชมร้านของเรา</p></body></html>",
    }
    if asked.path == "/robots.txt":
        return Answer("User-agent: *\nDisallow: /member\n", headers=TEXT)
    if asked.path == "/sitemap.xml":
        return Answer(
            f"<sitemapindex><sitemap><loc>{root}/sitemap_product.xml</loc></sitemap></sitemapindex>".encode(),
            headers=XML,
        )
    if asked.path == "/sitemap_product.xml":
        paths = ["/product/1/yadong", "/product/2/balm", "/sale/fit", "/about", "/product/3/gone"]
        return Answer(
            ("<urlset>" + "".join(f"<url><loc>{root}{x}</loc></url>" for x in paths) + "</urlset>").encode(),
            headers=XML,
        )
    return Answer(pages[asked.path]) if asked.path in pages else Answer("<h1>ไม่พบสินค้า</h1>", 404)


def serving_shopify() -> AbstractContextManager[Platform]:
    return serving(shopify)


def serving_woocommerce() -> AbstractContextManager[Platform]:
    return serving(woocommerce)


def serving_builder() -> AbstractContextManager[Platform]:
    return serving(builder)
