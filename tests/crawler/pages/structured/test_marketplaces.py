"""Saved product pages of marketplaces, each with a file of the expected results."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages.saved import NotAProduct, listing_from_html
from crawler.pages.structured.embedded import embedded_states
from tests.helpers.growth import LINEAR, growth

SAVED = Path(__file__).parent / "marketplaces"
CASES = sorted(SAVED.glob("*.html"))


@pytest.mark.parametrize("page", CASES, ids=lambda path: path.stem)
def test_a_marketplaces_page_gives_the_expected_listing(page: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    listing = listing_from_html(page.read_bytes())
    holds = expected.pop("holds")
    found = listing.model_dump(mode="json")
    assert {key: found[key] for key in expected} == expected
    assert [part for part in holds if part not in listing.text] == []


def test_another_products_data_is_not_taken() -> None:
    others = [{"name": f"สินค้า {n}", "description": "รายละเอียดยาวพอสมควรของสินค้า", "price": n} for n in (1, 2)]
    state = json.dumps({"recommended": others})
    html = f'<h1>ข่าวประจำวัน</h1><script type="application/json">{state}</script>'
    with pytest.raises(NotAProduct):
        listing_from_html(html.encode())


@pytest.mark.parametrize(
    "text",
    [
        '<script type="application/json">{"a": </script>',
        '<script type="application/json">[[[[',
        "<script>window.__STATE__ = {" + '"a":{' * 5_000,
        "<script>var x = {}</script>",
    ],
)
def test_broken_states_are_left_out(text: str) -> None:
    assert embedded_states(text) == []


@pytest.mark.parametrize("piece", ["window.__STATE__={};", 'JSON.parse("{'])
def test_many_openings_are_read_in_linear_time(piece: str) -> None:
    assert growth(lambda n: piece * n, embedded_states, 32_000) < LINEAR


@pytest.mark.parametrize("size", [900, 5_000, 70_000, 1_100_000])
def test_a_state_is_read_however_long_it_is(size: int) -> None:
    state = {"a": "ก" * size, "b": [True, -1.5e300, "\\"] * 9}
    assert embedded_states(f"<script>window.a = {json.dumps(state, ensure_ascii=False)};b({{}})") == [state]


WORDS = [
    "itemid",
    "item_id",
    "shopid",
    "shop_id",
    "title",
    "name",
    "description",
    "price",
    "product",
    "skuInfos",
    "seller",
    "product_base",
    "product_id",
    "images",
    "attributes",
    "desc_detail",
    "brand",
    "account",
    "priceCurrency",
    "salePrice",
    "specifications",
    "skuGalleries",
    "currency",
    "value",
]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "ยา", "[", "x" * 30, "12 บาท"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=8),
    max_leaves=30,
)


@pytest.mark.slow(10)
@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(WORDS), anything, min_size=3))
def test_no_shape_of_embedded_data_costs_the_page(state: dict[str, Any]) -> None:
    block = '{"@type":"Product","name":"ชาขิง","description":"หอม"}'
    scripts = f'<script type="application/json">{json.dumps({"pad": "x" * 80, "item": state})}</script>'
    html = f'<script type="application/ld+json">{block}</script>{scripts}<h1>ชาขิง</h1>'
    assert listing_from_html(html.encode("utf-8", "replace")).title == "ชาขิง"


def test_of_several_items_in_a_page_that_of_its_address_is_read() -> None:
    def entry(number: int) -> dict[str, object]:
        item = {
            "item_id": number,
            "shop_id": 11,
            "title": f"ชา {number}",
            "description": "ชงดื่ม",
            "price": 9_000_000,
        }
        return {"item": item, "product_review": {}}

    cached = {f"11/{n}": entry(n) for n in (21, 22, 23)}
    data = {"initialState": {"DOMAIN_PDP": {"data": {"PDP_BFF_DATA": {"cachedMap": cached}}}}}
    page = f'<script type="text/mfe-initial-data">{json.dumps(data)}</script>'
    for number in (22, 23, 21):
        assert (
            listing_from_html(page.encode(), f"https://shopee.co.th/cha-i.11.{number}").title
            == f"ชา {number}"
        )


@pytest.mark.parametrize(
    ("prices", "stored"),
    [
        ({"price": 590, "discountedPrice": 390}, "390.00"),
        ({"price": "590", "special_price": {"value": "390"}}, "390"),
        ({"price": 590, "specialPrice": "฿390"}, "390"),
        ({"discounted_price": 390}, "390.00"),
        ({"price": 590, "discountedPrice": 0, "salePrice": "0.00"}, "590.00"),
        ({"price": 590, "specialPrice": None}, "590.00"),
    ],
)
def test_the_reduced_price_is_stored_not_the_crossed_out_one(prices: dict[str, Any], stored: str) -> None:
    state = {"product": {"name": "ชาขิง", "description": "ชงดื่มวันละแก้วหลังอาหารเช้า", **prices}}
    html = f'<h1>ชาขิง</h1><script type="application/json">{json.dumps(state)}</script>'
    assert listing_from_html(html.encode()).price == stored
