"""Pictures in the descriptions of shops' own interfaces, which often hold the whole advertisement."""

from crawler.records.shopify import shopify_product
from crawler.records.woocommerce import woocommerce_product

SHOP = "https://shop.example"
HTML = (
    "<p>ชา</p><img src='https://cdn.example/claim.jpg'><img src='/up/table.jpg'><img src='http://[bad'>"
    "<img src='https://shop.example/a-300x300.jpg'>"
)
FOUND = [f"{SHOP}/a.jpg", "https://cdn.example/claim.jpg", f"{SHOP}/up/table.jpg"]


def test_woocommerce() -> None:
    record = {"permalink": f"{SHOP}/p/1", "name": "ชา", "images": [{"src": f"{SHOP}/a.jpg"}]}
    for field in ("short_description", "description"):
        product = woocommerce_product({**record, field: HTML}, SHOP)
        assert [x.url for x in product.images or []] == FOUND
    assert [x.url for x in woocommerce_product(record, SHOP).images or []] == FOUND[:1]


def test_shopify() -> None:
    record = {"handle": "tea", "title": "ชา", "images": [{"src": f"{SHOP}/a.jpg"}]}
    product = shopify_product({**record, "body_html": HTML}, SHOP, "THB")
    assert [x.url for x in product.images or []] == FOUND
    assert [x.url for x in shopify_product(record, SHOP, "THB").images or []] == FOUND[:1]
