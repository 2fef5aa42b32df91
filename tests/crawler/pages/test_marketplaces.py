"""Saved product pages of marketplaces, each with what is expected of it beside it."""

import json
from pathlib import Path

import pytest

from crawler.pages.embedded import embedded_states
from crawler.pages.saved import NotAProduct, listing_from_html

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
