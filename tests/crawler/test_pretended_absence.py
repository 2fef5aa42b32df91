"""Pages that say they are gone and are not, and pages that are gone and show other products."""

from pathlib import Path

import pytest

from service.store import open_store

from .test_change import back_date
from .test_commands import Page, crawl, html, links, serving

pytestmark = pytest.mark.slow(10)

WORDS = "ชงดื่มแล้วอุ่นท้อง ทำจากขิงแก่คัดพิเศษ บดละเอียด ไม่ใส่น้ำตาล"
CARDS = "".join(
    f"<div class=card><h3><a href=/product/other{n}>ชาตัวอื่น {n}</a></h3><span class=price>{n}90 บาท</span><button>สั่งซื้อ</button></div>"
    for n in (1, 2)
)


def outcomes(tmp_path: Path, url: str) -> dict[str, list[tuple[str, str]]]:
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        return {
            (row.url or "").removeprefix(url): [(x.outcome, x.how) for x in store.sightings.of(row.id)]
            for row in store.listings.page(limit=50).rows
        }


def shown(name: str) -> Page:
    return html(
        f"<h1>ชาขิง {name}</h1><p class=price>90 บาท</p><div class=description>{WORDS} {name}</div><button>สั่งซื้อ</button>"
    )


def test_what_a_status_or_a_heading_says_is_no_proof_against_the_page_itself(tmp_path: Path) -> None:
    names = ("status", "heading", "really", "cards")
    paths = {name: f"/product/{name}" for name in names}
    pages = {
        "/": html("<h1>ร้าน</h1>" + links(*paths.values(), "/product/never200", "/product/none")),
        **{path: shown(name) for name, path in paths.items()},
        "/product/never200": Page(shown("ไม่เคย").body, status=404),
        "/product/none": Page(html(f"<h1>หาไม่เจอ</h1>{CARDS}").body, status=404),
    }
    with serving(pages) as shop:
        first = crawl(tmp_path, shop.url)
        assert set(outcomes(tmp_path, shop.url)) == {*paths.values(), "/product/never200"}, first.stderr
        pages[paths["status"]] = Page(shown("status").body, status=404)
        pages[paths["heading"]] = html(f"<h1>สินค้านี้ถูกลบแล้ว</h1><div>{WORDS} heading</div>")
        pages[paths["really"]] = Page(html("<h1>สินค้านี้ถูกลบแล้ว</h1>").body, status=404)
        pages[paths["cards"]] = html(f"<h1>สินค้านี้ถูกลบแล้ว</h1><h2>สินค้าแนะนำ</h2>{CARDS}")
        with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
            back_date(store, 30)
        again = crawl(tmp_path, "--due")
        found = outcomes(tmp_path, shop.url)
    assert again.returncode == 0, again.stderr
    still = "but the page still shows the listing's text"
    assert {path: told[1:] for path, told in found.items()} == {
        paths["status"]: [("unclear", f"HTTP 404, {still}")],
        paths["heading"]: [("unclear", f"the page says: สินค้านี้ถูกลบ, {still}")],
        paths["really"]: [("gone", "HTTP 404")],
        paths["cards"]: [("gone", "the page says: สินค้านี้ถูกลบ")],
        "/product/never200": [("unclear", f"HTTP 404, {still}")],
    }
