"""The selling price of a page: not the crossed-out one, nor a zero, and shown where the markup has none."""

import json

import pytest

from crawler.pages.saved import listing_from_html
from labels.schema import Listing

URL = "https://shop.example/product/5"


def read(body: str, **data: object) -> Listing:
    block = json.dumps({"@type": "Product", "name": "ชา", "description": "ชาขิงผง หอมเข้ม", **data})
    markup = f'<script type="application/ld+json">{block}</script>' if data else ""
    return listing_from_html(f"<meta charset=utf-8>{markup}<h1>ชา</h1>{body}".encode(), URL)


@pytest.mark.parametrize(
    "shown",
    [
        "<p class=price><del>฿1,290.00</del> <ins>฿590.00</ins></p>",
        "<p><del><span class=price>฿1,290.00</span></del> <span class=price>฿590.00</span></p>",
        "<p>ราคา <s>1,290.00 บาท</s> 590.00 บาท</p>",
        "<p class=price><strike>฿1,290.00</strike></p><p class=price>฿590.00</p>",
    ],
)
def test_a_crossed_out_price_is_not_the_price(shown: str) -> None:
    assert read(f"{shown}<button>สั่งซื้อ</button>").price == "590.00"


@pytest.mark.parametrize(
    "offers",
    [
        [{"price": "0"}, {"price": "590"}],
        {"price": "0.00", "lowPrice": "590"},
        {"@type": "AggregateOffer", "price": 0, "offers": [{"price": "590"}]},
    ],
)
def test_a_zero_is_no_price_where_there_is_another(offers: object) -> None:
    assert read("", offers=offers).price == "590"
    assert read("", offers={"price": "0"}).price == "0"


def test_a_group_of_variants_has_their_price_seller_and_description() -> None:
    offer = {"price": "290", "priceCurrency": "THB", "seller": {"name": "ร้าน ก"}}
    variants = [
        {"@type": "Product", "name": f"ชา {size}", "description": "ชาขิงผง รักษาหวัด", "offers": offer}
        for size in ("เล็ก", "ใหญ่")
    ]
    group = {"@type": "ProductGroup", "description": None, "hasVariant": variants}
    listing = read("<p class=price>฿290</p>", **group)
    assert (listing.title, listing.description) == ("ชา", "ชาขิงผง รักษาหวัด")
    assert (listing.price, listing.currency, listing.seller) == ("290", "THB", "ร้าน ก")


def test_a_shown_price_counts_where_the_markup_has_none() -> None:
    listing = read("<p class=price>฿590.00</p>", sku="1")
    assert (listing.price, listing.currency) == ("590.00", "THB")
    others = "<div class=related><p class=price>฿990</p></div><a href=/6><span class=price>฿990</span></a>"
    assert read(others, sku="1").price is None
